"""People with a real password, made by the use cases themselves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from domain.accounts.issuing import SignedIn
from domain.accounts.registration import NewAccount
from domain.viewer import Origin, Viewer
from graph.parts import Accounts
from persistence.tables.system import audit_log, outbox
from persistence.tables.users import user_sessions
from tests.support.passwords import GOOD

HERE = Origin(address="192.0.2.7", agent="tests/1.0", request_id="request-1")


def an_account(name: str = "ann", *, password: str = GOOD, **changes: str) -> NewAccount:
    given = {"username": name, "email": f"{name}@example.org", "full_name": name.title()} | changes
    return NewAccount(password=password, **given)


async def registered(use: Accounts, name: str = "ann", *, password: str = GOOD) -> SignedIn:
    return await use.registration.register(HERE, an_account(name, password=password), terms_accepted=True)


def viewer_of(signed_in: SignedIn, factory: Factory) -> Viewer:
    session_id = factory.keys.read(signed_in.access_token).session_id
    return Viewer(signed_in.user.id, signed_in.user.role, session_id, origin=HERE)


@dataclass(frozen=True)
class Stored:
    """What the tables hold."""

    engine: AsyncEngine

    async def audit(self) -> list[tuple[str, object]]:
        """Actions with their actors, in order."""
        return await self._rows(select(audit_log.c.action, audit_log.c.actor_id).order_by(audit_log.c.id))

    async def tasks(self) -> list[tuple[str, object]]:
        return await self._rows(select(outbox.c.task, outbox.c.payload).order_by(outbox.c.id))

    async def live_sessions(self) -> int:
        live = user_sessions.c.revoked_at.is_(None) & user_sessions.c.rotated_at.is_(None)
        return len(await self._rows(select(user_sessions.c.id).where(live)))

    async def sessions(self) -> int:
        return len(await self._rows(select(user_sessions.c.id)))

    async def _rows(self, statement: object) -> list[tuple[str, object]]:
        async with self.engine.connect() as connection:
            return [tuple(row) for row in (await connection.execute(statement)).all()]  # type: ignore[call-overload]
