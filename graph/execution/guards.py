"""What must hold before a field is resolved at all."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

from strawberry.extensions import FieldExtension


class Guard(FieldExtension):
    """A field extension that only looks at the context. Our executor asks it itself, without the layers between."""

    @abstractmethod
    def check(self, context: Any) -> None:
        """Raises what the client shall be told."""

    async def resolve_async(self, next_: Callable[..., Any], source: Any, info: Any, **kwargs: Any) -> Any:
        self.check(info.context)
        result = next_(source, info, **kwargs)
        return await result if isinstance(result, Awaitable) else result
