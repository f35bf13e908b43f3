"""What happens in one job, for all who watch it in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import orjson
import structlog

from domain.errors import Unavailable
from domain.jobs.events import JobEvent, Status
from domain.jobs.plain import event_from_plain
from domain.live import EventLog, Standing
from graph.execution.batches import Item
from graph.live.ring import Ring

_log = structlog.get_logger(__name__)


class Feed:
    """Hears of new events, keeps the last of them, and reads from the log what it has not heard.

    A watcher holds nothing but the seq it has got to. One that is further behind than the ring reaches reads from the
    log at its own pace, whether it has just come, was cut off, or is slow.
    """

    def __init__(self, job_id: UUID, log: EventLog, *, room: int) -> None:
        self.job_id = job_id
        self.last = 0
        """The last seq that is known to exist."""
        self.is_over = False
        self.is_gone = False
        self._log = log
        self._room = room
        self._ring: Ring | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self._reads: dict[int, asyncio.Task[Sequence[Item]]] = {}
        self._healing: asyncio.Task[None] | None = None
        self._look_wanted = False
        self._was_away = False

    @property
    def is_whole(self) -> bool:
        """Whether all that is known to exist is in hand, or was."""
        return self._ring is not None and self._ring.tip >= self.last

    def message(self, data: bytes) -> None:
        """What the writer said after its commit."""
        try:
            raw = orjson.loads(data)
            first, last = int(raw["first"]), int(raw["last"])
            events = [event_from_plain(each) for each in raw["events"]] if self._is_news(last) else []
        except (ValueError, KeyError, TypeError, AttributeError):
            _log.warning("live.not_understood", job=str(self.job_id))
            self.gap()
            return
        self._learn(first, last, events)

    def gap(self) -> None:
        """Something may have been missed: look how far the log goes."""
        self._heal(look=True)

    def stands(self, standing: Standing | None) -> None:
        """So the log stood a moment ago."""
        before = self.last, self.is_over, self.is_gone
        if standing is None:
            self.is_gone = True
        elif standing.last_seq >= self.last:
            self.last, self.is_over = standing.last_seq, standing.is_over
            if self._ring is None:
                self._ring = Ring(self._room, standing.last_seq)
            elif not self.is_whole:
                self._heal()
        # Everybody who comes brings a standing along: that must not wake all the others.
        if self._was_away or before != (self.last, self.is_over, self.is_gone):
            self._was_away = False
            self.wake()

    def in_hand(self, seq: int, limit: int) -> Sequence[Item] | None:
        """What comes after, as far as it is in memory; None when it has to be read. May be empty: wait."""
        return self._ring.after(seq, limit) if self._ring else None

    async def read(self, seq: int, limit: int) -> Sequence[Item]:
        """What comes after, from the log: who asks for the same at the same time gets the same."""
        reading = self._reads.get(seq)
        if reading is None:
            reading = self._reads[seq] = asyncio.create_task(self._read(seq, limit))
            reading.add_done_callback(lambda _: self._reads.pop(seq, None))
        return await asyncio.shield(reading)

    async def moved(self) -> None:
        """Until there may be something new."""
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)

    def wake(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for each in waiting:
            if not each.done():
                each.set_result(None)

    def forget(self, seq: int) -> None:
        """All watchers have this."""
        if self._ring:
            self._ring.forget(seq)

    def close(self) -> None:
        for task in (self._healing, *self._reads.values()):
            if task is not None:
                task.cancel()

    def _is_news(self, last: int) -> bool:
        return self._ring is None or last > self._ring.tip

    def _learn(self, first: int, last: int, events: Sequence[JobEvent]) -> None:
        self.last = max(self.last, last)
        if self._ring is None:
            self._ring = Ring(self._room, first - 1)
        self._keep(events)
        if self.is_whole:
            self.wake()
        else:
            self._heal()

    def _keep(self, events: Sequence[JobEvent]) -> None:
        assert self._ring is not None  # noqa: S101
        for event in self._ring.extend(events):
            if isinstance(event.fact, Status):
                self.is_over = event.fact.status.is_over
        self.last = max(self.last, self._ring.tip)

    def _heal(self, *, look: bool = False) -> None:
        self._look_wanted = self._look_wanted or look
        if self._healing is None or self._healing.done():
            self._healing = asyncio.create_task(self._healed())

    async def _healed(self) -> None:
        try:
            while not self.is_gone:
                if self._look_wanted:
                    self._look_wanted = False
                    await self._look()
                elif self._ring is not None and not self.is_whole:
                    await self._fill(self._ring)
                else:
                    return
        except Unavailable:
            # The next look of the hub will find that something is missing.
            return
        finally:
            self.wake()

    async def _fill(self, ring: Ring) -> None:
        if self.last - ring.tip > self._room:
            # It would not fit: watchers read it by themselves, and this is over when the last of it says so.
            ring.restart(self.last)
            await self._look()
            return
        found = await self._log.after(self.job_id, ring.tip, self._room)
        before = ring.tip
        self._keep(found)
        if ring.tip == before:
            # What is said to exist is not there: cut off at the front, or deleted.
            ring.restart(self.last)
            await self._look()

    async def _look(self) -> None:
        known = self.last
        standing = (await self._log.stands([self.job_id])).get(self.job_id)
        if standing is not None and standing.last_seq < known and self._ring is not None:
            # More was said than was ever written.
            self.last = standing.last_seq
            self._ring.restart(min(self._ring.tip, self.last))
        self.stands(standing)

    async def _read(self, seq: int, limit: int) -> Sequence[Item]:
        try:
            found = await self._log.after(self.job_id, seq, limit)
        except Unavailable:
            # Those who wanted it wait, and are woken when the log answers again.
            self._was_away = True
            raise
        return [Item(event, event.seq) for event in found]
