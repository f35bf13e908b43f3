"""Where the signing key comes from, and when the platform would rather not start."""

from __future__ import annotations

import json
import os
import secrets
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given
from hypothesis import strategies as st
from jwt import get_unverified_header
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.utils import base64url_encode
from pydantic import SecretStr

from app.adapters.key_file import kept_secret
from app.errors import CannotStart
from app.keys import load_keys
from app.settings import Settings
from domain.clock import utc_now
from domain.errors import Unauthenticated
from tests.app.adapters.test_jwt import CLAIMS
from tests.support.clock import StandingClock

STRONG = "0f5e9c3ab7d14e628a7bd8a6c1e2f394"


@pytest.fixture
def embedded(tmp_path: Path) -> Settings:
    return Settings(_env_file=None).with_(
        state_dir=tmp_path / "var", database_url=None, signing_key=None, signing_keys=None, token_audience="tmw"
    )


@pytest.fixture
def deployed(embedded: Settings) -> Settings:
    return embedded.with_(database_url=SecretStr("postgresql://somewhere/tmw"))


LEAVES = st.none() | st.booleans() | st.integers() | st.text()
NAMES = st.sampled_from(["kty", "kid", "alg", "k", "n", "x", "crv"])
RUBBISH = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner))


def with_keys(settings: Settings, *jwks: Any) -> Settings:
    return settings.with_(signing_keys=SecretStr(json.dumps(jwks)))


def hmac(kid: str = "a", secret: bytes = STRONG.encode(), **changes: Any) -> dict[str, Any]:
    return {"kty": "oct", "kid": kid, "alg": "HS256", "k": base64url_encode(secret).decode(), **changes}


def rsa(kid: str = "r", *, bits: int = 2048, public: bool = False, alg: str = "RS256") -> dict[str, Any]:
    key = generate_private_key(65537, bits)
    jwk: dict[str, Any] = RSAAlgorithm.to_jwk(key.public_key() if public else key, as_dict=True)
    return {**jwk, "kid": kid, "alg": alg}


def ed(kid: str = "e", key: Any = None) -> dict[str, Any]:
    return {**OKPAlgorithm.to_jwk(key or Ed25519PrivateKey.generate(), as_dict=True), "kid": kid, "alg": "EdDSA"}


def cannot_start(settings: Settings) -> CannotStart:
    with pytest.raises(CannotStart) as caught:
        load_keys(settings)
    assert caught.value.problem.endswith(".")
    assert caught.value.remedy
    return caught.value


class TestOneSecret:
    def test_it_signs_and_reads(self, deployed: Settings) -> None:
        keys = load_keys(deployed.with_(signing_key=SecretStr(STRONG)), StandingClock())
        assert keys.read(keys.sign(CLAIMS)) == CLAIMS

    def test_the_same_secret_reads_in_another_process(self, deployed: Settings) -> None:
        settings = deployed.with_(signing_key=SecretStr(STRONG))
        assert load_keys(settings, StandingClock()).read(load_keys(settings).sign(CLAIMS)) == CLAIMS

    def test_another_secret_has_another_name(self, deployed: Settings) -> None:
        one, other = (
            load_keys(deployed.with_(signing_key=SecretStr(text)), StandingClock()) for text in (STRONG, STRONG[::-1])
        )
        assert get_unverified_header(one.sign(CLAIMS))["kid"] != get_unverified_header(other.sign(CLAIMS))["kid"]
        with pytest.raises(Unauthenticated):
            one.read(other.sign(CLAIMS))

    def test_the_audience_is_the_one_of_the_settings(self, deployed: Settings) -> None:
        settings = deployed.with_(signing_key=SecretStr(STRONG))
        with pytest.raises(Unauthenticated):
            load_keys(settings.with_(token_audience="other"), StandingClock()).read(load_keys(settings).sign(CLAIMS))

    @pytest.mark.parametrize(
        "weak",
        [
            "",
            "short",
            STRONG[:31],
            "a" * 64,
            "changeme" * 8,
            "0123456789" * 4,
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "TMW_SIGNING_KEY_TMW_SIGNING_KEY_TMW",
        ],
    )
    def test_a_weak_one_stops_the_start_and_is_not_quoted(self, weak: str, deployed: Settings) -> None:
        error = cannot_start(deployed.with_(signing_key=SecretStr(weak)))
        assert "TMW_SIGNING_KEY" in error.remedy
        assert not weak or weak not in str(error).replace("TMW_SIGNING_KEY", "")

    def test_a_weak_one_stops_it_also_on_ones_own_machine(self, embedded: Settings) -> None:
        cannot_start(embedded.with_(signing_key=SecretStr("short")))

    @pytest.mark.parametrize("make", [lambda: secrets.token_hex(16), lambda: secrets.token_urlsafe(24)])
    def test_random_ones_are_never_called_weak(self, make: Any, deployed: Settings) -> None:
        for _ in range(200):
            load_keys(deployed.with_(signing_key=SecretStr(make())))

    def test_without_any_a_deployment_does_not_start(self, deployed: Settings) -> None:
        error = cannot_start(deployed)
        assert "TMW_SIGNING_KEY" in error.problem
        assert not deployed.state_dir.exists()


