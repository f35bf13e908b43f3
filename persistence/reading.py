"""Statements compiled once from SQLAlchemy Core, and records turned into domain objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from operator import itemgetter
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import BindParameter, ColumnElement, FromClause, Select
from sqlalchemy.dialects.postgresql import asyncpg as dialect

_DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]

Entity = TypeVar("Entity")


@dataclass(frozen=True, slots=True)
class Query:
    """The text of a statement and the names of its arguments, in order."""

    sql: str
    names: tuple[str, ...]

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        return [values[name] for name in self.names]


class _Compiler(_DIALECT.statement_compiler):  # type: ignore[misc, name-defined]
    """Writes constants into the text: the planner must know them, since it plans once for all arguments."""

    def visit_bindparam(self, bindparam: BindParameter[Any], *, literal_binds: bool = False, **options: Any) -> str:
        is_constant = literal_binds or bindparam.value is not None
        text: str = super().visit_bindparam(bindparam, literal_binds=is_constant, **options)
        return text


_DIALECT.statement_compiler = _Compiler


def compiled(statement: Select[Any]) -> Query:
    """Compile for asyncpg. What is not named by a bindparam is a constant of the statement."""
    result = statement.compile(dialect=_DIALECT)
    return Query(str(result), tuple(result.positiontup or ()))


class Mapped(Generic[Entity]):
    """Reads an entity's columns in the order of its fields, so that a record becomes an object in one call.

    `convert` names fields whose stored form differs from the domain's (an enum kept as text, say).
    """

    def __init__(
        self,
        entity: type[Entity],
        source: FromClause,
        *,
        convert: Mapping[str, Callable[[Any], Any]] | None = None,
        computed: Mapping[str, ColumnElement[Any]] | None = None,
    ) -> None:
        names = [field.name for field in fields(cast("Any", entity))]
        computed = computed or {}
        self.columns: list[ColumnElement[Any]] = [
            computed[name].label(name) if name in computed else source.c[name] for name in names
        ]
        self._entity = cast("Callable[..., Entity]", entity)
        self._width = len(names)
        self._converters = [(names.index(name), _quick(function)) for name, function in (convert or {}).items()]

    def one(self, record: Sequence[Any]) -> Entity:
        if not self._converters:
            return self._entity(*record[: self._width])
        values = list(record[: self._width])
        for place, function in self._converters:
            values[place] = function(values[place])
        return self._entity(*values)

    def many(self, records: Iterable[Sequence[Any]]) -> list[Entity]:
        return [self.one(record) for record in records]

    def by(self, key: str | int, records: Iterable[Any]) -> dict[Any, Entity]:
        get = itemgetter(key)
        return {get(record): self.one(record) for record in records}


def _quick(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Calling an enum goes through several layers of Python; its members by value are a plain dictionary."""
    if isinstance(function, type) and issubclass(function, Enum):
        return {member.value: member for member in function}.__getitem__
    return function
