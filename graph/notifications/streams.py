"""One person's notifications as they come: each once, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.errors import Unavailable
from domain.notifications.model import Notification, moment_of
from domain.viewer import Viewer
from graph.execution.batches import Batches, Item
from graph.live.watchers import Kind, Watch, Watchers
from graph.notifications.inboxes import Inboxes

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Change:
    """An item of the stream."""

    cursor: UUID
    unread: int
    notification: Notification | None


class NoticeStream(Batches):
    """Holds the id it has got to, and one batch while it is sent: what comes meanwhile waits in the database."""

    def __init__(self, *, inboxes: Inboxes, watchers: Watchers, viewer: Viewer, after: UUID | None) -> None:
        super().__init__()
        self._inboxes = inboxes
        self._watchers = watchers
        self._viewer = viewer
        self._seen = after
        self._unread: int | None = None
        self._wakes = asyncio.Event()
        self._watch: Watch = watchers.enter(viewer, Kind.OWN, None, self._wakes.set)
        inboxes.watch(viewer.id, self._wakes.set)

    @property
    def is_stale(self) -> bool:
        return self._watch.ended

    async def take(self) -> Sequence[Item]:
        """First how many are unread, then what is new; or that only the number changed."""
        self._watch.check()
        if self._unread is None:
            return await self._opened()
        while True:
            await self._wakes.wait()
            self._wakes.clear()
            self._watch.check()
            if items := await self._news(self._unread):
                return items

    async def aclose(self) -> None:
        self._watchers.leave(self._watch)
        self._inboxes.leave(self._viewer.id, self._wakes.set)

    async def _opened(self) -> Sequence[Item]:
        """Raises Unavailable: the client should come back."""
        newest, unread = await self._inboxes.reads.newest(self._viewer)
        seen = self._seen or newest
        self._seen, self._unread = seen, unread
        # There may be some to come already.
        self._wakes.set()
        return [_item(Change(seen, unread, None))]

    async def _news(self, before: int) -> Sequence[Item]:
        assert self._seen is not None  # noqa: S101
        try:
            found, unread = await self._inboxes.reads.after(self._viewer, self._seen, AT_ONCE)
        except Unavailable:
            self._inboxes.doubt()
            return ()
        self._unread = unread
        if not found:
            return [_item(Change(self._seen, unread, None))] if unread != before else ()
        self._seen = found[-1].id
        if len(found) == AT_ONCE:
            self._wakes.set()
        return [_item(Change(each.id, unread, each)) for each in found]


def _item(change: Change) -> Item:
    return Item(change, moment_of(change.cursor))
