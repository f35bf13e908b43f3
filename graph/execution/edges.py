"""Edges to other objects, by a key and a loader."""

from asyncio import Future
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import strawberry

from graph.execution.columns import columnwise

Load = Callable[[Any], Future[Any]]


def edge(key: str, load_of: Callable[[Any], Load], **options: Any) -> Any:
    """A field whose value is loaded by an attribute of its object; no key, no value.

    `owner: User = edge("owner_id", lambda context: context.loaders.user, description="...")`.
    """
    key_of = attrgetter(key)

    @columnwise
    def resolve(parents: strawberry.Parent[Any], info: strawberry.Info) -> Any:
        load = load_of(info.context)
        return [None if wanted is None else load(wanted) for wanted in map(key_of, parents)]

    return strawberry.field(resolver=resolve, **options)
