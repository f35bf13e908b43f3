"""The periodic task of the data workers: throw away what is over."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from redis.asyncio import Redis

from domain.blob_sweeping import BlobSweeper
from domain.clock import Clock
from workers.ports import Purge

FIRST_AFTER_S = 60.0
EVERY_S = 3600.0
# So long an expired refresh token is still known as such, and a failed task can be looked at.
KEEP_SESSIONS = timedelta(days=7)
KEEP_FAILED_TASKS = timedelta(days=30)
KEEP_NOTIFICATIONS = timedelta(days=90)
TURN = "tmw:housekeeping:{hour}"

_log = structlog.get_logger(__name__)


class Housekeeping:
    """Each hour belongs to the first worker that claims it in Redis.

    Doing it twice would do no harm, so this is enough.
    """

    def __init__(self, *, purge: Purge, redis: Redis, clock: Clock, blobs: BlobSweeper | None = None) -> None:
        self._purge = purge
        self._blobs = blobs
        self._redis = redis
        self._clock = clock

    async def run(self) -> None:
        now = self._clock()
        turn = TURN.format(hour=now.strftime("%Y-%m-%dT%H"))
        if not await self._redis.set(turn, b"taken", nx=True, ex=2 * int(EVERY_S)):
            return
        try:
            await self._clean(now)
        except BaseException:
            # Whoever tries next, here or elsewhere, may.
            await self._redis.delete(turn)
            raise

    async def _clean(self, now: datetime) -> None:
        sessions = await self._purge.sessions(expired_before=now - KEEP_SESSIONS)
        tasks = await self._purge.failed_tasks(failed_before=now - KEEP_FAILED_TASKS)
        notices = await self._purge.notifications(before=now - KEEP_NOTIFICATIONS)
        _log.info("housekeeping done", sessions=sessions, failed_tasks=tasks, notifications=notices)
        if self._blobs is not None:
            await self._sweep(self._blobs)

    async def _sweep(self, blobs: BlobSweeper) -> None:
        swept = await blobs.sweep()
        _log.info("storage swept", freed=swept.freed, remains=swept.remains)
        if swept.lost:
            _log.error("content lost", count=len(swept.lost), first=swept.lost[:10])
