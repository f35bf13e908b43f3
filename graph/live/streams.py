"""The events of one job, for one who watches: from where it was left, to the end, each once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Protocol

from domain.errors import Code, Refused, Unavailable
from domain.jobs.model import Job
from domain.live import Standing
from domain.viewer import Viewer
from graph.execution.batches import Batches, Item
from graph.live.feed import Feed
from graph.live.hub import Hub
from graph.live.watchers import Kind, Watch, Watchers

View = Callable[[Item], Item | None]
"""What a watcher sees of an event; None: nothing."""


class Words(Protocol):
    """What is said beside the events."""

    def opened(self, job: Job, after: int, standing: Standing) -> object: ...

    def heartbeat(self, seq: int) -> object: ...

    def history_gone(self, after: int, standing: Standing) -> object: ...


def no_such(what: str) -> Refused:
    return Refused.because(Code.NOT_FOUND, f"There is no {what} with this id.", "id")


class JobStream(Batches):
    """Holds a seq, and one batch while it is sent: however slow its client is, it takes no more memory."""

    def __init__(
        self,
        *,
        hub: Hub,
        watchers: Watchers,
        viewer: Viewer,
        job: Job,
        after: int,
        view: View,
        words: Words,
        heartbeat_s: float | None,
    ) -> None:
        super().__init__()
        self._hub = hub
        self._watchers = watchers
        self._job = job
        self._seen = after
        self._view = view
        self._words = words
        self._heartbeat_s = heartbeat_s
        self._spoke_at = monotonic()
        self._feed: Feed | None = None
        self._is_closed = False
        self._watch: Watch = watchers.enter(viewer, Kind.JOB, job.id, self._stirred)

    @property
    def is_stale(self) -> bool:
        return self._watch.ended

    async def take(self) -> Sequence[Item]:
        self._watch.check()
        if self._is_closed:
            return ()
        found = await self._open() if self._feed is None else await self._next(self._feed)
        self._spoke_at = monotonic()
        return found

    async def aclose(self) -> None:
        self._is_closed = True
        self._watchers.leave(self._watch)
        self._hub.leave(self._job.id, self)

    def _stirred(self) -> None:
        if self._feed is not None:
            self._feed.wake()

    async def _open(self) -> Sequence[Item]:
        feed = await self._hub.watch(self._job.id, self, lambda: self._seen)
        standing = await self._standing(feed)
        self._feed = feed
        after = self._seen
        items = [Item(self._words.opened(self._job, after, standing), after)]
        if 0 < after < standing.oldest_seq - 1:
            items.append(self._history_gone(standing))
        self._seen = max(after, standing.oldest_seq - 1) if after == 0 else after
        return items

    async def _standing(self, feed: Feed) -> Standing:
        standing = (await self._hub.log.stands([self._job.id])).get(self._job.id)
        feed.stands(standing)
        if standing is None:
            raise no_such("Job")
        return standing

    def _history_gone(self, standing: Standing) -> Item:
        """The stream ends here: to go on would be a silent gap."""
        self._is_closed = True
        return Item(self._words.history_gone(self._seen, standing))

    async def _next(self, feed: Feed) -> Sequence[Item]:
        while (items := await self._events(feed)) is not None:
            if items and items[0].place != self._seen + 1:
                return [self._history_gone(await self._standing(feed))]
            if items:
                self._seen = items[-1].place or self._seen
            seen = [shown for item in items if (shown := self._view(item)) is not None]
            if seen:
                return seen
            if self._is_silent():
                return [Item(self._words.heartbeat(self._seen), self._seen)]
        return ()

    async def _events(self, feed: Feed) -> Sequence[Item] | None:
        """The next ones; none when only time has passed; None at the end."""
        self._watch.check()
        if feed.is_gone:
            raise no_such("Job")
        if self._seen < feed.last:
            items = feed.in_hand(self._seen, self._hub.room)
            if items is None:
                items = await self._read(feed)
            if items:
                return items
        elif feed.is_over:
            return None
        await self._wait(feed)
        return ()

    async def _read(self, feed: Feed) -> Sequence[Item]:
        try:
            return await feed.read(self._seen, self._hub.room)
        except Unavailable:
            # The hub looks again and again, and wakes everybody when there is an answer.
            return ()

    async def _wait(self, feed: Feed) -> None:
        if self._heartbeat_s is None:
            await feed.moved()
            return
        try:
            async with asyncio.timeout(self._spoke_at + self._heartbeat_s - monotonic()):
                await feed.moved()
        except TimeoutError:
            return

    def _is_silent(self) -> bool:
        return self._heartbeat_s is not None and monotonic() - self._spoke_at >= self._heartbeat_s
