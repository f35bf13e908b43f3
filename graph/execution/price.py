"""What an operation costs: an object 1, a leaf 0, and what is in a page as often as the page is long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
_Size = int | str
"""The size of a page: a number, or the name of the variable that has it."""


class Price:
    """The cost of a field with all that is below it, as far as it is known without the variables."""

    __slots__ = ("_children", "_sizes", "fixed", "is_list", "pages", "varies", "weight")

    def __init__(
        self, weight: int = 0, *, is_list: bool = False, sizes: Sequence[_Size] = (), children: Sequence[Price] = ()
    ) -> None:
        self.weight = weight
        self.is_list = is_list
        self._sizes = sizes
        self._children = children
        self.pages: bool = bool(sizes) or any(child.pages for child in children)
        self.varies: bool = any(isinstance(size, str) for size in sizes) or any(child.varies for child in children)
        self.fixed: int = 0 if self.varies else self.total({})

    def total(self, variables: Mapping[str, Any]) -> int:
        page = max((_clamped(size, variables) for size in self._sizes), default=1)
        cost = self.weight
        for child in self._children:
            # In a page, its lists are as long as it is; its totalCount and pageInfo come once.
            times = page if self.is_list or child.is_list else 1
            cost += times * (child.total(variables) if child.varies else child.fixed)
        return cost


def price_of(asked: Sequence[tuple[GraphQLField, FieldNode]], children: Sequence[Price]) -> Price | None:
    """The price of one field of the answer, for which several nodes may have asked. None: it is free."""
    prices = [_price(definition, node, children) for definition, node in asked]
    dearest = max(prices, key=lambda price: price.weight, default=None)
    return dearest if dearest and (dearest.weight or children) else None


def _price(definition: GraphQLField, node: FieldNode, children: Sequence[Price]) -> Price:
    cost = _cost(definition)
    weight = cost.weight
    if weight is None:
        usual = 0 if is_leaf_type(get_named_type(definition.type)) else 1
        weight = _WEIGHTS.get(node.name.value, usual)
    is_list = isinstance(get_nullable_type(definition.type), GraphQLList)
    return Price(weight, is_list=is_list, sizes=_sizes(definition, node, cost), children=children)


def _cost(definition: GraphQLField) -> Cost:
    field = definition.extensions.get(BACKREF)
    marks = field.metadata.values() if isinstance(field, StrawberryField) else ()
    return next((mark for mark in marks if isinstance(mark, Cost)), _USUAL)


def _sizes(definition: GraphQLField, node: FieldNode, cost: Cost) -> list[_Size]:
    names = [name for name in cost.multiplier_args if name in definition.args]
    given = [argument.value for argument in node.arguments or () if argument.name.value in names]
    sizes: list[_Size] = [value.name.value for value in given if isinstance(value, VariableNode)]
    sizes += [int(value.value) for value in given if isinstance(value, IntValueNode)]
    if sizes or not names:
        return sizes
    defaults = [definition.args[name].default_value for name in names]
    return [size for size in defaults if isinstance(size, int)] or [DEFAULT_PAGE]


def _clamped(size: _Size, variables: Mapping[str, Any]) -> int:
    number = variables.get(size) if isinstance(size, str) else size
    return min(max(number, 1), LARGEST_PAGE) if isinstance(number, int) else DEFAULT_PAGE
