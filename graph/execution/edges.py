"""Edges to other objects, by a key and a loader."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import strawberry

from graph.execution.loader import Loader


def edge(key: str, loader: Callable[[Any], Loader[Any, Any]], **options: Any) -> Any:
    """A field whose value is loaded by an attribute of its object; no key, no value.

    `owner: User = edge("owner_id", lambda context: context.loaders.users, description="...")` means what a resolver
    with `await` means, but gives the executor the future itself: a coroutine and a task less for each object.
    """
    key_of = attrgetter(key)

    def resolve(parent: strawberry.Parent[Any], info: strawberry.Info) -> Any:
        wanted = key_of(parent)
        return None if wanted is None else loader(info.context).load(wanted)

    return strawberry.field(resolver=resolve, **options)
