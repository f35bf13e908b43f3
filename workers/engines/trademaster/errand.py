"""One job's run on a service: from the seat that it waits for to the seat that it leaves."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn, TypeVar

from domain.errors import Unavailable
from domain.jobs.events import Level, Log
from domain.jobs.running import JobFailed
from workers.engines.port import EngineEvent, InSession, Said, Trained
from workers.engines.trademaster.errors import Unreachable
from workers.engines.trademaster.events import Event, Failed, Finished, Place, Stage, Trouble
from workers.engines.trademaster.logs.measures import Measure
from workers.engines.trademaster.service import ORDERED, Service
from workers.engines.trademaster.session import CANCEL_NOTE
from workers.engines.trademaster.telling import Teller, named

T = TypeVar("T")

SEAT_WAIT_S = 5.0
NO_SEAT = "As much runs on the service as may at once. This waits for its turn."
SEATED = "Its turn has come."
AWAY = "The service does not answer just now. This waits for it."
ORDERED_BEFORE = (
    "The worker ended while it gave the order, so nobody knows whether the service has begun, and under which session. "
    "Look at the service; retry the job if nothing runs there."
)
# Then nothing of it goes on over there.
_FREE = frozenset({Trouble.FAILED, Trouble.LOST, Trouble.DECLINED})

Events = AsyncGenerator[Event, None]


class Away(Exception):
    """The service could not be reached, and has not been asked for anything yet: another attempt does no harm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What the job brings along."""

    holder: str
    """Of the seat: the same after a break, another one after a retry from scratch."""
    folder: Path
    checkpoint: Path | None
    session: str | None
    attempt: int

    def place(self, stage: Stage) -> Place | None:
        """How far an earlier attempt came."""
        if self.checkpoint:
            return Place.unpacked(self.checkpoint.read_text())
        return Place(self.session, stage) if self.session else None

    def given_up(self, message: str) -> NoReturn:
        if self.attempt > 1:
            raise JobFailed(Trouble.UNREACHABLE.value, message)
        raise Away(message)


async def is_away(service: Service) -> bool:
    """Asked before all else, for what follows is patient and says nothing."""
    return not await service.client.healthy()


async def carried_out(
    service: Service, errand: Errand, events: Callable[[], Events], *, place: Place | None
) -> AsyncGenerator[EngineEvent, None]:
    """Does what `events` does when a seat is free; `place` is where it goes on. Ends with Trained."""
    async for said in _seated(service, errand.holder):
        yield said
    if place is None:
        await _must_be_new(service, errand.holder)
    noted = await _noted(service, errand, place, None)
    if place:
        yield InSession(place.session_id, CANCEL_NOTE)
    teller = Teller(errand.folder)
    async with aclosing(events()) as telling:
        async for event in telling:
            if isinstance(event, Failed):
                await _failed(service, errand, event)
            if isinstance(event, Finished):
                await service.seats.leave(service.name, errand.holder)
                yield trained(event.measures, teller.files)
                return
            if isinstance(event, Place):
                noted = await _noted(service, errand, event, noted)
            async for told in teller.told(event):
                yield told


async def _must_be_new(service: Service, holder: str) -> None:
    """What a worker ordered that died before it heard the answer is not ordered again."""
    if await service.seats.noted(service.name, holder) == ORDERED:
        raise JobFailed(Trouble.UNANSWERED.value, ORDERED_BEFORE)


async def _noted(service: Service, errand: Errand, place: Place | None, before: str | None) -> str | None:
    """What goes on over there, for who watches it after a cancel; without how far its log is read."""
    run = replace(place, count=0, tail=(), told=0).packed() if place else None
    if run and run != before:
        await service.seats.note(service.name, errand.holder, run)
    return run


async def _seated(service: Service, holder: str) -> AsyncGenerator[Said, None]:
    waited = False
    while not await _taken(service, holder):
        if not waited:
            waited = True
            yield Said(Log(Level.INFO, NO_SEAT))
        await service.pace.sleep(SEAT_WAIT_S)
    if waited:
        yield Said(Log(Level.INFO, SEATED))


async def _taken(service: Service, holder: str) -> bool:
    try:
        return await service.seats.take(service.name, holder, service.limit)
    except Unavailable:
        # Nobody knows who sits there.
        return False


async def _failed(service: Service, errand: Errand, failed: Failed) -> NoReturn:
    if failed.code in _FREE or failed.again:
        await service.seats.leave(service.name, errand.holder)
    if failed.again:
        errand.given_up(failed.message)
    raise JobFailed(failed.code.value, failed.message)


def trained(measures: Mapping[str, Measure], files: Mapping[str, Path]) -> Trained:
    values = named(measures)
    return Trained({"measures": {"test": values} if values else {}}, files)


async def patiently(service: Service, errand: Errand, ask: Callable[[], Awaitable[T]]) -> T:
    """Asks a service that may be away for a while."""
    began, wait_s = service.pace.clock(), 0.0
    while True:
        try:
            return await ask()
        except Unreachable as error:
            if service.pace.clock() - began >= service.pace.away:
                errand.given_up(error.message)
        wait_s = service.pace.longer(wait_s)
        await service.pace.sleep(wait_s)
