"""What an operation costs: an object 1, a leaf 0, and what is in a page as often as the page is long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLList,
    IntValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)
from strawberry.types.field import StrawberryField

from graph.execution.limits import DEFAULT_PAGE, LARGEST_PAGE, Cost
from graph.execution.resolvers import BACKREF

_WEIGHTS = {"totalCount": 10}
_USUAL = Cost()


@dataclass(frozen=True, slots=True)
class Price:
    """The cost of a field with all that is below it, as far as it is known without the variables."""

    weight: int = 0
    is_list: bool = False
    page: tuple[int | str, ...] = ()
    """The sizes that were asked for: numbers, or names of variables. Empty: it is no page."""
    children: tuple[Price, ...] = field(default=())

    def total(self, variables: Mapping[str, Any]) -> int:
        size = max(_size(wanted, variables) for wanted in self.page) if self.page else 1
        cost = self.weight
        for child in self.children:
            # In a page, its lists are as long as it is; its totalCount and pageInfo come once.
            times = size if self.is_list or child.is_list else 1
            cost += times * child.total(variables)
        return cost

    @property
    def varies(self) -> bool:
        return any(isinstance(size, str) for size in self.page) or any(child.varies for child in self.children)


def price_of(definitions: Sequence[tuple[GraphQLField, FieldNode]], children: tuple[Price, ...]) -> Price | None:
    """The price of one field of the answer, for which several nodes may have asked. None: it is free."""
    prices = [_one(definition, node, children) for definition, node in definitions]
    dearest = max(prices, key=lambda price: price.weight, default=None)
    return dearest if dearest and (dearest.weight or children) else None
