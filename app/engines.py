"""The engines of this installation: which there are, and how they come to be there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from app.settings import Settings
from app.torch import install, torch_is_there
from domain.jobs.running import JobFailed
from domain.trainings.engines import EMBEDDED
from workers.engines.embedded.parent import EmbeddedEngine
from workers.engines.port import ENGINE_MISSING, Engine
from workers.engines.trademaster.engine import TradeMasterEngine
from workers.engines.trademaster.service import Service

PENDING = "The training engine is being installed, which happens once. The training begins as soon as it is there."
REFUSED = "The training engine could not be installed. Run ./tmw engine, which says why, and retry this job."


def engines(
    settings: Settings, services: Sequence[Service] = (), stopping: asyncio.Event | None = None
) -> Mapping[str, Engine]:
    """What a worker of the queue TRAINING trains with."""
    ours = embedded_engine(settings, stopping)
    return {EMBEDDED: ours, **{service.name: TradeMasterEngine(service) for service in services}}


def embedded_engine(settings: Settings, stopping: asyncio.Event | None = None) -> EmbeddedEngine:
    """Trains models, and has them act when they are judged."""
    return EmbeddedEngine(
        memory_bytes=settings.training_memory_mb << 20,
        checkpoint_every_s=settings.checkpoint_every_s,
        device=settings.training_device,
        installation=Torch(),
        stopping=stopping or asyncio.Event(),
    )


class Torch:
    """Implements workers.engines.embedded.parent.Installation."""

    def __init__(
        self, *, is_there: Callable[[], bool] = torch_is_there, install: Callable[[], Awaitable[bool]] = install
    ) -> None:
        self._is_there = is_there
        self._install = install

    @property
    def pending(self) -> str | None:
        return None if self._is_there() else PENDING

    async def ready(self) -> None:
        if not self._is_there() and not await self._install():
            raise JobFailed(ENGINE_MISSING, REFUSED)
