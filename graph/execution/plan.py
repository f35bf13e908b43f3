"""What a document asks for, worked out once: the fields of each object, how to get them, what to make of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    ListValueNode,
    ObjectValueNode,
    TypeNameMetaFieldDef,
    ValueNode,
    VariableNode,
    is_non_null_type,
)

# Marked as internal by graphql-core; tests/graph/execution/test_library_shape.py tells when it changes.
from graphql.execution.collect_fields import FieldDetails, GroupedFieldSet

from graph.execution.columns import Coming
from graph.execution.late import LateColumn
from graph.execution.objects import AbstractShape, ObjectShape
from graph.execution.price import Price
from graph.execution.resolvers import constant_of, resolver_of
from graph.execution.shapes import LeafShape, ListShape, Shape
from graph.execution.where import Column, Fields, Objects, Step

if TYPE_CHECKING:
    from graphql import GraphQLSchema

    from graph.execution.run import Run

_MOST_VARIANTS = 32


class Field:
    """A field as one selection asks for it."""

    __slots__ = (
        "arguments",
        "coordinate",
        "definition",
        "details",
        "fixed",
        "nodes",
        "parent_type",
        "resolve",
        "shape",
        "step",
    )

    def __init__(
        self,
        schema: GraphQLSchema,
        parent_type: GraphQLObjectType,
        definition: GraphQLField,
        details: list[FieldDetails],
        step: Step,
    ) -> None:
        self.parent_type = parent_type
        self.definition = definition
        self.details = details
        self.nodes: list[FieldNode] = [detail.node for detail in details]
        self.coordinate = f"{parent_type}.{self.nodes[0].name.value}"
        self.step = step
        self.shape = _shape_of(definition.type, self)
        is_typename = definition is TypeNameMetaFieldDef
        self.resolve = constant_of(parent_type.name) if is_typename else resolver_of(schema, definition)
        self.fixed = not any(_varies(argument.value) for argument in self.nodes[0].arguments or ())
        self.arguments: dict[str, Any] | None = None
        """The arguments, once they are known to be the same in every request."""

    def column(self, run: Run, sources: Column, objects: Objects) -> Column:
        where = Fields(objects, self.step)
        values = self.resolve(run, self, sources, where)
        if isinstance(values, Coming):
            run.follow(LateColumn(self.shape, values.values, len(sources), where))
            return [None] * len(sources)
        return self.shape.complete(run, values, where)


def _varies(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(map(_varies, value.values or ()))
    if isinstance(value, ObjectValueNode):
        return any(_varies(field.value) for field in value.fields or ())
    return isinstance(value, VariableNode)


def _shape_of(type_: GraphQLOutputType, field: Field) -> Shape:
    nullable = not isinstance(type_, GraphQLNonNull)
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(inner, GraphQLList):
        return ListShape(field, nullable, _shape_of(inner.of_type, field))
    if isinstance(inner, (GraphQLScalarType, GraphQLEnumType)):
        return LeafShape(field, nullable, inner)
    if isinstance(inner, GraphQLObjectType):
        return ObjectShape(field, nullable, inner)
    return AbstractShape(field, nullable, inner)


class Selection:
    """The fields asked for of the objects of one type."""

    __slots__ = ("fields", "keys")

    def __init__(self, schema: GraphQLSchema, type_: GraphQLObjectType, grouped: GroupedFieldSet) -> None:
        self.fields: list[Field] = []
        for order, (key, details) in enumerate(grouped.items()):
            definition = schema.get_field(type_, details[0].node.name.value)
            if definition is not None:
                nullable = not is_non_null_type(definition.type)
                step = Step(key, nullable, order, type_.name)
                self.fields.append(Field(schema, type_, definition, details, step))
        self.keys = [str(field.step.key) for field in self.fields]


class Variant:
    """An operation with one set of the variables that @skip and @include look at."""

    __slots__ = ("price", "root")

    def __init__(self) -> None:
        self.root: Selection | None = None
        self.price: Price | None = None


class OperationPlan:
    """What is known of an operation, kept with its document."""

    def __init__(self, conditions: tuple[str, ...] = ()) -> None:
        self._conditions = conditions
        self._variants: dict[tuple[Any, ...], Variant] = {}

    def __len__(self) -> int:
        return len(self._variants)

    def variant(self, variables: Mapping[str, Any]) -> Variant:
        key = tuple(map(variables.get, self._conditions))
        found = self._variants.get(key)
        if found is None:
            if len(self._variants) >= _MOST_VARIANTS:
                self._variants.clear()
            found = self._variants[key] = Variant()
        return found
