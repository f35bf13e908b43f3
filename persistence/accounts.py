"""People, sessions and API tokens, written inside units of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from domain.accounts.model import ApiToken, Credentials, Session, User
from domain.accounts.stores import SessionState
from domain.errors import Code, Problem, Refused
from domain.viewer import Role
from persistence.reading import Mapped
from persistence.tables.users import api_tokens, user_sessions, users
from persistence.writing import WriteStore, violated


def _text(address: object) -> str | None:
    return str(address) if address is not None else None


user_mapped = Mapped(User, users, convert={"role": Role})
session_mapped = Mapped(Session, user_sessions, convert={"address": _text})
token_mapped = Mapped(ApiToken, api_tokens, convert={"scopes": tuple})

_TAKEN = {
    "uq_users_username_lower": Problem(
        Code.ALREADY_EXISTS, "This username is taken. Choose another one.", ("username",)
    ),
    "uq_users_email_lower": Problem(
        Code.ALREADY_EXISTS, "This e-mail address has an account. Log in, or reset the password.", ("email",)
    ),
}


class PostgresUsers(WriteStore):
    """Implements domain.accounts.stores.UserStore."""

    async def add(self, user: User, password_hash: str) -> None:
        await self._refuse_taken(user)
        try:
            await self._insert(users, user, password_hash=password_hash)
        except IntegrityError as error:
            raise _taken(error) from error

    async def save(self, user: User) -> None:
        try:
            await self._update(users, user)
        except IntegrityError as error:
            raise _taken(error) from error

    async def get(self, id: UUID) -> Credentials:
        return _present(await self._credentials(_credentials.where(users.c.id == id)))

    async def lock(self, id: UUID) -> Credentials:
        return _present(await self._credentials(_held(_credentials.where(users.c.id == id))))

    async def find(self, username_or_email: str) -> Credentials | None:
        # No lock: it would be written to the disk, and the time this takes would tell who has an account.
        wanted = username_or_email.strip().lower()
        if not _can_be_stored(wanted):
            return None
        name = users.c.email if "@" in wanted else users.c.username
        return await self._credentials(_credentials.where(func.lower(name) == wanted))

    async def set_password(self, id: UUID, password_hash: str) -> None:
        await self._connection.execute(update(users).where(users.c.id == id).values(password_hash=password_hash))

    async def lock_admins(self) -> frozenset[UUID]:
        # All in one order, so that two who do this at once cannot wait for each other.
        admins = select(users.c.id).where(users.c.role == Role.ADMIN, users.c.is_active).order_by(users.c.id)
        return frozenset((await self._connection.execute(_held(admins))).scalars())

    async def _credentials(self, statement: Select[Any]) -> Credentials | None:
        row = await self._one(statement)
        return Credentials(user_mapped.one(row), row.password_hash) if row else None

    async def _refuse_taken(self, user: User) -> None:
        """Both problems at once; the unique indexes still decide a race."""
        name, mail = func.lower(users.c.username), func.lower(users.c.email)
        statement = select(name, mail).where(or_(name == user.username.lower(), mail == user.email.lower()))
        rows = (await self._connection.execute(statement)).all()
        problems = [
            *([_TAKEN["uq_users_username_lower"]] if any(row[0] == user.username.lower() for row in rows) else []),
            *([_TAKEN["uq_users_email_lower"]] if any(row[1] == user.email.lower() for row in rows) else []),
        ]
        if problems:
            raise Refused(*problems)


_credentials = select(*user_mapped.columns, users.c.password_hash)


def _held(statement: Select[Any]) -> Select[Any]:
    """Others wait who want the same, but not those who only refer to the row."""
    return statement.with_for_update(key_share=True)


def _present(found: Credentials | None) -> Credentials:
    if found is None:
        raise Refused.because(Code.NOT_FOUND, "There is no such user.", "id")
    return found


def _can_be_stored(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _taken(error: IntegrityError) -> Exception:
    problem = _TAKEN.get(violated(error))
    return Refused(problem) if problem else error


class PostgresSessions(WriteStore):
    """Implements domain.accounts.stores.SessionStore."""

    async def add(self, session: Session, token_hash: bytes) -> None:
        await self._insert(user_sessions, session, token_hash=token_hash)

    async def owner(self, token_hash: bytes) -> UUID | None:
        row = await self._one(select(user_sessions.c.user_id).where(user_sessions.c.token_hash == token_hash))
        return row.user_id if row else None

    async def lock_by_hash(self, token_hash: bytes) -> SessionState | None:
        return await self._state(user_sessions.c.token_hash == token_hash)

    async def lock(self, user_id: UUID, id: UUID) -> SessionState | None:
        return await self._state((user_sessions.c.id == id) & (user_sessions.c.user_id == user_id))

    async def rotate(self, id: UUID, at: datetime) -> None:
        await self._set(user_sessions.c.id == id, {"rotated_at": at, "last_used_at": at})

    async def revoke_family(self, family_id: UUID, at: datetime) -> None:
        live = user_sessions.c.revoked_at.is_(None)
        await self._set((user_sessions.c.family_id == family_id) & live, {"revoked_at": at})

    async def revoke_all(self, user_id: UUID, at: datetime, *, but: UUID | None = None) -> int:
        condition = (user_sessions.c.user_id == user_id) & user_sessions.c.revoked_at.is_(None)
        if but is not None:
            condition &= user_sessions.c.family_id != but
        good = user_sessions.c.rotated_at.is_(None) & (user_sessions.c.expires_at > at)
        statement = update(user_sessions).where(condition).values(revoked_at=at).returning(good)
        return sum((await self._connection.execute(statement)).scalars())

    async def _set(self, condition: Any, values: Mapping[str, object]) -> None:
        await self._connection.execute(update(user_sessions).where(condition).values(**values))

    async def _state(self, condition: Any) -> SessionState | None:
        columns = (*session_mapped.columns, user_sessions.c.rotated_at, user_sessions.c.revoked_at)
        row = await self._one(select(*columns).where(condition).with_for_update())
        return SessionState(session_mapped.one(row), row.rotated_at, row.revoked_at) if row else None


class PostgresApiTokens(WriteStore):
    """Implements domain.accounts.stores.ApiTokenStore."""

    async def add(self, token: ApiToken, token_hash: bytes) -> None:
        await self._insert(api_tokens, token, token_hash=token_hash)

    async def live(self, user_id: UUID, now: datetime) -> Sequence[ApiToken]:
        in_time = or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > now)
        statement = (
            select(*token_mapped.columns)
            .where(api_tokens.c.user_id == user_id, api_tokens.c.revoked_at.is_(None), in_time)
            .order_by(api_tokens.c.id)
        )
        return token_mapped.many((await self._connection.execute(statement)).all())

    async def revoke(self, user_id: UUID, id: UUID, at: datetime) -> ApiToken:
        live = (api_tokens.c.user_id == user_id) & api_tokens.c.revoked_at.is_(None)
        statement = update(api_tokens).where(live, api_tokens.c.id == id).values(revoked_at=at)
        row = await self._one(statement.returning(*token_mapped.columns))
        if row is None:
            raise Refused.because(Code.NOT_FOUND, "There is no such token, or it was revoked already.", "id")
        return token_mapped.one(row)

    async def revoke_all(self, user_id: UUID, at: datetime) -> int:
        live = (api_tokens.c.user_id == user_id) & api_tokens.c.revoked_at.is_(None)
        return (await self._connection.execute(update(api_tokens).where(live).values(revoked_at=at))).rowcount

    async def touch(self, token_hash: bytes, at: datetime, *, unless_since: datetime) -> None:
        used = api_tokens.c.last_used_at
        stale = (api_tokens.c.token_hash == token_hash) & or_(used.is_(None), used <= unless_since)
        await self._connection.execute(update(api_tokens).where(stale).values(last_used_at=at))
