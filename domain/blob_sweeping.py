"""What keeps the storage and the database of one mind: frees what nobody uses, and tells what is missing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.blobs import BlobStorage, Content, KeptRow
from domain.clock import Clock
from domain.work import Works

GRACE = timedelta(hours=1)
"""Between the bytes and their owner, and for whoever still reads what was just freed."""
STRAY_GRACE = timedelta(days=7)
"""For objects that the database does not know: long enough to notice that it is the wrong database."""
KEEP_REMAINS = timedelta(days=1)
SLICE = 16
"""So many of the 256 first bytes are compared at once."""

ClearRemains = Callable[[datetime], Awaitable[int]]
"""Removes what a crash left before that moment, and tells how many there were."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did and found."""

    freed: int
    remains: int
    lost: tuple[str, ...]
    """Hashes that somebody uses and whose bytes are gone or cut: bring them back from a backup."""


class BlobSweeper:
    """Goes through all content, and then through the remains of other places. Two at once do no harm."""

    def __init__(
        self, *, works: Works, storage: BlobStorage, clock: Clock, others: Sequence[ClearRemains] = ()
    ) -> None:
        self._works = works
        self._storage = storage
        self._clock = clock
        self._remains = (storage.clear_remains, *others)

    async def sweep(self) -> Swept:
        now = self._clock()
        freed, lost = 0, list[str]()
        for first in range(0, 256, SLICE):
            rows = await self._rows(first)
            objects = await self._objects(first)
            await self._adopt(objects - {row.content for row in rows}, now + STRAY_GRACE)
            old = [row for row in rows if row.touched_at < now - GRACE]
            lost += [row.content.sha256 for row in old if row.used and row.content not in objects]
            for sha256 in [row.content.sha256 for row in old if not row.used]:
                freed += await self._free(sha256, now - GRACE)
        remains = [await clear(now - KEEP_REMAINS) for clear in self._remains]
        return Swept(freed, sum(remains), tuple(lost))

    async def _rows(self, first: int) -> Sequence[KeptRow]:
        async with self._works() as work:
            return await work.blobs.beginning_with(first, first + SLICE - 1)

    async def _objects(self, first: int) -> set[Content]:
        found: set[Content] = set()
        for byte in range(first, first + SLICE):
            found.update(await self._storage.beginning_with(byte))
        return found

    async def _adopt(self, strays: Collection[Content], touched_at: datetime) -> None:
        if strays:
            async with self._works() as work:
                for stray in strays:
                    await work.blobs.adopt(stray, touched_at)

    async def _free(self, sha256: str, before: datetime) -> bool:
        # The row stays locked until its object is gone, so that whoever brings the same bytes meanwhile waits for it
        # and stores them anew.
        async with self._works() as work:
            if not await work.blobs.lock_unused(sha256, before):
                return False
            await self._storage.delete(sha256)
            await work.blobs.forget(sha256)
        return True
