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

    __slots__ = (
        "_feed", "_heartbeat_s", "_hub", "_is_closed", "_job", "_job_id", "_seen", "_spoke_at", "_view", "_watch",
        "_watchers", "_words",
    )  # fmt: skip

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
        self._job_id = job.id
        # Told in the first item, then let go of: a stream lives long.
        self._job: Job | None = job
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
        self._hub.leave(self._job_id, self)

    def _stirred(self) -> None:
        if self._feed is not None:
            self._feed.wake()

    async def _open(self) -> Sequence[Item]:
        job, self._job = self._job, None
        assert job is not None  # noqa: S101 - this is done once
        feed = await self._hub.watch(self._job_id, self, lambda: self._seen)
        standing = await self._standing(feed)
        self._feed = feed
        after = self._seen
        items = [Item(self._words.opened(job, after, standing), after)]
        if 0 < after < standing.oldest_seq - 1:
            items.append(self._history_gone(standing))
        self._seen = max(after, standing.oldest_seq - 1) if after == 0 else after
        return items

    async def _standing(self, feed: Feed) -> Standing:
        standing = (await self._hub.log.stands([self._job_id])).get(self._job_id)
        feed.stands(standing)
        if standing is None:
            raise no_such("Job")
        return standing

    def _history_gone(self, standing: Standing) -> Item:
        """The stream ends here: to go on would be a silent gap."""
        self._is_closed = True
        return Item(self._words.history_gone(self._seen, standing))

    async def _next(self, feed: Feed) -> Sequence[Item]:
        """Once for each event and watcher: so it is one loop, without steps that could be named."""
        while True:
            self._watch.check()
            items: Sequence[Item] = ()
            if feed.is_gone:
                raise no_such("Job")
            if self._seen < feed.last:
                in_hand = feed.in_hand(self._seen, self._hub.room)
                items = await self._read(feed) if in_hand is None else in_hand
            elif feed.is_over:
                return ()
            if not items:
                await self._wait(feed)
                if self._is_silent():
                    return [Item(self._words.heartbeat(self._seen), self._seen)]
                continue
            if items[0].place != self._seen + 1:
                return [self._history_gone(await self._standing(feed))]
            self._seen = items[-1].place or self._seen
            view = self._view
            if seen := [shown for item in items if (shown := view(item)) is not None]:
                return seen

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
