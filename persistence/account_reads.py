"""People, sessions and API tokens, read in batches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, DateTime, LargeBinary, Text, Uuid, any_, bindparam, func, or_, select

from domain.accounts.model import ApiToken, Scope, Session, User, UserFilter
from domain.pages import Page, Window
from domain.viewer import Role, Viewer
from persistence.access import VIEWER, access, users_seen
from persistence.accounts import session_mapped, token_mapped, user_mapped
from persistence.database import Reader, in_order
from persistence.listing import EVERYTHING, Listing, Path
from persistence.reading import compiled
from persistence.search import contains, pattern
from persistence.tables.users import api_tokens, user_sessions, users

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_NOW = bindparam("now", type_=DateTime(timezone=True))

_users = Listing(
    user_mapped,
    users,
    sorts={"username": func.lower(users.c.username)},
    filters={
        "role": users.c.role == bindparam("role", type_=Text),
        "active": users.c.is_active == bindparam("active", type_=Boolean),
        "text": contains(users.c.username, users.c.email, users.c.full_name),
    },
    # Only admins list people; others meet them in projects.
    paths={"admin": EVERYTHING},
)
_live_session = (
    user_sessions.c.revoked_at.is_(None) & user_sessions.c.rotated_at.is_(None) & (user_sessions.c.expires_at > _NOW)
)
_sessions = Listing(
    session_mapped,
    user_sessions,
    sorts={},
    filters={},
    paths={"own": (Path((user_sessions.c.user_id == VIEWER) & _live_session),)},
)
_live_token = api_tokens.c.revoked_at.is_(None) & or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > _NOW)
_tokens = Listing(
    token_mapped,
    api_tokens,
    sorts={},
    filters={},
    paths={"own": (Path((api_tokens.c.user_id == VIEWER) & _live_token),)},
)

_by_ids = {
    "admin": compiled(select(*user_mapped.columns).where(users.c.id == any_(_IDS))),
    "member": compiled(select(*user_mapped.columns).where(users.c.id == any_(_IDS), users_seen(users.c.id))),
}
_sessions_by_ids = compiled(
    select(*session_mapped.columns).where(
        user_sessions.c.id == any_(_IDS),
        user_sessions.c.user_id == VIEWER,
        user_sessions.c.revoked_at.is_(None),
        user_sessions.c.rotated_at.is_(None),
    )
)
_tokens_by_ids = compiled(
    select(*token_mapped.columns).where(
        api_tokens.c.id == any_(_IDS), api_tokens.c.user_id == VIEWER, api_tokens.c.revoked_at.is_(None)
    )
)
_viewer_of_session = compiled(
    select(users.c.id, users.c.role)
    .join(user_sessions, user_sessions.c.user_id == users.c.id)
    .where(
        user_sessions.c.id == bindparam("session", type_=Uuid),
        user_sessions.c.revoked_at.is_(None),
        users.c.is_active,
    )
)
_viewer_of_token = compiled(
    select(users.c.id, users.c.role, api_tokens.c.scopes, api_tokens.c.expires_at)
    .join(api_tokens, api_tokens.c.user_id == users.c.id)
    .where(api_tokens.c.token_hash == bindparam("hash", type_=LargeBinary), users.c.is_active, _live_token)
)


def _values(filter: UserFilter) -> dict[str, object]:
    return {"text": pattern(filter.text), "role": filter.role, "active": filter.active}


class PostgresAccountReads:
    """Implements domain.accounts.stores.AccountReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[User | None]:
        records = await self._reader.rows(_by_ids[access(viewer)], ids=ids, viewer=viewer.id)
        return in_order(ids, user_mapped.by("id", records))

    async def page(self, viewer: Viewer, window: Window, filter: UserFilter) -> Page[User]:
        return await _users.page(self._reader, window, access(viewer), **_values(filter))

    async def count(self, viewer: Viewer, filter: UserFilter) -> int:
        return await _users.count(self._reader, access(viewer), **_values(filter))

    async def sessions(self, viewer: Viewer, window: Window, now: datetime) -> Page[Session]:
        return await _sessions.page(self._reader, window, "own", viewer=viewer.id, now=now)

    async def api_tokens(self, viewer: Viewer, window: Window, now: datetime) -> Page[ApiToken]:
        return await _tokens.page(self._reader, window, "own", viewer=viewer.id, now=now)

    async def session_count(self, viewer: Viewer, now: datetime) -> int:
        return await _sessions.count(self._reader, "own", viewer=viewer.id, now=now)

    async def api_token_count(self, viewer: Viewer, now: datetime) -> int:
        return await _tokens.count(self._reader, "own", viewer=viewer.id, now=now)

    async def sessions_by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Session | None]:
        if not viewer.has_scope(Scope.ACCOUNT):
            return [None] * len(ids)
        records = await self._reader.rows(_sessions_by_ids, ids=ids, viewer=viewer.id)
        return in_order(ids, session_mapped.by("id", records))

    async def api_tokens_by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[ApiToken | None]:
        if not viewer.has_scope(Scope.ACCOUNT):
            return [None] * len(ids)
        records = await self._reader.rows(_tokens_by_ids, ids=ids, viewer=viewer.id)
        return in_order(ids, token_mapped.by("id", records))

    async def viewer_of_session(self, session_id: UUID) -> Viewer | None:
        record = await self._reader.row(_viewer_of_session, session=session_id)
        return Viewer(record[0], Role(record[1]), session_id) if record else None

    async def viewer_of_token(self, token_hash: bytes, now: datetime) -> tuple[Viewer, datetime | None] | None:
        record = await self._reader.row(_viewer_of_token, hash=token_hash, now=now)
        if record is None:
            return None
        return Viewer(record[0], Role(record[1]), scopes=frozenset(record[2])), record[3]
