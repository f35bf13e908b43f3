"""The keys that sign: out of the settings, or made once and kept on somebody's own machine."""

from __future__ import annotations

import hashlib
import json
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from app.adapters.jwt import KeyRing, SigningKey
from app.adapters.key_file import kept_secret
from app.errors import CannotStart
from app.settings import Settings
from domain.clock import Clock, utc_now

SHORTEST_SECRET = 32
SMALLEST_RSA = 2048
LEAST_CONTENT = 24
ALGORITHMS = ("HS256", "RS256", "EdDSA")
KEY_FILE = Path("keys") / "signing.key"

MAKE_ONE = "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"


def load_keys(settings: Settings, clock: Clock = utc_now) -> KeyRing:
    """Raises CannotStart when there is no key, or one that can be guessed."""
    return KeyRing(_keys(settings), audience=settings.token_audience, issuer=settings.token_audience, clock=clock)


def _keys(settings: Settings) -> list[SigningKey]:
    if settings.signing_keys is not None:
        return _from_jwks(settings.signing_keys.get_secret_value())
    if settings.signing_key is not None:
        return [_from_secret(settings.signing_key.get_secret_value(), f"Set another TMW_SIGNING_KEY. {MAKE_ONE}")]
    if settings.embedded:
        path = settings.state_dir / KEY_FILE
        return [_from_secret(kept_secret(path), f"Delete {path}: a new one is made, and everybody logs in again.")]
    raise CannotStart(
        "There is no key to sign access tokens with: TMW_DATABASE_URL is set, but TMW_SIGNING_KEY is not.", MAKE_ONE
    )


def _from_secret(text: str, remedy: str) -> SigningKey:
    secret = text.encode()
    if weakness := _weakness(secret):
        raise CannotStart(f"The key that signs access tokens {weakness}.", remedy)
    return _symmetric(hashlib.sha256(b"kid:" + secret).hexdigest()[:16], secret)


def _from_jwks(text: str) -> list[SigningKey]:
    try:
        listed = json.loads(text)
    except ValueError:
        listed = None
    if not isinstance(listed, list) or not listed:
        raise _bad_jwks("is no JSON list of keys")
    keys = [_from_jwk(jwk, f"key {number}") for number, jwk in enumerate(listed, 1)]
    if len({key.kid for key in keys}) < len(keys):
        raise _bad_jwks("has two keys with the same kid")
    if keys[0].signs is None:
        raise _bad_jwks("has a public key in the first place, which cannot sign")
    return keys


def _from_jwk(jwk: Any, which: str) -> SigningKey:
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str) or not jwk["kid"]:
        raise _bad_jwks(f"has no kid in {which}")
    if jwk.get("alg") not in ALGORITHMS:
        raise _bad_jwks(f"has an alg in {which} that is none of {', '.join(ALGORITHMS)}")
    try:
        material = PyJWK(jwk, jwk["alg"]).key
    except (PyJWTError, ValueError, TypeError, KeyError):
        # The library's message may quote the key, so it goes no further.
        raise _bad_jwks(f"has a {which} that is no {jwk['alg']} key") from None
    return _from_material(jwk["kid"], material, which)


def _from_material(kid: str, material: object, which: str) -> SigningKey:
    if isinstance(material, bytes):
        if weakness := _weakness(material):
            raise _bad_jwks(f"has a {which} that {weakness}")
        return _symmetric(kid, material)
    if isinstance(material, RSAPrivateKey | RSAPublicKey):
        if material.key_size < SMALLEST_RSA:
            raise _bad_jwks(f"has a {which} of fewer than {SMALLEST_RSA} bits")
        return _asymmetric(kid, "RS256", material)
    if isinstance(material, Ed25519PrivateKey | Ed25519PublicKey):
        return _asymmetric(kid, "EdDSA", material)
    raise _bad_jwks(f"has a {which} of a curve that is not Ed25519")


def _symmetric(kid: str, secret: bytes) -> SigningKey:
    return SigningKey(kid, "HS256", verifies=secret, signs=secret, secret=secret)


def _asymmetric(
    kid: str, algorithm: str, key: RSAPrivateKey | RSAPublicKey | Ed25519PrivateKey | Ed25519PublicKey
) -> SigningKey:
    if isinstance(key, RSAPublicKey | Ed25519PublicKey):
        return SigningKey(kid, algorithm, verifies=key, signs=None, secret=None)
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SigningKey(kid, algorithm, verifies=key.public_key(), signs=key, secret=secret)


def _weakness(secret: bytes) -> str | None:
    if len(secret) < SHORTEST_SECRET:
        return f"has {len(secret)} characters and needs at least {SHORTEST_SECRET}"
    steps = sum(abs(left - right) <= 1 for left, right in pairwise(secret))
    # Compressed size tells repetition; the fixed cost of an empty text is taken off.
    if len(zlib.compress(secret, 9)) - len(zlib.compress(b"")) < LEAST_CONTENT or steps > len(secret) // 2:
        return "repeats itself or is a plain sequence, so that it can be guessed"
    return None


def _bad_jwks(problem: str) -> CannotStart:
    return CannotStart(f"TMW_SIGNING_KEYS {problem}.", "Give a JSON list of JWKs; see docs/operate.md.")
