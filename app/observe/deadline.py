"""Waiting for a part that may never answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answer = TypeVar("Answer")

_left_behind: set[asyncio.Task[object]] = set()


async def within(seconds: float, call: Callable[[], Awaitable[Answer]]) -> Answer:
    """Raises TimeoutError in time even if the call ignores that it was cancelled."""
    task = asyncio.ensure_future(_called(call))
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        _leave(task)
        raise
    if not done:
        _leave(task)
    if not done or task.cancelled():
        raise TimeoutError
    return task.result()


async def _called(call: Callable[[], Awaitable[Answer]]) -> Answer:
    return await call()


def _leave(task: asyncio.Task[Answer]) -> None:
    """asyncio keeps only weak references to tasks, and complains about errors that nobody looked at."""
    task.cancel()
    _left_behind.add(task)
    task.add_done_callback(_forget)


def _forget(task: asyncio.Task[object]) -> None:
    _left_behind.discard(task)
    if not task.cancelled():
        task.exception()
