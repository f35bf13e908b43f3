"""The last events of a job, in memory, without a hole: what its watchers share."""

from __future__ import annotations

from collections.abc import Sequence

from domain.jobs.events import JobEvent
from graph.execution.batches import Item


class Ring:
    """Holds `room` events. It says where it begins; what is older lies in the log."""

    __slots__ = ("_items", "_room", "_start")

    def __init__(self, room: int, tip: int) -> None:
        self._room = room
        self._start = tip
        self._items: list[Item] = []

    @property
    def start(self) -> int:
        """The seq before its first event."""
        return self._start

    @property
    def tip(self) -> int:
        """The seq of its last event."""
        return self._start + len(self._items)

    def extend(self, events: Sequence[JobEvent]) -> Sequence[JobEvent]:
        """Takes those that come next, and says which these are; what it has already is dropped."""
        tip = self.tip
        taken: list[JobEvent] = []
        for event in events:
            if event.seq == tip + 1:
                taken.append(event)
                tip += 1
            elif event.seq > tip + 1:
                break
        self._items += [Item(event, event.seq) for event in taken]
        self._trim()
        return taken

    def after(self, seq: int, limit: int) -> Sequence[Item] | None:
        """None: they are older than what is kept here."""
        place = seq - self._start
        return self._items[place : place + limit] if place >= 0 else None

    def forget(self, seq: int) -> None:
        """Nobody needs what is not after this any more."""
        self._drop(min(seq, self.tip) - self._start)

    def restart(self, tip: int) -> None:
        self._items = []
        self._start = tip

    def _trim(self) -> None:
        # A quarter at once: taking one from the front of a list moves all the others.
        if len(self._items) > self._room * 5 // 4:
            self._drop(len(self._items) - self._room)

    def _drop(self, count: int) -> None:
        if count > 0:
            del self._items[:count]
            self._start += count
