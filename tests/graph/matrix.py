"""Who gets what from each root field. A field without a row here fails tests/graph/test_matrix.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.graph.world import ACTORS, World

OK, NULL, EMPTY = "ok", "null", "empty"
NOT_FOUND, FORBIDDEN, UNAUTHENTICATED = "NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED"

Input = Callable[[World], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """An operation on one root field, and what each actor gets: ok, null, empty, or the code of the first error."""

    document: str
    expected: dict[str, str]
    variables: Input = lambda _: {}


def each(*outcomes: str) -> dict[str, str]:
    """Outcomes in the order of ACTORS: nobody, guest, stranger, viewer, editor, owner, admin."""
    return dict(zip(ACTORS, outcomes, strict=True))


def everyone(outcome: str, **but: str) -> dict[str, str]:
    return dict.fromkeys(ACTORS, outcome) | but


def signed_in(outcome: str = OK, **but: str) -> dict[str, str]:
    return everyone(outcome, nobody=UNAUTHENTICATED) | but


def admins_only() -> dict[str, str]:
    return everyone(FORBIDDEN, nobody=UNAUTHENTICATED, admin=OK)


def mutation(field: str, input: Input, expected: dict[str, str]) -> Row:
    type_name = field[0].upper() + field[1:] + "Input"
    document = f"mutation($input: {type_name}!) {{ {field}(input: $input) {{ errors {{ code }} }} }}"
    return Row(document, expected, lambda world: {"input": input(world)})


def query(selection: str, expected: dict[str, str], variables: Input = lambda _: {}) -> Row:
    return Row(selection, expected, variables)


_project_of: Input = lambda world: {"id": world.ids["project"]}  # noqa: E731

SYSTEM = {
    "Query.systemInfo": query("{ systemInfo { version } }", everyone(OK)),
    "Query.systemStatus": query("{ systemStatus { ready } }", everyone(OK)),
    "Subscription.systemStatus": query("subscription { systemStatus { ready } }", everyone(OK)),
    "Query.node": query("query($id: ID!) { node(id: $id) { id } }", signed_in(OK, stranger=NULL), _project_of),
}

ACCOUNTS = {
    "Query.viewer": query("{ viewer { id } }", everyone(OK, nobody=NULL)),
    "Query.users": query("{ users { nodes { id } } }", admins_only()),
    "Query.sessions": query("{ sessions { nodes { id } } }", signed_in()),
    "Query.apiTokens": query("{ apiTokens { nodes { id } } }", signed_in(EMPTY)),
}

PROJECTS = {
    "Query.projects": query("{ projects { nodes { id } } }", signed_in(OK, stranger=EMPTY)),
    "Mutation.createProject": mutation("createProject", lambda _: {"name": "Beta"}, signed_in(OK, guest=FORBIDDEN)),
    "Mutation.updateProject": mutation(
        "updateProject",
        lambda world: {"id": world.ids["project"], "name": "Gamma"},
        each(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, FORBIDDEN, OK, OK, OK),
    ),
    "Mutation.deleteProject": mutation(
        "deleteProject", _project_of, each(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, FORBIDDEN, FORBIDDEN, OK, OK)
    ),
    "Mutation.inviteMember": mutation(
        "inviteMember",
        lambda world: {"projectId": world.ids["project"], "user": "newcomer"},
        each(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, FORBIDDEN, FORBIDDEN, OK, OK),
    ),
    "Mutation.changeMemberRole": mutation(
        "changeMemberRole",
        lambda world: {"projectId": world.ids["project"], "userId": world.ids["viewer"], "role": "EDITOR"},
        each(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, FORBIDDEN, FORBIDDEN, OK, OK),
    ),
    "Mutation.removeMember": mutation(
        "removeMember",
        lambda world: {"projectId": world.ids["project"], "userId": world.ids["viewer"]},
        each(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, FORBIDDEN, FORBIDDEN, OK, OK),
    ),
    "Mutation.leaveProject": mutation(
        "leaveProject",
        lambda world: {"projectId": world.ids["project"]},
        # The owner is the last one; the admin is no member.
        each(UNAUTHENTICATED, OK, NOT_FOUND, OK, OK, "LAST_OWNER", NOT_FOUND),
    ),
}

MATRIX: dict[str, Row] = SYSTEM | ACCOUNTS | PROJECTS
