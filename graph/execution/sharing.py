"""Whether the answer to an event is the same for all who may see the event."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

IMPERSONAL = "__impersonal__"
_MOST = 64


def impersonal(cls: type) -> type:
    """Mark a type whose fields mean the same to everybody."""
    setattr(cls, IMPERSONAL, True)
    return cls


class Sharing:
    """Those who ask for the same fields with the same variables: their answers to an event are one answer."""

    __slots__ = ("_personal",)

    def __init__(self, personal: frozenset[str]) -> None:
        self._personal = personal

    def holds(self, value: object) -> bool:
        return type(value).__name__ not in self._personal


class Sharings:
    """Of one subscription. The arguments of its root field say which events come, not what they look like."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._variables: set[str] = set()
        self._personal: set[str] = set()
        self._opened: set[tuple[str, str]] = set()
        root = schema.get_root_type(operation.operation)
        assert root is not None  # noqa: S101 - validated
        self._walk_root(root, operation.selection_set)
        self._kept: dict[Hashable, Sharing] = {}

    def of(self, variables: Mapping[str, Any]) -> Sharing:
        key = tuple((name, repr(variables.get(name))) for name in sorted(self._variables))
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            found = self._kept[key] = Sharing(frozenset(self._personal))
        return found

    def _walk_root(self, type_: GraphQLObjectType, selections: SelectionSetNode) -> None:
        for node in selections.selections:
            self._note_variables(node.directives or ())
            if isinstance(node, FieldNode):
                if node.selection_set is not None:
                    field = self._schema.get_field(type_, node.name.value)
                    self._walk(get_named_type(field.type) if field else None, node.selection_set, None)
            elif isinstance(node, InlineFragmentNode):
                self._walk_root(type_, node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                self._walk_root(type_, self._fragments[node.name.value].selection_set)

    def _walk(self, type_: GraphQLNamedType | None, selections: SelectionSetNode, event: str | None) -> None:
        """`event` is the type of the event that we are inside of; None while that is not certain."""
        here = event or (type_.name if isinstance(type_, GraphQLObjectType) else None)
        if type_ is not None and not _is_impersonal(type_):
            self._personal.update([here] if here else self._possible(type_))
        for node in selections.selections:
            self._note_variables((*(node.directives or ()), *(getattr(node, "arguments", None) or ())))
            if isinstance(node, FieldNode):
                self._walk_field(type_, node, here)
            elif isinstance(node, InlineFragmentNode):
                self._walk(self._narrowed(node, type_), node.selection_set, event)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                opened = (node.name.value, event or "")
                if opened not in self._opened:
                    self._opened.add(opened)
                    self._walk(self._narrowed(fragment, type_), fragment.selection_set, event)

    def _walk_field(self, type_: GraphQLNamedType | None, node: FieldNode, event: str | None) -> None:
        if node.selection_set is None or not is_composite_type(type_):
            return
        field = self._schema.get_field(type_, node.name.value)
        inner = get_named_type(field.type) if field else None
        if event is not None or type_ is None:
            self._walk(inner, node.selection_set, event)
            return
        for possible in self._possible(type_):
            self._walk(inner, node.selection_set, possible)

    def _narrowed(
        self, node: InlineFragmentNode | FragmentDefinitionNode, type_: GraphQLNamedType | None
    ) -> GraphQLNamedType | None:
        return self._schema.get_type(node.type_condition.name.value) if node.type_condition else type_

    def _possible(self, type_: GraphQLNamedType) -> list[str]:
        if isinstance(type_, GraphQLAbstractType):
            return [possible.name for possible in self._schema.get_possible_types(type_)]
        return [type_.name]

    def _note_variables(self, nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            self._variables.update(_variables(node))


def _is_impersonal(type_: GraphQLNamedType) -> bool:
    definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return bool(getattr(getattr(definition, "origin", None), IMPERSONAL, False))


def _variables(node: Node) -> Iterator[str]:
    todo: list[Any] = [node]
    while todo:
        found = todo.pop()
        if isinstance(found, VariableNode):
            yield found.name.value
        elif isinstance(found, Node):
            todo.extend(getattr(found, key) for key in found.keys)
        elif isinstance(found, (list, tuple)):
            todo.extend(found)
