"""Operations made at random for the toy schema: all of them valid."""

from __future__ import annotations

from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_required_argument,
    is_scalar_type,
)
from hypothesis import strategies as st

_VARIABLES = {
    "$yes": "Boolean! = true",
    "$no": "Boolean = false",
    "$maybe": "Boolean!",
    "$count": "Int = 2",
    "$point": "Point",
}
_DIRECTIVES = [
    "",
    "",
    "",
    "",
    *(f"@{name}(if: {value})" for name in ("skip", "include") for value in ("true", "$maybe", "$no", "$yes")),
]
_WAITING = {"slow", "longer", "owner", "sooner", "friends", "awaitedItems", "streamed", "perhapsBox", "perhapsBoxes"}
_WAITING |= {"push", "Box.items", "Ball.box"}


class Writer:
    """Writes one document."""

    def __init__(self, schema: GraphQLSchema, random: Random, *, sync: bool) -> None:
        self._schema = schema
        self._random = random
        self._sync = sync
        self._fragments: list[str] = []

    def document(self, kind: str) -> str:
        root = self._schema.mutation_type if kind == "mutation" else self._schema.query_type
        body = "\n".join([self._selection(root, 0), *self._fragments])
        used = [f"{name}: {type_}" for name, type_ in _VARIABLES.items() if name in body]
        return f"{kind} Q{'(' + ', '.join(used) + ')' if used else ''} {body}"

    def _selection(self, type_: Any, depth: int) -> str:
        parts = [self._part(type_, depth) for _ in range(self._random.randint(2, 5 if depth < 2 else 3))]
        return "{ " + " ".join(parts) + " }"

    def _part(self, type_: Any, depth: int) -> str:
        choice = self._random.randint(0, 9)
        if choice == 0:
            return f"__typename {self._directive()}"
        if choice in (1, 2) and depth < 5:
            return self._fragment(type_, depth, named=choice == 2)
        return self._field(type_, depth)

    def _fragment(self, type_: Any, depth: int, *, named: bool) -> str:
        inner = type_
        if not is_object_type(type_):
            inner = self._random.choice(self._schema.get_possible_types(type_))
        selection = self._selection(inner, depth + 1)
        if not named:
            return f"... on {inner} {self._directive()} {selection}"
        name = f"F{len(self._fragments)}"
        self._fragments.append(f"fragment {name} on {inner} {selection}")
        return f"...{name} {self._directive()}"

    def _field(self, type_: Any, depth: int) -> str:
        fields = getattr(type_, "fields", None) or {}
        names = [name for name in fields if self._allowed(type_, name, fields[name], depth)]
        if not names:
            return "__typename"
        name = self._random.choice(sorted(names))
        field = fields[name]
        arguments, number = self._arguments(field)
        # The same key always means the same arguments and the same type, so that equal keys can be merged.
        alias = f"{type_}_{name}{number}" if number or self._random.random() < 0.5 else name
        alias = "" if alias == name else f"{alias}: "
        named = get_named_type(field.type)
        below = self._selection(named, depth + 1) if is_composite_type(named) else ""
        return f"{alias}{name}{arguments} {self._directive()} {below}"

    def _allowed(self, type_: Any, name: str, field: GraphQLField, depth: int) -> bool:
        if self._sync and not _WAITING.isdisjoint({name, f"{type_}.{name}"}):
            return False
        return depth < 4 or not is_composite_type(get_named_type(field.type))

    def _arguments(self, field: GraphQLField) -> tuple[str, int]:
        if not field.args:
            return "", 0
        number = self._random.randint(0, 3)
        given = [
            f"{name}: {_value(argument, number)}" for name, argument in field.args.items() if _wanted(argument, number)
        ]
        return (f"({', '.join(given)})" if given else ""), number + 1

    def _directive(self) -> str:
        return self._random.choice(_DIRECTIVES)


def _wanted(argument: GraphQLArgument, number: int) -> bool:
    return number > 0 or is_required_argument(argument)


def _value(argument: GraphQLArgument, number: int) -> str:
    type_ = argument.type.of_type if is_non_null_type(argument.type) else argument.type
    if is_list_type(type_):
        return "[BLUE]" if number == 1 else "[]"
    if is_input_object_type(type_):
        return ["null", "{x: 3, ys: [1, 2]}", "$point", "{colour: RED}"][number]
    assert is_scalar_type(type_) or is_enum_type(type_)
    return "$count" if number == 2 else str(number)


def documents(schema: GraphQLSchema, *, sync: bool = False) -> st.SearchStrategy[str]:
    """Large ones from the start: hypothesis by itself would mostly try the smallest."""

    def written(seed: int) -> str:
        random = Random(seed)
        return Writer(schema, random, sync=sync).document(random.choice(["query", "query", "query", "mutation"]))

    return st.integers(0, 2**32).map(written)
