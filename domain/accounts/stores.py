"""What the use cases of accounts need to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.accounts.model import ApiToken, Credentials, Session, User, UserFilter
from domain.pages import Page, Window
from domain.viewer import Viewer


class UserStore(Protocol):
    """Writing side: inside a unit of work."""

    async def add(self, user: User, password_hash: str) -> None:
        """Refuses with ALREADY_EXISTS at `username` or `email` (or both) when taken, whatever the case."""

    async def get(self, id: UUID) -> Credentials:
        """Refuses with NOT_FOUND when there is none. Others may change it meanwhile: `lock` before writing."""

    async def lock(self, id: UUID) -> Credentials:
        """The same, held until the transaction ends.

        Whoever starts or ends somebody's sessions holds this first: so none can begin while all are being ended.
        """

    async def find(self, username_or_email: str) -> Credentials | None:
        """Not held, like `get`; and it leaves no more trace when it finds somebody than when it does not."""

    async def save(self, user: User) -> None:
        """Refuses with ALREADY_EXISTS like `add`."""

    async def set_password(self, id: UUID, password_hash: str) -> None: ...

    async def lock_admins(self) -> frozenset[UUID]:
        """All active admins, held until the transaction ends. To be called before `lock`, never after it."""


@dataclass(frozen=True, slots=True)
class SessionState:
    """A stored refresh token and what became of it."""

    session: Session
    rotated_at: datetime | None
    revoked_at: datetime | None


class SessionStore(Protocol):
    async def add(self, session: Session, token_hash: bytes) -> None: ...

    async def owner(self, token_hash: bytes) -> UUID | None:
        """Whose refresh token that is."""

    async def lock_by_hash(self, token_hash: bytes) -> SessionState | None: ...

    async def lock(self, user_id: UUID, id: UUID) -> SessionState | None: ...

    async def rotate(self, id: UUID, at: datetime) -> None: ...

    async def revoke_family(self, family_id: UUID, at: datetime) -> None: ...

    async def revoke_all(self, user_id: UUID, at: datetime, *, but: UUID | None = None) -> int:
        """Revoke every family of the user, except that one; how many of them were still good."""


class ApiTokenStore(Protocol):
    async def add(self, token: ApiToken, token_hash: bytes) -> None: ...

    async def live(self, user_id: UUID, now: datetime) -> Sequence[ApiToken]:
        """All that still work, oldest first."""

    async def revoke(self, user_id: UUID, id: UUID, at: datetime) -> ApiToken:
        """Refuses with NOT_FOUND when the user has no such live token."""

    async def revoke_all(self, user_id: UUID, at: datetime) -> int: ...

    async def touch(self, token_hash: bytes, at: datetime, *, unless_since: datetime) -> None:
        """Note that it was used, unless a use after that moment is noted."""


class AccountReads(Protocol):
    """Reading side: batches in, batches out, in the same order, each filtered by the viewer."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[User | None]:
        """Oneself, those one shares a project with, everybody for an admin."""

    async def page(self, viewer: Viewer, window: Window, filter: UserFilter) -> Page[User]: ...

    async def count(self, viewer: Viewer, filter: UserFilter) -> int: ...

    async def sessions(self, viewer: Viewer, window: Window, now: datetime) -> Page[Session]:
        """The viewer's own live sessions."""

    async def session_count(self, viewer: Viewer, now: datetime) -> int: ...

    async def sessions_by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Session | None]:
        """One's own that were not ended, with the scope account."""

    async def api_tokens(self, viewer: Viewer, window: Window, now: datetime) -> Page[ApiToken]:
        """The viewer's own live tokens."""

    async def api_token_count(self, viewer: Viewer, now: datetime) -> int: ...

    async def api_tokens_by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[ApiToken | None]:
        """One's own that were not revoked, with the scope account."""

    async def viewer_of_session(self, session_id: UUID) -> Viewer | None:
        """Who that is now; None when the session ended or the user is not active."""

    async def viewer_of_token(self, token_hash: bytes, now: datetime) -> tuple[Viewer, datetime | None] | None:
        """Who that is now, and when the token ends."""
