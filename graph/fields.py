"""How the schema's fields are made.

They return Any on purpose: the value of a field is a domain object, while its annotation is the graph type that
describes it.
"""

from asyncio import Future
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import strawberry

from graph import execution
from graph.loaders import Loaders


def plain(description: str) -> Any:
    """An attribute of the domain object, as it is."""
    return strawberry.field(description=description)


def edge(resolver: Callable[..., Any], description: str) -> Any:
    """Something that is looked up: through a loader, or made from several attributes."""
    return strawberry.field(resolver=resolver, description=description)


def loaded(key: str, load: Callable[[Loaders, UUID], Future[Any]], description: str) -> Any:
    """The object whose id is in that attribute: `loaded("owner_id", Loaders.user, "Whose it is.")`."""
    return execution.edge(key, lambda context: partial(load, context.loaders), description=description)


def optional(description: str, default: Any = None) -> Any:
    """A field of an input that may be left out, or of a payload that may be missing."""
    return strawberry.field(default=default, description=description)
