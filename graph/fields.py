"""How the schema's fields are made.

They return Any on purpose: the value of a field is a domain object, while its annotation is the graph type that
describes it.
"""

from collections.abc import Callable
from typing import Any

import strawberry


def plain(description: str) -> Any:
    """An attribute of the domain object, as it is."""
    return strawberry.field(description=description)


def edge(resolver: Callable[..., Any], description: str) -> Any:
    """Something that is looked up: through a loader, or made from several attributes."""
    return strawberry.field(resolver=resolver, description=description)


def optional(description: str, default: Any = None) -> Any:
    """A field of an input that may be left out, or of a payload that may be missing."""
    return strawberry.field(default=default, description=description)
