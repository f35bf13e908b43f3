"""How often to ask, and for how long to be patient."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from domain.clock import Clock
from workers.engines.trademaster.calls import Sleep

Keep = Callable[[], Awaitable[object]]
"""Called before each poll: holds the seat on the service for another while."""


Mark = Callable[[bool], Awaitable[object]]
"""Told right before an order that makes a session, and when it is certain that the service did not hear it."""


async def mark_nothing(_given: bool) -> None:
    """For who gives no order twice."""


async def keep_nothing() -> None:
    """For who has no seat to hold."""


@dataclass(frozen=True, slots=True)
class Pace:
    clock: Clock
    sleep: Sleep
    first_wait_s: float = 2
    most_wait_s: float = 30
    growth: float = 1.5
    stall: timedelta = timedelta(minutes=15)
    """After so much silence a warning, and after as much again it has failed. Some agents are silent for minutes."""
    away: timedelta = timedelta(minutes=15)
    """For so long the service may be away."""
    results: timedelta = timedelta(minutes=1)
    """For so long after the end a picture may still be missing."""
    refusals: int = 3
    """So many times in a row it must refuse to say how a run stands: its file of sessions has no lock."""

    def longer(self, wait_s: float) -> float:
        """The next wait after this one; the first after none."""
        return min(self.most_wait_s, max(self.first_wait_s, wait_s * self.growth))
