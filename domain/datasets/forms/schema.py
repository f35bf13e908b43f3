"""A form as JSON Schema (draft 2020-12), from which a front end can draw it."""

from __future__ import annotations

from typing import Any

from domain.datasets.forms.checks import LONGEST_COLUMN, MOMENT
from domain.datasets.forms.model import Field, FieldKind, Form

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_COLUMN = {"type": "string", "minLength": 1, "maxLength": LONGEST_COLUMN}


def form_schema(form: Form, fixed: dict[str, str] | None = None) -> dict[str, Any]:
    """Says what single fields may be. `fixed` are further properties with the one value that they must have."""
    named = {name: {"const": value} for name, value in (fixed or {}).items()}
    return {
        "title": form.title,
        "description": form.help,
        "type": "object",
        "properties": named | {field.name: _property(field) for field in form.fields},
        "required": [*named, *(field.name for field in form.fields if field.required)],
        "additionalProperties": False,
    }


def _property(field: Field) -> dict[str, Any]:
    notes: dict[str, Any] = {"title": field.title, "description": field.help}
    if not field.required:
        notes["default"] = list(field.default) if isinstance(field.default, tuple) else field.default
    if field.unit is not None:
        notes["x-unit"] = field.unit
    if field.kind in {FieldKind.COLUMN, FieldKind.COLUMNS}:
        notes["x-column"] = True
    return notes | _or_null(field, _type_of(field))


def _or_null(field: Field, kind: dict[str, Any]) -> dict[str, Any]:
    return kind if field.required or field.default is not None else {"anyOf": [kind, {"type": "null"}]}


def _type_of(field: Field) -> dict[str, Any]:
    match field.kind:
        case FieldKind.BOOLEAN:
            return {"type": "boolean"}
        case FieldKind.CHOICE:
            return {"type": "string", "enum": list(field.choices)}
        case FieldKind.INTEGER | FieldKind.NUMBER:
            return {"type": field.kind.value} | _range(field)
        case FieldKind.TEXT | FieldKind.MOMENT | FieldKind.COLUMN:
            return _text(field)
        case _:
            return _several(field)


def _several(field: Field) -> dict[str, Any]:
    match field.kind:
        case FieldKind.INTEGERS:
            return _list(field, {"type": "integer"} | _range(field), unique=False)
        case FieldKind.COLUMN_CHOICES | FieldKind.COLUMN_NAMES:
            return _map(field)
        case _:
            return _list(field, _text(field), unique=True)


def _text(field: Field) -> dict[str, Any]:
    if field.kind in {FieldKind.COLUMN, FieldKind.COLUMNS}:
        return _COLUMN
    pattern = MOMENT.pattern if field.kind is FieldKind.MOMENT else field.pattern
    return {"type": "string"} if pattern is None else {"type": "string", "pattern": f"^(?:{pattern})$"}


def _list(field: Field, items: dict[str, Any], *, unique: bool) -> dict[str, Any]:
    limits = {"minItems": field.min_items, "maxItems": field.max_items, "uniqueItems": unique}
    return {"type": "array", "items": items} | limits


def _map(field: Field) -> dict[str, Any]:
    values = {"enum": list(field.choices)} if field.kind is FieldKind.COLUMN_CHOICES else _COLUMN
    limits = {"minProperties": field.min_items, "maxProperties": field.max_items}
    return {"type": "object", "propertyNames": _COLUMN, "additionalProperties": values} | limits


def _range(field: Field) -> dict[str, Any]:
    low = "exclusiveMinimum" if field.exclusive_minimum else "minimum"
    high = "exclusiveMaximum" if field.exclusive_maximum else "maximum"
    return {low: field.minimum, high: field.maximum}
