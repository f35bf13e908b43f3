"""Numbers that a database or a broker knows: asked for rarely, and never waited for long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog
from prometheus_client import Gauge

from app.observe.deadline import within
from app.observe.metrics import Metrics

Labels = tuple[str, ...]
Readings = Mapping[Labels, float]
Read = Callable[[], Awaitable[Readings]]

_KEEP_S = 5.0
_log = structlog.get_logger("app.metrics")


class Sampled:
    """A gauge that another part fills. While that part does not answer, the gauge has no lines at all."""

    def __init__(
        self,
        gauge: Gauge,
        read: Read,
        *,
        timeout_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._gauge = gauge
        self._read = read
        self._timeout_s = timeout_s
        self._clock = clock
        self._fresh_until = float("-inf")
        self._one_at_a_time = asyncio.Lock()
        self.answers = True

    async def refresh(self) -> None:
        async with self._one_at_a_time:
            if self._clock() < self._fresh_until:
                return
            readings = await self._ask()
            self._gauge.clear()
            for labels, value in (readings or {}).items():
                self._gauge.labels(*labels).set(value)
            self.answers = readings is not None
            self._fresh_until = self._clock() + _KEEP_S

    async def _ask(self) -> Readings | None:
        try:
            return await within(self._timeout_s, self._read)
        except Exception as error:  # noqa: BLE001
            if self.answers:
                _log.warning("no numbers", source=str(self._gauge), problem=repr(error))
            return None


class Samples:
    """All sampled gauges, and one that says which of their sources answer."""

    def __init__(
        self, metrics: Metrics, *, timeout_s: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._registry = metrics.registry
        self._timeout_s = timeout_s
        self._clock = clock
        self._sampled: dict[str, Sampled] = {}
        self._up = Gauge("tmw_source_up", "Whether a source of numbers answers.", ["source"], registry=self._registry)

    def database(self, read: Callable[[], Readings]) -> None:
        """(pool, state) -> connections; states are in_use, idle and waiting."""

        async def at_once() -> Readings:
            return read()

        self._add("database", at_once, "tmw_database_connections", "Connections of the pools.", "pool", "state")

    def queues(self, read: Read) -> None:
        """(queue,) -> jobs that wait in it."""
        self._add("queues", read, "tmw_queue_depth", "Jobs that wait in a queue.", "queue")

    def jobs(self, read: Read) -> None:
        """(state,) -> jobs in it."""
        self._add("jobs", read, "tmw_jobs", "Jobs by state.", "state")

    async def refresh(self) -> None:
        await asyncio.gather(*(sampled.refresh() for sampled in self._sampled.values()))
        for source, sampled in self._sampled.items():
            self._up.labels(source).set(sampled.answers)

    def _add(self, source: str, read: Read, name: str, text: str, *labels: str) -> None:
        gauge = Gauge(name, text, labels, registry=self._registry)
        self._sampled[source] = Sampled(gauge, read, timeout_s=self._timeout_s, clock=self._clock)
