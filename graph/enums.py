"""Shows an enum of the domain to clients, each value with its description."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, cast

import strawberry


def described(enum: type[Enum], name: str, description: str, values: Mapping[Any, str]) -> None:
    """Register the enum itself with Strawberry, so that domain objects need no mapping."""
    strawberry.enum(enum, name=name, description=description)
    definition = cast("Any", enum).__strawberry_definition__
    for value, member in zip(definition.values, enum, strict=True):
        value.description = values[member]
