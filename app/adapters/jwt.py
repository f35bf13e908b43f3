"""Access tokens as signed JWTs (RFC 9068), and the keys that sign them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.accounts.ports import AccessClaims
from domain.clock import Clock
from domain.errors import Unauthenticated

TYPE = "at+jwt"
LEEWAY = timedelta(seconds=30)
LONGEST_TOKEN = 4_096
REMEMBERED = 4_096
REQUIRED = ["aud", "exp", "iat", "iss", "jti", "nbf", "sid", "sub"]

# The clock is ours, so the times are checked here and not by the library.
OPTIONS: jwt.types.Options = {
    "require": REQUIRED,
    "strict_aud": True,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key with its one algorithm. A retired key may have only the half that verifies."""

    kid: str
    algorithm: str
    verifies: Any = field(repr=False)
    signs: Any = field(repr=False)
    secret: bytes | None = field(repr=False)
    """What other keys are derived from; None where only the public half is known."""


@dataclass(frozen=True, slots=True)
class _Verified:
    claims: AccessClaims
    not_before: datetime


class KeyRing:
    """The TokenSigner: the first key signs, all of them verify."""

    def __init__(self, keys: Sequence[SigningKey], *, audience: str, issuer: str, clock: Clock) -> None:
        self._first = keys[0]
        self._keys = {key.kid: key for key in keys}
        self._audience = audience
        self._issuer = issuer
        self._clock = clock
        # A client sends the same token with each request, and checking a signature is dear. Failures are not kept.
        self._verified = lru_cache(REMEMBERED)(self._verify)

    def sign(self, claims: AccessClaims) -> str:
        payload = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "jti": str(claims.token_id),
            # With fractions: a token issued right after a revocation must be told from one issued right before.
            "iat": claims.issued_at.timestamp(),
            "nbf": claims.issued_at.timestamp(),
            "exp": claims.expires_at.timestamp(),
        }
        headers = {"kid": self._first.kid, "typ": TYPE}
        return jwt.encode(payload, self._first.signs, self._first.algorithm, headers)

    def read(self, token: str) -> AccessClaims:
        if len(token) > LONGEST_TOKEN:
            raise Unauthenticated("This is no access token.")
        verified, now = self._verified(token), self._clock()
        if verified.claims.expires_at + LEEWAY <= now:
            raise Unauthenticated("The access token has expired. Refresh it or log in again.")
        if max(verified.not_before, verified.claims.issued_at) - LEEWAY > now:
            raise Unauthenticated("The access token is not valid yet.")
        return verified.claims

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, from the key that signs now."""
        return self.derive_all(purpose)[0]

    def derive_all(self, purpose: str) -> tuple[bytes, ...]:
        """The same from each key: sign with the first, accept all, and a rotation breaks nothing."""
        return tuple(_derive(key.secret, purpose) for key in self._keys.values() if key.secret is not None)

    def _verify(self, token: str) -> _Verified:
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys[header["kid"]]
            # The key says which algorithm, never the token.
            if header.get("typ") != TYPE or header.get("alg") != key.algorithm:
                raise Unauthenticated("This is no access token.")
            payload = jwt.decode(
                token, key.verifies, [key.algorithm], OPTIONS, audience=self._audience, issuer=self._issuer
            )
            return _read(payload)
        except (jwt.InvalidTokenError, LookupError, TypeError, ValueError, OverflowError, OSError) as error:
            raise Unauthenticated("The access token is not valid.") from error


def _read(payload: dict[str, Any]) -> _Verified:
    claims = AccessClaims(
        user_id=UUID(payload["sub"]),
        session_id=UUID(str(payload["sid"])),
        token_id=UUID(payload["jti"]),
        issued_at=datetime.fromtimestamp(payload["iat"], UTC),
        expires_at=datetime.fromtimestamp(payload["exp"], UTC),
    )
    return _Verified(claims, datetime.fromtimestamp(payload["nbf"], UTC))


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"trademaster-web", info=purpose.encode()).derive(secret)
