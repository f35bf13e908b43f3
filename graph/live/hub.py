"""All feeds of this process, and what watches over them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import structlog

from domain.errors import Unavailable
from domain.live import Channels, EventLog
from graph.live.feed import Feed

LOOK_EVERY_S = 5.0
DEAF_LOOK_EVERY_S = 1.0
READY_WITHIN_S = 1.0

_log = structlog.get_logger(__name__)


def channel_of(job_id: UUID) -> str:
    return f"tmw:job:{job_id}"


@dataclass(slots=True)
class _Kept:
    feed: Feed
    ready: asyncio.Event
    cursors: dict[object, Callable[[], int]]


class _Ear:
    """Between a channel and a feed: it notices when the channel is open."""

    def __init__(self, feed: Feed, ready: asyncio.Event) -> None:
        self._feed = feed
        self._ready = ready

    def message(self, data: bytes) -> None:
        self._feed.message(data)

    def gap(self) -> None:
        self._ready.set()
        self._feed.gap()


class Hub:
    """Gives each job that is watched one feed, for as long as somebody watches it."""

    def __init__(
        self,
        *,
        channels: Channels,
        log: EventLog,
        room: int,
        look_every_s: float = LOOK_EVERY_S,
        deaf_look_every_s: float = DEAF_LOOK_EVERY_S,
    ) -> None:
        self.log = log
        self.room = room
        self._channels = channels
        self._look_every_s = look_every_s
        self._deaf_look_every_s = deaf_look_every_s
        self._kept: dict[UUID, _Kept] = {}
        self._ears: dict[UUID, _Ear] = {}

    def __len__(self) -> int:
        return len(self._kept)

    async def watch(self, job_id: UUID, watcher: object, cursor: Callable[[], int]) -> Feed:
        """From now on nothing is missed. `cursor` tells what the watcher has got to; `leave` must follow."""
        kept = self._kept.get(job_id) or self._begin(job_id)
        kept.cursors[watcher] = cursor
        try:
            if not kept.ready.is_set():
                await self._until_ready(kept)
        except BaseException:
            self.leave(job_id, watcher)
            raise
        return kept.feed

    def leave(self, job_id: UUID, watcher: object) -> None:
        kept = self._kept.get(job_id)
        if kept is None or kept.cursors.pop(watcher, None) is None or kept.cursors:
            return
        del self._kept[job_id]
        self._channels.leave(channel_of(job_id), self._ears.pop(job_id))
        kept.feed.close()

    async def run(self) -> None:
        """For ever: look whether something happened that nobody was told of."""
        looked_at = monotonic()
        while True:
            await asyncio.sleep(self._deaf_look_every_s)
            if not self._channels.hears or monotonic() - looked_at >= self._look_every_s:
                looked_at = monotonic()
                await self.look()

    async def look(self) -> None:
        """How far each log goes, all in one question; and let go of what every watcher has."""
        asked = dict(self._kept)
        if not asked:
            return
        try:
            standings = await self.log.stands(list(asked))
        except Unavailable:
            return
        # Not of those that came meanwhile: nobody asked about them.
        for job_id, kept in asked.items():
            kept.feed.stands(standings.get(job_id))
            kept.feed.forget(min((cursor() for cursor in kept.cursors.values()), default=0))

    def _begin(self, job_id: UUID) -> _Kept:
        feed, ready = Feed(job_id, self.log, room=self.room), asyncio.Event()
        ear = self._ears[job_id] = _Ear(feed, ready)
        kept = self._kept[job_id] = _Kept(feed, ready, {})
        self._channels.join(channel_of(job_id), ear)
        return kept

    async def _until_ready(self, kept: _Kept) -> None:
        """The channel is open before the log is read, so that nothing falls between. Deaf: looking must do."""
        if self._channels.hears:
            try:
                async with asyncio.timeout(READY_WITHIN_S):
                    await kept.ready.wait()
            except TimeoutError:
                _log.warning("live.not_ready")
        # Who comes later need not wait again: the feed looks when the channel opens.
        kept.ready.set()
