"""Doing one thing again and again, whatever happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog

from workers.wording import said

SHORTEST_WAIT_S = 0.1
LONGEST_WAIT_S = 5.0

Step = Callable[[], Awaitable[object]]
Sleep = Callable[[float], Awaitable[object]]

_log = structlog.get_logger(__name__)


async def steadily(name: str, step: Step, pause: Step, *, sleep: Sleep = asyncio.sleep) -> NoReturn:
    """For ever: the step, then the pause. A lost database or Redis is no end: after a failure it waits, each time
    longer, and tries again."""
    failures = 0
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await step()
        except Exception as error:  # noqa: BLE001 - a step that is given up would be missed by nobody and everybody
            lasted = asyncio.get_running_loop().time() - began
            failures = 1 if lasted > LONGEST_WAIT_S else failures + 1
            if failures == 1:
                _log.warning("step failed", step=name, error=said(error))
            await sleep(wait_after(failures))
        else:
            if failures:
                _log.info("step works again", step=name)
            failures = 0
            await pause()


def wait_after(failures: int) -> float:
    """So many seconds, after so many failures in a row."""
    return min(LONGEST_WAIT_S, SHORTEST_WAIT_S * 2.0 ** min(failures - 1, 10))
