"""How large a document is, counted before anything else is spent on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from graph.execution.limits import (
    MAX_FIELDS,
    MAX_FRAGMENT_NESTING,
    MAX_INTROSPECTION_DEPTH,
    MAX_REPEATS,
    Limits,
    TooComplex,
)
from graph.execution.price import Price, price_of

_Type = GraphQLNamedType | None
"""None: validation will say that there is no such type."""
_Asked = list[tuple[_Type, FieldNode]]
_Part = tuple[_Type, SelectionSetNode]


class Survey:
    """Walks an operation as it will be executed: fragments opened, equal fields merged."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, limits: Limits, variables: Mapping[str, Any] | None = None
    ) -> None:
        """Without variables, everything counts that @skip or @include might let through."""
        self._schema = schema
        self._limits = limits
        self._variables = variables
        self._left = MAX_FIELDS
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }

    def price(self, operation: OperationDefinitionNode) -> Price:
        fields = self._merged([(self._schema.get_root_type(operation.operation), operation.selection_set)])
        if len(fields) > self._limits.max_root_fields:
            limit = self._limits.max_root_fields
            raise TooComplex("The operation has too many root fields.", rootFields=len(fields), limit=limit)
        return Price(children=self._prices(fields, 1, self._limits.max_depth))

    def _prices(self, fields: dict[str, _Asked], depth: int, limit: int) -> tuple[Price, ...]:
        found = (self._price(key, asked, depth, limit) for key, asked in fields.items())
        return tuple(price for price in found if price is not None)

    def _price(self, key: str, asked: _Asked, depth: int, limit: int) -> Price | None:
        if len(asked) > MAX_REPEATS:
            raise TooComplex(f"The field `{key}` is repeated too often.", repeats=len(asked), limit=MAX_REPEATS)
        is_meta = asked[0][1].name.value.startswith("__")
        if is_meta and limit == self._limits.max_depth:
            # What a schema says of itself is neither deep nor dear; validation has a rule of its own for it.
            depth, limit = 0, MAX_INTROSPECTION_DEPTH
        if depth > limit:
            raise TooComplex("The operation is nested too deeply.", limit=limit)
        known: list[tuple[GraphQLField, FieldNode]] = []
        parts: list[_Part] = []
        for type_, node in asked:
            definition = self._schema.get_field(type_, node.name.value) if is_composite_type(type_) else None
            if definition is not None:
                known.append((definition, node))
            if node.selection_set is not None:
                parts.append((get_named_type(definition.type) if definition else None, node.selection_set))
        children = self._prices(self._merged(parts), depth + 1, limit)
        return None if is_meta else price_of(known, children)

    def _merged(self, parts: Iterable[_Part]) -> dict[str, _Asked]:
        fields: dict[str, _Asked] = {}
        opened: set[str] = set()
        for type_, selection_set in parts:
            self._collect(type_, selection_set, fields, opened, 0)
        return fields

    def _collect(
        self, type_: _Type, selections: SelectionSetNode, fields: dict[str, _Asked], opened: set[str], nesting: int
    ) -> None:
        self._left -= len(selections.selections)
        if self._left < 0:
            raise TooComplex("The document asks for too many fields.", limit=MAX_FIELDS)
        if nesting > MAX_FRAGMENT_NESTING:
            raise TooComplex("Fragments are nested too deeply.", limit=MAX_FRAGMENT_NESTING)
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias or node.name
                fields.setdefault(key.value, []).append((type_, node))
            elif (fragment := self._opened(node, opened)) is not None:
                condition = fragment.type_condition
                inner = self._schema.get_type(condition.name.value) if condition else type_
                self._collect(inner, fragment.selection_set, fields, opened, nesting + 1)

    def _opened(self, node: SelectionNode, opened: set[str]) -> InlineFragmentNode | FragmentDefinitionNode | None:
        if isinstance(node, InlineFragmentNode):
            return node
        assert isinstance(node, FragmentSpreadNode)  # noqa: S101
        if node.name.value in opened:
            return None
        opened.add(node.name.value)
        return self._fragments.get(node.name.value)

    def _included(self, node: SelectionNode) -> bool:
        return not any(self._excludes(directive) for directive in node.directives or ())

    def _excludes(self, directive: DirectiveNode) -> bool:
        if directive.name.value not in ("skip", "include"):
            return False
        excluding = directive.name.value == "skip"
        for argument in directive.arguments or ():
            if isinstance(argument.value, BooleanValueNode):
                return argument.value.value is excluding
            if isinstance(argument.value, VariableNode) and self._variables is not None:
                return self._variables.get(argument.value.name.value) is excluding
        return False
