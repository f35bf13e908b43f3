"""A column of leaves is what its values are one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import strawberry
from graphql import GraphQLEnumType, GraphQLLeafType, GraphQLScalarType
from hypothesis import given
from hypothesis import strategies as st

from graph.execution.kinds import NOTHING, kinds_of
from graph.execution.leaves import quick


@strawberry.enum
class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@strawberry.enum
class Size(Enum):
    SMALL = 1
    LARGE = 2


@strawberry.type
class Query:
    colour: Colour
    size: Size
    text: str
    number: int
    ratio: float
    flag: bool
    id: strawberry.ID
    at: datetime
    price: Decimal
    uid: UUID
    data: strawberry.scalars.JSON


TYPES = strawberry.Schema(Query)._schema.type_map
LEAVES = ["Colour", "Size", "String", "Int", "Float", "Boolean", "ID", "DateTime", "Decimal", "UUID", "JSON"]
PG_UUID = asyncpg.pgproto.pgproto.UUID
_values = st.one_of(
    st.none(),
    st.sampled_from([*Colour, *Size, "red", "RED", 1, 2**31 - 1, -(2**31), 2**31, 1.0, True, "7", "", object, b"x"]),
    st.floats(),
    st.integers(),
    st.text(max_size=3),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.decimals(),
    st.uuids(),
    st.uuids().map(lambda value: PG_UUID(str(value))),
    st.lists(st.integers(), max_size=1),
)


def _leaf(name: str) -> GraphQLLeafType:
    leaf = TYPES[name]
    assert isinstance(leaf, (GraphQLScalarType, GraphQLEnumType))
    return leaf


def _slowly(leaf: GraphQLLeafType, values: list[Any]) -> list[Any]:
    return [None if value is None else leaf.coerce_output_value(value) for value in values]


def _quickly(leaf: GraphQLLeafType, values: list[Any]) -> list[Any] | None:
    kinds = kinds_of(values)
    gaps = NOTHING in kinds
    return quick(leaf)(values, kinds - {NOTHING}, gaps) if kinds - {NOTHING} else values


@given(name=st.sampled_from(LEAVES), values=st.lists(_values, min_size=1, max_size=4))
def test_a_column_is_the_same_as_its_values(name: str, values: list[Any]) -> None:
    leaf = _leaf(name)
    done = _quickly(leaf, values)
    if done is not None:
        expected = _slowly(leaf, values)
        assert list(map(repr, done)) == list(map(repr, expected))
        assert list(map(type, done)) == list(map(type, expected))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Colour", [Colour.RED, None, Colour.BLUE]),
        ("Size", [Size.SMALL, Size.LARGE]),
        ("String", ["a", None]),
        ("Int", [1, None, -(2**31)]),
        ("Float", [1.5, None]),
        ("Boolean", [True, False]),
        ("ID", ["a", None]),
        ("ID", [UUID(int=1), PG_UUID(bytes(16))]),
        ("DateTime", [datetime(2026, 1, 1, tzinfo=UTC), None]),
        ("Decimal", [Decimal("1.50")]),
        ("UUID", [UUID(int=1), PG_UUID(bytes(16)), None]),
        ("JSON", [{"a": 1}, None]),
    ],
)
def test_the_usual_values_are_quick(name: str, values: list[Any]) -> None:
    assert _quickly(_leaf(name), values) == _slowly(_leaf(name), values)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Int", [2**31]),
        ("Int", [True]),
        ("Float", [float("nan")]),
        ("Float", [float("inf")]),
        ("Colour", ["red"]),
        ("String", [Colour.RED]),
        ("ID", [1]),
        ("DateTime", ["2026-01-01"]),
    ],
)
def test_the_unusual_goes_one_by_one(name: str, values: list[Any]) -> None:
    assert _quickly(_leaf(name), values) is None
