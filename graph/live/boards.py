"""Many jobs at once: how they stand, so many times a second at most."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from domain.clock import Clock
from domain.errors import Unavailable
from domain.jobs.model import Job
from domain.live import BoardReads, BoardWish, Channels
from domain.viewer import Viewer

CHANNEL = "tmw:jobs"
MOST = 500
"""Jobs of one board in one question."""
LOOK_EVERY_S = 5.0
DEAF_LOOK_EVERY_S = 1.0
# Clocks of workers differ, and what is committed now may have been written a while ago.
_MARGIN = timedelta(seconds=30)

Take = Callable[[Sequence[Job]], None]


class Board:
    """One question for all who watch the same jobs with the same rights as often."""

    def __init__(self, viewer: Viewer, wish: BoardWish, pause_s: float, reads: BoardReads, clock: Clock) -> None:
        self.viewer = viewer
        self.takers: dict[object, Take] = {}
        self._wish = wish
        self._pause_s = pause_s
        self._reads = reads
        self._clock = clock
        self._dirty: set[UUID] = set()
        self._look_wanted = True
        self._looked_at: datetime = clock() - _MARGIN
        self._stirred = asyncio.Event()
        self._known: dict[UUID, Job] = {}
        self._has_looked = False
        self._stirred.set()

    def hear(self, raw: dict[str, UUID | None]) -> None:
        if self._concerns(raw) and raw["job"] is not None:
            self._dirty.add(raw["job"])
            self._stirred.set()

    def gap(self) -> None:
        self._look_wanted = True
        self._stirred.set()

    def greet(self, take: Take) -> None:
        """Who comes later begins with what the others know."""
        if self._has_looked:
            take(list(self._known.values()))

    async def run(self) -> None:
        """Until nobody takes what it tells: that its task is cancelled may have been lost, see domain.ended."""
        while self.takers:
            await self._stirred.wait()
            self._stirred.clear()
            try:
                self._tell(await self._changed())
            except Unavailable:
                self.gap()
            await asyncio.sleep(self._pause_s)

    def _concerns(self, raw: dict[str, UUID | None]) -> bool:
        match self._wish.name:
            case "mine":
                return raw["owner"] == self.viewer.user_id
            case "strategy" | "dataset":
                return raw[self._wish.name] == self._wish.subject
            case "project":
                # Where it lies is known to the database only.
                return raw["strategy"] is not None or raw["dataset"] is not None

    async def _changed(self) -> Sequence[Job]:
        if self._look_wanted or len(self._dirty) > MOST:
            self._look_wanted = False
            self._dirty.clear()
            since, self._looked_at = self._looked_at, self._clock() - _MARGIN
            return await self._reads.recent(self.viewer, self._wish, since, MOST)
        ids, self._dirty = list(self._dirty), set()
        return await self._reads.among(self.viewer, self._wish, ids)

    def _tell(self, jobs: Sequence[Job]) -> None:
        self._has_looked = True
        changed = [job for job in jobs if self._known.get(job.id) != job]
        for job in changed:
            self._known.pop(job.id, None)
            self._known[job.id] = job
        while len(self._known) > MOST:
            del self._known[next(iter(self._known))]
        for take in self.takers.values():
            take(changed)


class Boards:
    """All boards of this process."""

    def __init__(self, *, channels: Channels, reads: BoardReads, clock: Clock) -> None:
        self._channels = channels
        self._reads = reads
        self._clock = clock
        self._boards: dict[Any, tuple[Board, asyncio.Task[None]]] = {}

    def __len__(self) -> int:
        return len(self._boards)

    def join(self, viewer: Viewer, wish: BoardWish, per_second: int, taker: object, take: Take) -> Callable[[], None]:
        """Gives what is called to leave again."""
        key = (viewer.user_id, viewer.role, wish, per_second)
        if not self._boards:
            self._channels.join(CHANNEL, self)
        if key not in self._boards:
            made = Board(viewer, wish, 1 / per_second, self._reads, self._clock)
            self._boards[key] = made, asyncio.create_task(made.run())
        board, _ = self._boards[key]
        board.greet(take)
        board.takers[taker] = take
        return lambda: self._leave(key, taker)

    def message(self, data: bytes) -> None:
        try:
            raw = orjson.loads(data)
            heard = {name: raw[name] and UUID(raw[name]) for name in ("job", "owner", "strategy", "dataset")}
        except (ValueError, KeyError, TypeError, AttributeError):
            self.gap()
            return
        for board, _ in self._boards.values():
            board.hear(heard)

    def gap(self) -> None:
        for board, _ in self._boards.values():
            board.gap()

    async def run(self) -> None:
        """For ever: look whether something changed that nobody was told of."""
        while True:
            for _ in range(round(LOOK_EVERY_S / DEAF_LOOK_EVERY_S)):
                await asyncio.sleep(DEAF_LOOK_EVERY_S)
                if not self._channels.hears:
                    break
            self.gap()

    def _leave(self, key: Any, taker: object) -> None:
        board, task = self._boards[key]
        if board.takers.pop(taker, None) is None or board.takers:
            return
        task.cancel()
        del self._boards[key]
        if not self._boards:
            self._channels.leave(CHANNEL, self)
