"""What the use cases of accounts need from the world outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says: who, since when and until when.

    It carries no role. The role is read where it is kept at each request, so that a change takes effect at once
    and not when the token runs out.
    """

    user_id: UUID
    session_id: UUID
    token_id: UUID
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """One plain letter to one person."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class RateVerdict:
    """Whether one more request fits, and what to tell the client about it."""

    allowed: bool
    limit: int
    remaining: int
    retry_after_s: int
    """Whole seconds to wait until one more fits; 0 when this one did."""
    reset_at: datetime
    """When the oldest counted request falls out of the window."""


class PasswordHasher(Protocol):
    async def hash(self, password: str) -> str: ...

    async def verify(self, password_hash: str, password: str) -> bool: ...

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether the hash was made with weaker parameters than those of today."""

    async def waste_time(self) -> None:
        """Do the work of one `verify`, so that an unknown user costs what a wrong password costs."""


class TokenSigner(Protocol):
    def sign(self, claims: AccessClaims) -> str: ...

    def read(self, token: str) -> AccessClaims:
        """Raises Unauthenticated unless the token is one of ours, whole and in time."""


class Mailer(Protocol):
    async def send(self, mail: Mail) -> None:
        """Raises Unavailable when the letter was not taken."""


class LoginThrottle(Protocol):
    """Slows down guessing: a number of tries per account and of failures per address."""

    async def check(self, account_key: str, address: str) -> None:
        """Take one try, or refuse with TOO_MANY_ATTEMPTS and say how long to wait."""

    async def failed(self, account_key: str, address: str) -> None: ...

    async def succeeded(self, account_key: str) -> None: ...


class RateLimiter(Protocol):
    async def hit(self, key: str, limit: int, window_s: int) -> RateVerdict:
        """Count one request under this key, if it fits among `limit` in any `window_s` seconds."""
