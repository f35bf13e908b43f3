"""The schema as text, as it is kept in schema.graphql."""

from __future__ import annotations

from graphql import GraphQLSchema, build_schema

from graph.execution import Limits
from graph.schema import build

# Limits do not show in the text.
_ANY = Limits(max_depth=1, max_aliases=1, max_root_fields=1, max_tokens=1, max_cost=1, introspection=True)


def printed() -> str:
    return build(_ANY).as_str() + "\n"


def printed_schema() -> GraphQLSchema:
    """What a client makes out of the text."""
    return build_schema(printed())
