"""Ending what goes on, for certain."""

from __future__ import annotations

import asyncio
from typing import Any

# Longer than what they do last takes.
END_AGAIN_S = 2.0


async def ended(*tasks: asyncio.Future[Any], again_s: float = END_AGAIN_S) -> None:
    """Cancel these until they have ended. Once is not enough: asyncio.wait_for, which Redis' client sends by, forgets
    a cancellation that comes in the moment when what it waits for is done (Python 3.11), and a loop goes on for ever.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=again_s)
    await asyncio.gather(*tasks, return_exceptions=True)
