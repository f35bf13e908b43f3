"""Which access tokens are believed, and which are not."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.jwt import KeyRing, SigningKey
from domain.accounts.ports import AccessClaims
from domain.errors import Unauthenticated
from tests.support.clock import NOON, StandingClock

SECRET = b"0f5e9c3ab7d14e628a7bd8a6c1e2f394"
RSA_KEY = generate_private_key(65537, 2048)
ED_KEY = Ed25519PrivateKey.generate()


def rsa(kid: str, key: RSAPrivateKey = RSA_KEY) -> SigningKey:
    return SigningKey(kid, "RS256", verifies=key.public_key(), signs=key, secret=b"r")


HS = SigningKey("hs", "HS256", verifies=SECRET, signs=SECRET, secret=SECRET)
RS = rsa("rs")
ED = SigningKey("ed", "EdDSA", verifies=ED_KEY.public_key(), signs=ED_KEY, secret=b"e")

CLAIMS = AccessClaims(UUID(int=1), UUID(int=2), UUID(int=3), NOON, NOON + timedelta(minutes=30))


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


def ring(clock: StandingClock, *keys: SigningKey, audience: str = "tmw", issuer: str = "tmw") -> KeyRing:
    return KeyRing(keys or [HS], audience=audience, issuer=issuer, clock=clock)


def refused(keys: KeyRing, token: str) -> None:
    with pytest.raises(Unauthenticated):
        keys.read(token)


def forged(headers: dict[str, Any] | None = None, key: Any = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    """A good token but for the changes; None takes a claim away."""
    payload = {
        "iss": "tmw",
        "aud": "tmw",
        "sub": str(CLAIMS.user_id),
        "sid": str(CLAIMS.session_id),
        "jti": str(CLAIMS.token_id),
        "iat": NOON.timestamp(),
        "nbf": NOON.timestamp(),
        "exp": CLAIMS.expires_at.timestamp(),
    }
    payload = {name: value for name, value in {**payload, **changes}.items() if value is not None}
    return jwt.encode(payload, key, algorithm, {"kid": "hs", "typ": "at+jwt", **(headers or {})})


def b64(data: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


@pytest.mark.parametrize("key", [HS, RS, ED], ids=lambda key: key.algorithm)
def test_each_kind_of_key_reads_what_it_signed(key: SigningKey, clock: StandingClock) -> None:
    keys = ring(clock, key)
    token = keys.sign(CLAIMS)

    assert keys.read(token) == CLAIMS
    assert jwt.get_unverified_header(token) == {"alg": key.algorithm, "kid": key.kid, "typ": "at+jwt"}


def test_the_unchanged_forgery_is_good_so_that_the_changes_are_what_is_refused(clock: StandingClock) -> None:
    assert ring(clock).read(forged()) == CLAIMS


def test_a_token_carries_no_role(clock: StandingClock) -> None:
    payload = jwt.decode(ring(clock).sign(CLAIMS), options={"verify_signature": False})
    assert sorted(payload) == ["aud", "exp", "iat", "iss", "jti", "nbf", "sid", "sub"]


def test_the_first_key_signs_and_all_verify(clock: StandingClock) -> None:
    old, new = ring(clock, HS), ring(clock, ED, HS)

    assert jwt.get_unverified_header(new.sign(CLAIMS))["kid"] == "ed"
    assert new.read(old.sign(CLAIMS)) == CLAIMS


def test_a_key_that_was_taken_out_verifies_no_more(clock: StandingClock) -> None:
    refused(ring(clock, ED), ring(clock, HS).sign(CLAIMS))


def test_a_retired_key_needs_only_its_public_half(clock: StandingClock) -> None:
    public = SigningKey("rs", "RS256", verifies=RSA_KEY.public_key(), signs=None, secret=None)
    assert ring(clock, HS, public).read(ring(clock, RS).sign(CLAIMS)) == CLAIMS


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_an_unsigned_token_is_refused(algorithm: str, clock: StandingClock) -> None:
    _, payload, signature = forged().split(".")
    for end in ("", signature):
        refused(ring(clock), f"{b64({'alg': algorithm, 'kid': 'hs', 'typ': 'at+jwt'})}.{payload}.{end}")


def test_a_public_key_is_never_taken_for_a_secret(clock: StandingClock) -> None:
    public = RSA_KEY.public_key()
    header = b64({"alg": "HS256", "kid": "rs", "typ": "at+jwt"})
    body = forged().split(".")[1]
    for encoding, form in [
        (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        (Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        (Encoding.PEM, PublicFormat.PKCS1),
    ]:
        signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
            f"{header}.{body}".encode(), public.public_bytes(encoding, form)
        )
        end = base64.urlsafe_b64encode(signature).decode().rstrip("=")
        refused(ring(clock, RS), f"{header}.{body}.{end}")


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_the_key_says_which_algorithm_and_not_the_token(algorithm: str, clock: StandingClock) -> None:
    refused(ring(clock), forged(key=SECRET * 2, algorithm=algorithm))
    refused(ring(clock), forged(key=SECRET, algorithm=algorithm))


def test_ps256_by_the_key_of_rs256_is_refused(clock: StandingClock) -> None:
    refused(ring(clock, RS), forged({"kid": "rs"}, RSA_KEY, "PS256"))
    assert ring(clock, RS).read(forged({"kid": "rs"}, RSA_KEY, "RS256")) == CLAIMS


def test_another_key_under_our_name_is_refused(clock: StandingClock) -> None:
    refused(ring(clock), forged(key=SECRET[::-1]))
    refused(ring(clock, RS), ring(clock, rsa("rs", generate_private_key(65537, 2048))).sign(CLAIMS))


@pytest.mark.parametrize("kid", ["", "unknown", "HS", "../hs"])
def test_an_unknown_key_is_refused(kid: str, clock: StandingClock) -> None:
    refused(ring(clock), forged({"kid": kid}))


def test_a_token_without_key_id_is_refused(clock: StandingClock) -> None:
    payload = {"sub": str(CLAIMS.user_id)}
    refused(ring(clock), jwt.encode(payload, SECRET, "HS256", {"typ": "at+jwt"}))


@pytest.mark.parametrize("kid", [None, 1, ["hs"], {"hs": "hs"}])
def test_a_key_id_that_is_no_text_is_refused(kid: Any, clock: StandingClock) -> None:
    _, payload, signature = forged().split(".")
    refused(ring(clock), f"{b64({'alg': 'HS256', 'kid': kid, 'typ': 'at+jwt'})}.{payload}.{signature}")


@pytest.mark.parametrize("kind", [None, "JWT", "jwt", "rt+jwt", ""])
def test_a_token_of_another_type_is_refused(kind: str | None, clock: StandingClock) -> None:
    refused(ring(clock), forged({"typ": kind}))


def test_a_critical_extension_that_nobody_knows_is_refused(clock: StandingClock) -> None:
    refused(ring(clock), forged({"crit": ["exp"], "exp": 1}))


@pytest.mark.parametrize("audience", ["other", "", "TMW", ["tmw"], ["tmw", "other"], 7])
def test_a_token_for_somebody_else_is_refused(audience: Any, clock: StandingClock) -> None:
    refused(ring(clock), forged(aud=audience))


@pytest.mark.parametrize("issuer", ["other", "TMW", "tmw/"])
def test_a_token_from_somebody_else_is_refused(issuer: str, clock: StandingClock) -> None:
    refused(ring(clock), forged(iss=issuer))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"])
def test_a_token_that_lacks_a_claim_is_refused(claim: str, clock: StandingClock) -> None:
    refused(ring(clock), forged(**{claim: None}))


@pytest.mark.parametrize("claim", ["sub", "sid", "jti"])
@pytest.mark.parametrize("value", ["", "7", "no uuid", 7, [], {"a": 1}])
def test_an_id_that_is_none_is_refused(claim: str, value: Any, clock: StandingClock) -> None:
    refused(ring(clock), forged(**{claim: value}))


@pytest.mark.parametrize("claim", ["iat", "nbf", "exp"])
@pytest.mark.parametrize("value", ["soon", "1800000000", [], {}, 1e300, float("nan"), float("inf"), 10**30])
def test_a_time_that_is_none_is_refused(claim: str, value: Any, clock: StandingClock) -> None:
    refused(ring(clock), forged(**{claim: value}))


def test_a_token_ends_when_it_expires_and_clocks_may_differ_by_30_seconds(clock: StandingClock) -> None:
    keys = ring(clock)
    token = keys.sign(CLAIMS)
    clock.advance(minutes=30, seconds=29.999999)
    assert keys.read(token) == CLAIMS

    clock.advance(microseconds=1)
    with pytest.raises(Unauthenticated, match="expired"):
        keys.read(token)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_token_from_the_future_is_refused_beyond_30_seconds(claim: str, clock: StandingClock) -> None:
    keys = ring(clock)
    token = forged(**{claim: NOON.timestamp() + 31})
    refused(keys, token)
    clock.advance(seconds=1)
    assert keys.read(token).user_id == CLAIMS.user_id


def test_an_oversize_token_is_not_even_read(clock: StandingClock) -> None:
    refused(ring(clock), forged(more="x" * 4_096))
    assert ring(clock).read(forged(more="x" * 1_024)) == CLAIMS


def test_no_part_of_a_token_can_be_changed(clock: StandingClock) -> None:
    keys = ring(clock)
    token = keys.sign(CLAIMS)
    keys.read(token)
    for place, letter in enumerate(token):
        other = "A" if letter != "A" else "B"
        refused(keys, token[:place] + other + token[place + 1 :])


@given(st.text(st.characters(categories=None)))
def test_rubbish_is_refused(text: str) -> None:
    header, payload, _ = forged().split(".")
    keys = ring(StandingClock())
    for token in (text, f"{text}.{text}.{text}", f"{header}.{text}.", f"{header}.{payload}.{text}"):
        refused(keys, token)


TIMES = st.integers(0, 2**62).map(lambda number: NOON + timedelta(microseconds=number % 10**15))


@given(st.uuids(), st.uuids(), st.uuids(), TIMES, st.timedeltas(timedelta(seconds=1), timedelta(days=1)))
def test_claims_come_back_to_the_microsecond(
    user: UUID, session: UUID, token: UUID, issued: datetime, life: timedelta
) -> None:
    claims = AccessClaims(user, session, token, issued, issued + life)
    keys = ring(StandingClock(issued))
    assert keys.read(keys.sign(claims)) == claims


def test_derived_keys_differ_by_purpose_and_by_key_and_last(clock: StandingClock) -> None:
    keys = ring(clock, HS, ED)

    assert len(keys.derive("cursor")) == 32
    assert keys.derive("cursor") == ring(clock, HS).derive("cursor")
    assert keys.derive("cursor") != keys.derive("upload")
    assert keys.derive("cursor") != SECRET
    assert keys.derive_all("cursor") == (ring(clock, HS).derive("cursor"), ring(clock, ED).derive("cursor"))


def test_a_public_key_derives_nothing(clock: StandingClock) -> None:
    public = SigningKey("rs", "RS256", verifies=RSA_KEY.public_key(), signs=None, secret=None)
    assert len(ring(clock, HS, public).derive_all("cursor")) == 1


def test_a_key_does_not_show_itself() -> None:
    assert "0f5e" not in repr(HS)
