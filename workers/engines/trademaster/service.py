"""One service as the workers use it: how to speak to it, and what all of them keep to."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from domain.errors import Unavailable
from workers.engines.trademaster.client import TradeMasterClient
from workers.engines.trademaster.offer import OfferBook
from workers.engines.trademaster.pace import Pace
from workers.engines.trademaster.turnstile import Seats, Turnstile

ORDERED = "ordered"
"""Noted of a run whose session is not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    name: str
    """That of its engine; turns and seats go by it."""
    client: TradeMasterClient
    book: OfferBook
    turnstile: Turnstile
    seats: Seats
    limit: int
    """So many runs at once, over all workers."""
    pace: Pace
    stalls: Mapping[str, timedelta] = field(default_factory=dict)
    """By task, where it differs from that of the pace."""

    def flow(self, holder: str, task: str = "") -> dict[str, Any]:
        """What a run is made with."""

        async def keep() -> None:
            if not await self.seats.keep(self.name, holder):
                # Others may sit there meanwhile; at least it is counted.
                with suppress(Unavailable):
                    await self.seats.take(self.name, holder, self.limit)

        async def mark(given: bool) -> None:
            await self.seats.note(self.name, holder, ORDERED if given else "")

        pace = replace(self.pace, stall=self.stalls.get(task, self.pace.stall))
        return {
            "client": self.client,
            "service": self.name,
            "turnstile": self.turnstile,
            "pace": pace,
            "keep": keep,
            "mark": mark,
        }
