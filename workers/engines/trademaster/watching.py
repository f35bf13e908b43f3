"""Watches what goes on computing on a service though nobody wants it any more, and holds its seat until it ends.

Who sits there with what is known in Redis, and how their jobs stand in Postgres; so whichever worker looks finds what
is to be watched, after any restart. Two that watch the same do no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import structlog

from domain.ended import ended
from domain.jobs.model import Job
from domain.jobs.status import JobStatus
from domain.work import Works
from workers.engines.trademaster.events import Place
from workers.engines.trademaster.flow import Flow
from workers.engines.trademaster.service import ORDERED, Service
from workers.wording import said

_log = structlog.get_logger(__name__)


class Watching:
    """`sweep` is called from time to time, well within the lease of a seat."""

    def __init__(self, *, services: Sequence[Service], works: Works) -> None:
        self._services = services
        self._works = works
        self._watched: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def sweep(self) -> None:
        for service in self._services:
            for holder in await service.seats.holders(service.name):
                await self._look(service, holder)

    async def stop(self) -> None:
        await ended(*self._watched.values())

    async def _look(self, service: Service, holder: str) -> None:
        job = await self._job(holder)
        if job is not None and job.status is JobStatus.RUNNING:
            return
        if job is not None and job.status is JobStatus.QUEUED:
            # Between two attempts; the next one finds it as it was left.
            await service.seats.keep(service.name, holder)
            return
        key = service.name, holder
        if key not in self._watched and (place := await self._place(service, holder)):
            self._watched[key] = asyncio.create_task(self._watch(service, holder, place))

    async def _watch(self, service: Service, holder: str, place: Place) -> None:
        """An error ends it; the next sweep begins anew."""
        try:
            await self._follow(service, holder, place)
        except Exception as error:  # noqa: BLE001 - nobody waits for this task
            _log.warning("watching broke off", service=service.name, run=holder, error=said(error))
        finally:
            self._watched.pop((service.name, holder), None)

    async def _follow(self, service: Service, holder: str, place: Place) -> None:
        _log.info("watching what nobody wants any more", service=service.name, run=holder)
        await Flow(**service.flow(holder)).until_free(place)
        now = await self._job(holder)
        if now is None or now.status.is_over:
            await service.seats.leave(service.name, holder)
            _log.info("seat is free", service=service.name, run=holder)

    async def _job(self, holder: str) -> Job | None:
        """None: it is gone, or was begun anew since, with a seat of its own."""
        id_, _, series_from = holder.partition(":")
        async with self._works() as work:
            job = await work.jobs.get(UUID(id_))
        return job if job and f"{job.series_from}" == series_from else None

    async def _place(self, service: Service, holder: str) -> Place | None:
        """None: nobody knows its session; its seat becomes free when the lease runs out."""
        run = await service.seats.noted(service.name, holder)
        return Place.unpacked(run) if run and run != ORDERED else None
