"""A log and a bell in memory, which do what a test says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import orjson

from domain.errors import Unavailable
from domain.ids import new_id
from domain.jobs.events import Fact, JobEvent, Level, Log, Status
from domain.jobs.plain import event_to_plain
from domain.jobs.status import JobStatus
from domain.live import Listener, Standing
from tests.support.clock import NOON

OVER = Status(JobStatus.COMPLETED, 1)


class FakeLog:
    """Of one job. What is written here is committed; nobody is told."""

    def __init__(self) -> None:
        self.job_id = new_id()
        self.events: list[JobEvent] = []
        self.reads: list[tuple[int, int]] = []
        self.is_away = False
        self.is_deleted = False

    def write(self, *facts: Fact) -> Sequence[JobEvent]:
        begin = self.last
        made = [JobEvent(seq, NOON, fact) for seq, fact in enumerate(facts, begin + 1)]
        self.events += made
        return made

    def lines(self, count: int) -> Sequence[JobEvent]:
        return self.write(*(Log(Level.INFO, f"line {self.last + number}") for number in range(1, count + 1)))

    @property
    def last(self) -> int:
        return self.events[-1].seq if self.events else 0

    async def stands(self, ids: Sequence[UUID]) -> Mapping[UUID, Standing]:
        self._answer()
        if self.is_deleted:
            return {}
        oldest = self.events[0].seq if self.events else 1
        is_over = bool(self.events) and isinstance(self.events[-1].fact, Status)
        return {self.job_id: Standing(oldest, self.last, is_over)}

    async def after(self, id: UUID, seq: int, limit: int) -> Sequence[JobEvent]:
        self._answer()
        self.reads.append((seq, limit))
        return [event for event in self.events if event.seq > seq][:limit]

    def _answer(self) -> None:
        if self.is_away:
            raise Unavailable


class FakeChannels:
    """Hears what it is given."""

    def __init__(self) -> None:
        self.hears = True
        self.joined: dict[str, list[Listener]] = {}

    def join(self, channel: str, listener: Listener) -> None:
        self.joined.setdefault(channel, []).append(listener)
        if self.hears:
            listener.gap()

    def leave(self, channel: str, listener: Listener) -> None:
        self.joined[channel].remove(listener)
        if not self.joined[channel]:
            del self.joined[channel]

    def ring(self, channel: str, message: object) -> None:
        data = message if isinstance(message, bytes) else orjson.dumps(message)
        for listener in tuple(self.joined.get(channel, ())):
            listener.message(data)

    def tell(self, log: FakeLog, events: Sequence[JobEvent], *, whole: bool = True) -> None:
        """What a worker says after its commit; not whole: they were too many to be said."""
        said = [event_to_plain(event) for event in events] if whole else []
        self.ring(f"tmw:job:{log.job_id}", {"first": events[0].seq, "last": events[-1].seq, "events": said})
