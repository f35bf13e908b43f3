"""The schema as text: as it is kept in schema.graphql, and against what the last release promised."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from graphql import GraphQLSchema, build_schema, find_breaking_changes

from app.errors import CannotStart
from graph.execution import Limits
from graph.schema import build

# Limits do not show in the text.
_ANY = Limits(max_depth=1, max_aliases=1, max_root_fields=1, max_tokens=1, max_cost=1, introspection=True)

UNRELEASED = "## Unreleased"


def printed() -> str:
    return build(_ANY).as_str() + "\n"


def printed_schema() -> GraphQLSchema:
    """What a client makes out of the text."""
    return build_schema(printed())


def check(root: Path) -> None:
    """Raises CannotStart when schema.graphql is stale, or when a change would break clients without a word."""
    text = printed()
    kept = root / "schema.graphql"
    if not kept.exists() or kept.read_text() != text:
        raise CannotStart("schema.graphql is not the schema of the code.", "Write it: ./tmw schema > schema.graphql")
    released, changelog = root / "schema.released.graphql", (root / "CHANGELOG.md").read_text()
    if silent := unannounced(released.read_text(), text, changelog):
        raise CannotStart(
            f"These changes break clients: {' '.join(silent)}",
            f"Undo them, or write each of these sentences into CHANGELOG.md below {UNRELEASED!r}.",
        )


def unannounced(released: str, present: str, changelog: str) -> Sequence[str]:
    """The changes since the release that break clients, and that the changelog does not name."""
    changes = find_breaking_changes(build_schema(released), build_schema(present))
    said = _unreleased(changelog)
    return [change.description for change in changes if change.description not in said]


def _unreleased(changelog: str) -> str:
    _, _, rest = changelog.partition(UNRELEASED)
    return rest.partition("\n## ")[0]
