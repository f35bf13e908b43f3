"""The parameters of an algorithm as JSON Schema (draft 2020-12), from which a front end can draw a form."""

from __future__ import annotations

from typing import Any

from domain.catalogue.model import Algorithm, Kind, Parameter

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(algorithm: Algorithm) -> dict[str, Any]:
    """Says what single fields may be. What must hold between fields stands in the algorithm's rules."""
    return {
        "$schema": _DIALECT,
        "title": algorithm.title,
        "description": algorithm.summary,
        "type": "object",
        "properties": {parameter.name: _property(parameter) for parameter in algorithm.parameters},
        "additionalProperties": False,
    }


def _property(parameter: Parameter) -> dict[str, Any]:
    return {"title": parameter.title, "description": parameter.help} | _type_of(parameter) | _notes(parameter)


def _type_of(parameter: Parameter) -> dict[str, Any]:
    match parameter.kind:
        case Kind.BOOLEAN:
            return {"type": "boolean"}
        case Kind.CHOICE:
            return {"type": "string", "enum": list(parameter.choices)}
        case Kind.INTEGER_LIST:
            items = {"type": "integer"} | _range(parameter)
            return {
                "type": "array",
                "items": items,
                "minItems": parameter.min_items,
                "maxItems": parameter.max_items,
            }
        case Kind.INTEGER | Kind.NUMBER:
            return {"type": parameter.kind.value} | _range(parameter)


def _range(parameter: Parameter) -> dict[str, Any]:
    low = "exclusiveMinimum" if parameter.exclusive_minimum else "minimum"
    high = "exclusiveMaximum" if parameter.exclusive_maximum else "maximum"
    return {low: parameter.minimum, high: parameter.maximum}


def _notes(parameter: Parameter) -> dict[str, Any]:
    """The default, and what a form needs beyond the standard's own words."""
    default = list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
    notes = {"default": default, "x-group": parameter.group.value, "x-advanced": parameter.advanced}
    return notes if parameter.unit is None else notes | {"x-unit": parameter.unit}
