"""Wakes those who watch their notifications when there may be something new for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from uuid import UUID

import orjson
import structlog

from domain.errors import Unavailable
from domain.live import Channels
from domain.notifications.stores import NewsReads

CHANNEL = "tmw:notices"
LOOK_EVERY_S = 3.0
DEAF_LOOK_EVERY_S = 1.0
MOST = 500

Stirred = Callable[[], None]

_log = structlog.get_logger(__name__)


class _Ear:
    """Hears one channel: that of one person, or that of everyone."""

    def __init__(self, inboxes: Inboxes, user_id: UUID | None) -> None:
        self._inboxes = inboxes
        self._user_id = user_id

    def message(self, data: bytes) -> None:
        try:
            id_ = orjson.loads(data)["id"]
            self._inboxes.hear(self._user_id, UUID(id_) if id_ else None)
        except (ValueError, KeyError, TypeError, AttributeError):
            _log.warning("notices.not_understood")
            self._inboxes.gap()

    def gap(self) -> None:
        self._inboxes.gap()


class Inboxes:
    """Of all who watch in this process. Ids have the order of commits, so one look beyond the last known one finds all
    that nobody was told of: published while Redis was away, or before a channel was open."""

    def __init__(
        self,
        *,
        channels: Channels,
        reads: NewsReads,
        look_every_s: float = LOOK_EVERY_S,
        deaf_look_every_s: float = DEAF_LOOK_EVERY_S,
    ) -> None:
        self.reads = reads
        self._channels = channels
        self._look_every_s = look_every_s
        self._deaf_look_every_s = deaf_look_every_s
        self._watchers: dict[UUID, list[Stirred]] = {}
        self._ears: dict[UUID, _Ear] = {}
        self._ear_of_all = _Ear(self, None)
        self._tip: UUID | None = None
        self._knows_tip = False
        self._heard: set[UUID] = set()
        self._look_wanted = asyncio.Event()

    def __len__(self) -> int:
        return len(self._watchers)

    def watch(self, user_id: UUID, stirred: Stirred) -> None:
        """Whatever is committed from now on stirs; perhaps other things too. `leave` must follow."""
        if not self._watchers:
            self._channels.join(CHANNEL, self._ear_of_all)
            self._knows_tip = False
        if user_id not in self._watchers:
            self._ears[user_id] = _Ear(self, user_id)
            self._channels.join(_channel_of(user_id), self._ears[user_id])
        self._watchers.setdefault(user_id, []).append(stirred)

    def leave(self, user_id: UUID, stirred: Stirred) -> None:
        watchers = self._watchers.get(user_id, [])
        if stirred not in watchers:
            return
        watchers.remove(stirred)
        if not watchers:
            del self._watchers[user_id]
            self._channels.leave(_channel_of(user_id), self._ears.pop(user_id))
        if not self._watchers:
            self._channels.leave(CHANNEL, self._ear_of_all)

    def hear(self, user_id: UUID | None, id: UUID | None) -> None:
        """Of one that is committed; without an id: something else changed."""
        if id is not None:
            self._heard.add(id)
        self._stir(user_id)

    def gap(self) -> None:
        """Something may have been missed."""
        self._look_wanted.set()

    def doubt(self) -> None:
        """What was heard could not be read: everybody is to try again, when there is an answer."""
        self._knows_tip = False

    async def run(self) -> None:
        """For ever: look whether there is something that nobody was told of."""
        looked_at = monotonic()
        while True:
            is_wanted = await self._pause()
            if is_wanted or not self._channels.hears or monotonic() - looked_at >= self._look_every_s:
                looked_at = monotonic()
                await self.look()

    async def look(self) -> None:
        self._look_wanted.clear()
        if not self._watchers:
            return
        try:
            if self._knows_tip:
                await self._look_on()
            else:
                self._begin(await self.reads.tip())
        except Unavailable:
            # The next look will find it.
            return

    async def _pause(self) -> bool:
        try:
            async with asyncio.timeout(self._deaf_look_every_s):
                await self._look_wanted.wait()
        except TimeoutError:
            return False
        return True

    def _begin(self, tip: UUID | None) -> None:
        """Those who came before this first look may have missed something."""
        self._tip, self._knows_tip = tip, True
        self._heard.clear()
        for user_id in tuple(self._watchers):
            self._stir(user_id)

    async def _look_on(self) -> None:
        while news := await self.reads.since(self._tip, MOST):
            for each in news:
                if each.id not in self._heard:
                    self._stir(each.user_id)
                self._heard.discard(each.id)
            self._tip = news[-1].id

    def _stir(self, user_id: UUID | None) -> None:
        concerned = [user_id] if user_id else list(self._watchers)
        for each in concerned:
            for stirred in tuple(self._watchers.get(each, ())):
                stirred()


def _channel_of(user_id: UUID) -> str:
    return f"{CHANNEL}:{user_id}"
