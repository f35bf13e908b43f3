"""The words of a form: its fields, and what must hold between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.catalogue.model import Rule

Values = Mapping[str, Any]
"""What a form was filled in with, checked and in canonical form."""


class FieldKind(StrEnum):
    """What sort of value a field takes."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    INTEGERS = "integers"
    TEXT = "text"
    TEXTS = "texts"
    MOMENT = "moment"
    COLUMN = "column"
    COLUMNS = "columns"
    COLUMN_CHOICES = "column_choices"
    COLUMN_NAMES = "column_names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value that a person may set. Without a default and not required, it may stay empty."""

    name: str
    title: str
    kind: FieldKind
    help: str
    default: Any = None
    required: bool = False
    unit: str | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    min_items: int = 0
    max_items: int = 100
    choices: tuple[str, ...] = ()
    pattern: str | None = None
    example: str | None = None
    """A text that fits the pattern, for messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Fields that are filled in together."""

    name: str
    title: str
    help: str
    fields: tuple[Field, ...] = ()
    rules: tuple[Rule, ...] = ()

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)
