"""People who are already logged in, without paying for a password hash each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.factory import Factory
from domain.accounts.model import Session, User
from domain.accounts.ports import AccessClaims
from domain.ids import new_id
from domain.viewer import Origin, Role, Viewer
from graph.ids import encode
from tests.support.passwords import QUICK

PASSWORD = "Nine-Purple-Turtles-7"
PASSWORD_HASH = QUICK.hash(PASSWORD)
"""Everybody's, hashed once."""


@dataclass(frozen=True)
class Person:
    user: User
    viewer: Viewer
    token: str

    @property
    def id(self) -> str:
        return encode("User", self.user.id)


async def a_person(factory: Factory, name: str, role: Role = Role.USER, *, active: bool = True) -> Person:
    """Somebody with an account, a session and an access token."""
    now = factory.clock()
    user = User(
        id=new_id(),
        username=name,
        email=f"{name}@example.org",
        full_name=name.title(),
        role=role,
        is_active=active,
        last_login_at=None,
        settings={},
        created_at=now,
        updated_at=now,
    )
    session = a_session(user, factory)
    async with factory.works() as work:
        await work.users.add(user, PASSWORD_HASH)
        await work.sessions.add(session, token_hash=session.id.bytes)
    claims = AccessClaims(user.id, session.id, new_id(), now, now + timedelta(minutes=30))
    return Person(user, Viewer(user.id, role, session.id, origin=Origin(request_id="test")), factory.keys.sign(claims))


def a_session(user: User, factory: Factory) -> Session:
    now = factory.clock()
    id_ = new_id()
    return Session(
        id=id_,
        user_id=user.id,
        family_id=id_,
        agent="tests",
        address=None,
        expires_at=now + timedelta(days=7),
        last_used_at=now,
        created_at=now,
    )