class TestSeveralKeys:
    def test_they_win_over_the_one_secret(self, deployed: Settings) -> None:
        keys = load_keys(with_keys(deployed.with_(signing_key=SecretStr("short")), hmac("of the list")))
        assert get_unverified_header(keys.sign(CLAIMS))["kid"] == "of the list"

    @pytest.mark.parametrize("make", [hmac, rsa, ed])
    def test_each_kind_signs_and_derives(self, make: Any, deployed: Settings) -> None:
        jwk = make()
        one, other = (load_keys(with_keys(deployed, jwk), StandingClock()) for _ in range(2))
        assert other.read(one.sign(CLAIMS)) == CLAIMS
        assert one.derive("cursor") == other.derive("cursor")

    def test_a_rotation_logs_nobody_out(self, deployed: Settings) -> None:
        before = load_keys(with_keys(deployed, hmac()), StandingClock())
        after = load_keys(with_keys(deployed, ed(), rsa("old", public=True), hmac()), StandingClock())

        assert after.read(before.sign(CLAIMS)) == CLAIMS
        assert get_unverified_header(after.sign(CLAIMS))["alg"] == "EdDSA"
        assert after.derive_all("reset")[1:] == before.derive_all("reset")

    @pytest.mark.parametrize("text", ["", "{", "{}", "[]", "7", '"a"', "null", '[{"kty":"oct"}'])
    def test_what_is_no_list_of_keys_stops_the_start(self, text: str, deployed: Settings) -> None:
        assert "list" in cannot_start(deployed.with_(signing_keys=SecretStr(text))).problem

    @pytest.mark.parametrize(
        ("jwk", "why"),
        [
            (7, "kid"),
            (hmac(kid=""), "kid"),
            (hmac(kid=7), "kid"),  # type: ignore[arg-type]
            ({"kty": "oct", "alg": "HS256", "k": "AAAA"}, "kid"),
            (hmac(alg="none"), "alg"),
            (hmac(alg="HS512"), "alg"),
            (hmac(alg=["HS256"]), "alg"),
            (hmac(secret=b"short"), "at least 32"),
            (hmac(secret=b"a" * 64), "guessed"),
            (hmac(alg="RS256"), "no RS256 key"),
            (hmac(k=7), "no HS256 key"),
            (hmac(kty="RSA"), "no HS256 key"),
            ({**ed(), "alg": "HS256"}, "no HS256 key"),
            ({**ed(), "x": "!"}, "no EdDSA key"),
            ({**ed(key=Ed448PrivateKey.generate())}, "Ed25519"),
            (rsa(bits=1024), "2048"),
            (rsa(public=True), "public"),
            ({**ECAlgorithm.to_jwk(generate_ec(SECP256R1()), as_dict=True), "kid": "c", "alg": "ES256"}, "alg"),
        ],
    )
    def test_a_key_that_is_none_stops_the_start(self, jwk: Any, why: str, deployed: Settings) -> None:
        error = cannot_start(with_keys(deployed, jwk))
        assert why in error.problem
        assert "TMW_SIGNING_KEYS" in error.problem

    def test_two_keys_of_one_name_stop_the_start(self, deployed: Settings) -> None:
        assert "same kid" in cannot_start(with_keys(deployed, hmac(), hmac(secret=STRONG[::-1].encode()))).problem

    @given(RUBBISH)
    def test_rubbish_is_told_and_never_a_crash(self, jwk: Any) -> None:
        settings = Settings(_env_file=None).with_(database_url=SecretStr("postgresql://x/y"))
        cannot_start(with_keys(settings, jwk))
        if isinstance(jwk, dict):
            cannot_start(with_keys(settings, {**jwk, "kid": "a", "alg": "HS256"}))


