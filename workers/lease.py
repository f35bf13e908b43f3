"""The time that a task belongs to whoever claimed it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from domain.ended import ended
from workers.wording import said

# The holder counts from when the answer came and by its own clock, so it gives up before others may begin.
SAFE_PART = 0.8

_log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """The lease could not be renewed in time."""


@asynccontextmanager
async def kept(renew: Callable[[], Awaitable[bool]], lease: timedelta) -> AsyncIterator[None]:
    """Renews a lease that was just taken, as long as the block runs; ends the block when that no longer succeeds."""
    life = lease.total_seconds() * SAFE_PART
    try:
        async with asyncio.timeout(life) as end:
            keeper = asyncio.create_task(_keep(renew, life, end))
            try:
                yield
            finally:
                await ended(keeper)
    except TimeoutError as error:
        if end.expired():
            raise LeaseLost(
                "The lease could not be renewed: the database was away, or this process stood still."
            ) from error
        raise


async def _keep(renew: Callable[[], Awaitable[bool]], life: float, end: asyncio.Timeout) -> None:
    loop = asyncio.get_running_loop()
    while not end.expired():
        await asyncio.sleep(life / 3)
        began = loop.time()
        try:
            still_ours = await renew()
        except Exception as error:  # noqa: BLE001 - the deadline decides
            _log.warning("lease not renewed", error=said(error))
            continue
        if not end.expired():
            end.reschedule(began + life if still_ours else began)
