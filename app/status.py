"""The readiness of the platform, as the graph shows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from app.health import Readiness
from graph.system.types import PartStatus, SystemStatus

LOOK_EVERY_S = 1.0


class Status:
    """Implements graph.parts.StatusSource. However many watch, the parts are asked once a second at most."""

    def __init__(self, readiness: Readiness, *, every_s: float = LOOK_EVERY_S) -> None:
        self._readiness = readiness
        self._every_s = every_s

    async def now(self) -> SystemStatus:
        return _shown(await self._readiness.check())

    async def changes(self) -> AsyncIterator[SystemStatus]:
        last = None
        while True:
            status = await self.now()
            if status != last:
                yield status
                last = status
            await asyncio.sleep(self._every_s)


def _shown(found: dict[str, Any]) -> SystemStatus:
    parts = [
        PartStatus(
            name=name,
            ok=part["ok"],
            required=part.get("required", True),
            problem=part.get("problem"),
            remedy=part.get("remedy"),
        )
        for name, part in found["parts"].items()
    ]
    return SystemStatus(ready=found["ready"], parts=parts)
