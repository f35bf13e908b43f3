"""The schema explains itself: everything has a description, every root field a policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    is_introspection_type,
    is_specified_scalar_type,
)

from app.schema_file import printed_schema
from graph.policy import Gate
from graph.schema import Mutation, Query, Subscription


def _described() -> Iterator[tuple[str, Any]]:
    for name, type_ in printed_schema().type_map.items():
        if is_introspection_type(type_) or is_specified_scalar_type(type_):
            continue
        yield name, type_
        yield from _inside(type_)


def _inside(type_: GraphQLNamedType) -> Iterator[tuple[str, Any]]:
    if isinstance(type_, GraphQLEnumType):
        yield from ((f"{type_.name}.{name}", value) for name, value in type_.values.items())
    if isinstance(type_, GraphQLInputObjectType):
        yield from ((f"{type_.name}.{name}", field) for name, field in type_.fields.items())
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in type_.fields.items():
            yield f"{type_.name}.{name}", field
            yield from ((f"{type_.name}.{name}({argument})", value) for argument, value in field.args.items())


def test_every_type_field_argument_and_value_has_a_description() -> None:
    assert [name for name, element in _described() if not element.description] == []


def test_every_root_field_declares_its_policy() -> None:
    without = [
        f"{root.__name__}.{field.python_name}"
        for root in (Query, Mutation, Subscription)
        for field in root.__strawberry_definition__.fields  # type: ignore[attr-defined]
        if not any(isinstance(extension, Gate) for extension in field.extensions)
    ]
    assert without == []
