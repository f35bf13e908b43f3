"""How much one operation may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, Node

from graph.errors import ErrorCode, coded

DEFAULT_PAGE = 20
LARGEST_PAGE = 100

# Only floods go over these, so they are no settings.
MAX_ARGUMENTS = 50
MAX_DIRECTIVES = 50
MAX_DIRECTIVES_IN_ONE_PLACE = 5
MAX_REPEATS = 50
MAX_FIELDS = 20_000
MAX_FRAGMENT_NESTING = 50
MAX_INTROSPECTION_DEPTH = 30
MAX_VALIDATION_ERRORS = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings of an installation."""

    max_depth: int
    max_aliases: int
    max_root_fields: int
    max_tokens: int
    max_cost: int
    introspection: bool

    def __post_init__(self) -> None:
        numbers = (self.max_depth, self.max_root_fields, self.max_tokens, self.max_cost)
        if min(numbers) < 1 or self.max_aliases < 0:
            raise ValueError("Limits are positive numbers.")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a field costs, given in its metadata: `strawberry.field(metadata={"cost": Cost(weight=10)})`."""

    weight: int | None = None
    """None: 1 for an object, 0 for a leaf."""
    multiplier_args: tuple[str, ...] = ("first", "last")
    """Arguments that say how many objects come back."""


class TooComplex(Exception):
    """An operation asks for too much."""

    def __init__(self, message: str, **numbers: int) -> None:
        super().__init__(message)
        self.numbers = numbers

    def located(self, *nodes: Node) -> GraphQLError:
        extensions: dict[str, Any] = dict(self.numbers)
        return coded(GraphQLError(str(self), list(nodes)), ErrorCode.QUERY_TOO_COMPLEX, **extensions)
