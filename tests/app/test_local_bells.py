"""Bells that this process hears before the others do."""

from __future__ import annotations

from app.factory import LocalFirstBells
from domain.ids import new_id
from domain.jobs.events import JobMoved
from domain.work import AccessChanged, Event, Queue
from tests.support.bells import HeardBells


async def test_this_process_hears_first_of_access_and_of_nothing_else() -> None:
    others, heard = HeardBells(), list[tuple[Event, int]]()
    bells = LocalFirstBells(others)
    bells.listeners.append(lambda event: heard.append((event, len(others.told))))
    changed, moved = AccessChanged(new_id()), JobMoved(new_id(), new_id(), None, None, 1, 1, ())
    await bells.tell(moved)
    await bells.tell(changed)
    await bells.ring(Queue.TRAINING, "1")
    assert heard == [(changed, 1)]
    assert others.told == [moved, changed]
    assert others.rung == [Queue.TRAINING]
