"""Relay's Node: everything that has an identity.

The value of a graph type is the domain object itself: the type only describes it. So there is no mapping between them,
and a list of a thousand rows makes a thousand objects, not two thousand.
"""

from typing import Any, ClassVar

import strawberry
from strawberry import Parent

from graph.execution import columnwise
from graph.ids import encode


def shown(entity: object) -> Any:
    """A domain object where its graph type is expected; here is the one place where the two are told to be the same."""
    return entity


def _never(_: Parent[Any]) -> strawberry.ID:
    raise NotImplementedError


@strawberry.interface(description="Something with an identity, that can be read again by its id.")
class Node:
    __source__: ClassVar[type]
    """The domain class whose objects this type describes."""

    id: strawberry.ID = strawberry.field(resolver=_never, description="Opaque, stable, unique among all objects.")

    @classmethod
    def is_type_of(cls, obj: object, _info: object) -> bool:
        return isinstance(obj, cls.__source__)


def id_of(type_name: str) -> Any:
    """The field `id` of a node type."""

    @columnwise
    def resolve(parents: Parent[Any], info: strawberry.Info) -> list[str]:  # noqa: ARG001
        return [encode(type_name, parent.id) for parent in parents]

    return strawberry.field(resolver=resolve, description="Opaque, stable, unique among all objects.")
