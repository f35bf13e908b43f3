"""Puts together what subscriptions live on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from app.settings import Settings
from domain.clock import Clock
from domain.ended import ended
from graph.live.boards import Boards
from graph.live.hub import Hub
from graph.live.live import Live
from graph.live.watchers import Watchers
from graph.notifications.inboxes import Inboxes
from persistence.boards import PostgresBoardReads
from persistence.database import Reader
from persistence.event_log import PostgresEventLog
from persistence.job_reads import PostgresJobReads
from persistence.notification_reads import PostgresNotificationReads
from persistence.redis.channels import Channels
from persistence.watching import PostgresLook


@dataclass(frozen=True, slots=True)
class LiveParts:
    """The parts, and what goes on beside the requests."""

    live: Live
    inboxes: Inboxes
    channels: Channels

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        live = self.live
        work = (self.channels.listen(), live.hub.run(), live.boards.run(), live.watchers.run(), self.inboxes.run())
        tasks = [asyncio.create_task(each) for each in work]
        try:
            yield
        finally:
            await ended(*tasks)


def live_parts(settings: Settings, *, redis: Redis, reader: Reader, clock: Clock) -> LiveParts:
    """The reader must not lag: what was just published is looked for in it."""
    channels = Channels(redis)
    live = Live(
        hub=Hub(channels=channels, log=PostgresEventLog(reader), room=settings.live_buffer),
        boards=Boards(channels=channels, reads=PostgresBoardReads(reader), clock=clock),
        watchers=Watchers(PostgresLook(reader)),
        jobs=PostgresJobReads(reader, clock),
    )
    inboxes = Inboxes(channels=channels, reads=PostgresNotificationReads(reader))
    return LiveParts(live, inboxes, channels)
