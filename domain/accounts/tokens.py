"""Secrets that travel as text: refresh tokens, API tokens, links that reset a password."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.clock import Clock
from domain.errors import Code, Refused

ALPHABET = string.digits + string.ascii_letters
RANDOM_LENGTH = 43  # 62 ** 43 > 2 ** 256
CHECK_LENGTH = 6  # 62 ** 6 > 2 ** 32
SHOWN = 8

RESET_PREFIX = "tmp_"
RESET_BODY = 24
RESET_PATTERN = re.compile(r"tmp_[0-9A-Za-z_-]{75}")


class TokenKind(StrEnum):
    """The first letters say what a token is for, to people and to scanners that look for leaked secrets."""

    REFRESH = "tmr"
    API = "tmw"


def new_token(kind: TokenKind) -> str:
    body = f"{kind}_" + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return body + _checksum(body)


def is_well_formed(kind: TokenKind, text: str) -> bool:
    """Tells a typo or rubbish from a token without asking the database. Proves nothing: anybody can make one."""
    length = len(kind) + 1 + RANDOM_LENGTH + CHECK_LENGTH
    if len(text) != length or not text.isascii() or not text.startswith(f"{kind}_"):
        return False
    return text[-CHECK_LENGTH:] == _checksum(text[:-CHECK_LENGTH])


def hash_token(token: str) -> bytes:
    """What is stored. A slow hash is for what people make up; 256 random bits cannot be guessed from a fast one."""
    return hashlib.sha256(token.encode()).digest()


def visible_prefix(token: str) -> str:
    """What may be shown for recognition: the kind and the first few of 43 random characters."""
    return token[: token.index("_") + 1 + SHOWN]


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = []
    for _ in range(CHECK_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


class ResetTokens:
    """Links that reset a password. Nothing is stored: a link is signed over the password it replaces.

    So it dies with its first use, and with any other change of the password.
    """

    def __init__(self, *, keys: Sequence[bytes], clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def issue(self, user_id: UUID, password_hash: str, expires_at: datetime) -> str:
        body = user_id.bytes + int(expires_at.timestamp()).to_bytes(8)
        signed = body + _signature(self._keys[0], body, password_hash)
        return RESET_PREFIX + urlsafe_b64encode(signed).decode().rstrip("=")

    def user_of(self, token: str) -> UUID:
        """Whom the token names. Not proven before `check`. Refuses with INVALID_TOKEN what is no such token."""
        return UUID(bytes=_unpack(token)[:16])

    def check(self, token: str, password_hash: str) -> None:
        """Refuses with INVALID_TOKEN unless the token is ours, in time, and this is still the password."""
        packed = _unpack(token)
        body, signature = packed[:RESET_BODY], packed[RESET_BODY:]
        ours = any(hmac.compare_digest(signature, _signature(key, body, password_hash)) for key in self._keys)
        if not ours or self._clock().timestamp() >= int.from_bytes(body[16:]):
            raise bad_link()


def _unpack(token: str) -> bytes:
    if not RESET_PATTERN.fullmatch(token):
        raise bad_link()
    packed = urlsafe_b64decode(token.removeprefix(RESET_PREFIX) + "=")
    # 75 letters hold 2 bits more than 56 bytes: without this, four texts would be the same token.
    if urlsafe_b64encode(packed).decode().rstrip("=") != token.removeprefix(RESET_PREFIX):
        raise bad_link()
    return packed


def _signature(key: bytes, body: bytes, password_hash: str) -> bytes:
    fingerprint = hashlib.sha256(password_hash.encode()).digest()
    return hmac.digest(key, body + fingerprint, "sha256")


def bad_link() -> Refused:
    return Refused.because(
        Code.INVALID_TOKEN,
        "This link has expired or was used already. Ask for a new one to reset the password.",
        "token",
    )
