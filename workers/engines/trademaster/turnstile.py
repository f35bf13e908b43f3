"""What all workers together keep to, so that one service is not overrun."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Turnstile(Protocol):
    """One writing call at a time per service: its file of sessions has no lock."""

    async def alone(self, service: str, call: Callable[[], Awaitable[T]]) -> T:
        """Waits for its turn, then calls. Raises domain.errors.Unavailable when no turn can be had or kept."""


class Seats(Protocol):
    """At most so many trainings at once per service: it takes any number, and all become slow."""

    async def take(self, service: str, holder: str, limit: int) -> bool:
        """Whether the holder has a seat now. One who has it already keeps it, also after a restart."""

    async def keep(self, service: str, holder: str) -> bool:
        """Holds the seat for another while; False when it was lost. A seat that nobody keeps becomes free."""

    async def leave(self, service: str, holder: str) -> None:
        """Frees the seat."""

    async def note(self, service: str, holder: str, run: str) -> None:
        """What the holder has going there, for who watches it when the holder no longer does; empty: nothing."""

    async def noted(self, service: str, holder: str) -> str | None: ...

    async def taken(self, service: str) -> int:
        """How many seats are taken now."""

    async def holders(self, service: str) -> Sequence[str]:
        """Who sits there now. Both raise domain.errors.Unavailable."""
