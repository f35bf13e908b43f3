"""Who is asking, and from where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.errors import Forbidden, Unauthenticated


class Role(StrEnum):
    ADMIN = "admin"
    USER = "user"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from, for the audit log and the list of sessions."""

    address: str | None = None
    agent: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person behind a request. Every reading and writing method of a store takes one."""

    user_id: UUID | None = None
    role: Role = Role.GUEST
    session_id: UUID | None = None
    scopes: frozenset[str] | None = None
    """None: all that the person may do (a session). A set: what an API token was limited to."""
    origin: Origin = Origin()

    @property
    def id(self) -> UUID:
        if self.user_id is None:
            raise Unauthenticated
        return self.user_id

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    def has_scope(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes


NOBODY = Viewer()
# Somebody at the command line of the platform's own machine: an admin without an account. No request makes one.
OPERATOR = Viewer(role=Role.ADMIN, origin=Origin(agent="command line"))


def only_admins(viewer: Viewer) -> None:
    if not viewer.is_admin:
        raise Forbidden("Only an admin may do this.")