class TestOnOnesOwnMachine:
    def test_a_key_is_made_once_and_found_again(self, embedded: Settings) -> None:
        token = load_keys(embedded, StandingClock()).sign(CLAIMS)
        assert load_keys(embedded, StandingClock()).read(token) == CLAIMS

    def test_only_its_owner_may_read_it(self, embedded: Settings) -> None:
        load_keys(embedded)
        file = embedded.state_dir / "keys" / "signing.key"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert [each.name for each in file.parent.iterdir()] == ["signing.key"]

    def test_two_machines_have_two_keys(self, tmp_path: Path) -> None:
        assert kept_secret(tmp_path / "a") != kept_secret(tmp_path / "b")

    def test_a_file_that_was_open_to_others_is_closed(self, embedded: Settings) -> None:
        load_keys(embedded)
        file = embedded.state_dir / "keys" / "signing.key"
        file.chmod(0o644)
        load_keys(embedded)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_a_file_that_cannot_be_closed_stops_the_start(
        self, embedded: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load_keys(embedded)
        (embedded.state_dir / "keys" / "signing.key").chmod(0o644)
        monkeypatch.setattr(os, "fchmod", lambda handle, mode: None)
        assert "other users" in cannot_start(embedded).problem

    def test_many_that_start_at_once_agree(self, tmp_path: Path) -> None:
        found: list[str] = []
        start = threading.Barrier(8)

        def begin() -> None:
            start.wait()
            found.append(kept_secret(tmp_path / "keys" / "signing.key"))

        threads = [threading.Thread(target=begin) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert len(set(found)) == 1

    @pytest.mark.parametrize("content", ["", "half a ke", "a" * 64])
    def test_a_spoilt_file_stops_the_start_and_the_remedy_works(self, content: str, embedded: Settings) -> None:
        load_keys(embedded)
        file = embedded.state_dir / "keys" / "signing.key"
        file.write_text(content)
        assert str(file) in cannot_start(embedded).remedy
        file.unlink()
        load_keys(embedded)

    def test_a_file_of_other_bytes_stops_the_start(self, embedded: Settings) -> None:
        load_keys(embedded)
        (embedded.state_dir / "keys" / "signing.key").write_bytes(b"\xff" * 64)
        cannot_start(embedded)

    def test_a_link_to_elsewhere_is_not_followed(self, embedded: Settings, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.write_text(STRONG)
        (embedded.state_dir / "keys").mkdir(parents=True)
        (embedded.state_dir / "keys" / "signing.key").symlink_to(elsewhere)
        cannot_start(embedded)

    def test_a_place_that_cannot_be_written_stops_the_start(self, embedded: Settings, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert "TMW_STATE_DIR" in cannot_start(embedded.with_(state_dir=tmp_path / "file")).remedy

    def test_time_is_the_real_one_unless_said(self, embedded: Settings) -> None:
        keys = load_keys(embedded)
        with pytest.raises(Unauthenticated, match="expired" if utc_now() > CLAIMS.expires_at else "yet"):
            keys.read(keys.sign(CLAIMS))
