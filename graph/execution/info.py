"""What resolvers are told. Most read only the context, so the rest is made when somebody asks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from strawberry import Info

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo
    from strawberry.types.field import StrawberryField

    from graph.execution.plan import Field
    from graph.execution.run import Run
    from graph.execution.where import Where


class LazyInfo(Info[Any, Any]):
    """Strawberry's Info, with the same answers."""

    def __init__(self, run: Run, field: Field, definition: StrawberryField, where: Where, index: int) -> None:
        self._run = run
        self._planned = field
        self._field = definition
        self._where = where
        self._index = index

    @cached_property
    def _raw_info(self) -> GraphQLResolveInfo[Any]:  # type: ignore[override]
        return self._run.raw_info(self._planned, self._where, self._index)

    @property
    def context(self) -> Any:
        return self._run.context
