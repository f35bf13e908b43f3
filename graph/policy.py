"""Who may call a root field. Every query, mutation and subscription declares it; a test walks the schema to see that.

What a caller may see or change among the objects of others is decided by the stores and use cases, in SQL and in rules.
"""

from dataclasses import dataclass
from typing import Any

from domain.accounts.model import Scope
from domain.errors import Forbidden, Unauthenticated
from domain.viewer import Role, Viewer
from graph.execution import Guard


@dataclass(frozen=True, slots=True)
class Policy:
    """The least that a caller must be."""

    name: str
    roles: frozenset[Role] | None
    scope: Scope | None

    def check(self, viewer: Viewer) -> None:
        if self.roles is None:
            return
        if viewer.user_id is None:
            raise Unauthenticated
        if viewer.role not in self.roles:
            raise Forbidden(_ROLE_TOO_LOW[self.name])
        if self.scope is not None and not viewer.has_scope(self.scope):
            raise Forbidden(f"This API token lacks the scope {self.scope.value}.")


_ALL = frozenset(Role)
_USERS = frozenset({Role.USER, Role.ADMIN})

ANYONE = Policy("anyone", None, None)
SIGNED_IN = Policy("signed in", _ALL, Scope.READ)
WRITER = Policy("writer", _USERS, Scope.WRITE)
ACCOUNT = Policy("account", _ALL, Scope.ACCOUNT)
ADMIN = Policy("admin", frozenset({Role.ADMIN}), Scope.ADMIN)

_ROLE_TOO_LOW = {
    "writer": "Guests may look, but not change anything. Ask an admin for the role USER.",
    "admin": "Only an admin may do this.",
}


class Gate(Guard):
    """Checks the policy before the resolver runs."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def check(self, context: Any) -> None:
        self.policy.check(context.viewer)
