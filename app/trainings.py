"""Which engines can train here, told without loading any of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from app.services import REMEDY
from app.trademaster import TradeMasters
from domain.trainings.engines import EMBEDDED, Engine


class InstalledEngines:
    """Implements domain.trainings.engines.Engines."""

    def __init__(self, remotes: TradeMasters) -> None:
        self._remotes = remotes

    async def offered(self) -> Sequence[Engine]:
        # A worker installs what it needs when it first trains, so it is always there.
        embedded = Engine(EMBEDDED, "Embedded engine (PyTorch on this platform's workers)", available=True)
        return [embedded, *await asyncio.gather(*(self._remote(name) for name in self._remotes.names))]

    async def _remote(self, name: str) -> Engine:
        answers = await self._remotes.answers(name)
        label = name.partition(":")[2]
        return Engine(
            name,
            f'TradeMaster service "{label}"' if label else "TradeMaster service",
            available=answers,
            remedy=None if answers else f"It does not answer. {REMEDY}",
            remote=True,
        )
