"""Starts a child, listens to it, and sees to it that it is gone afterwards, whatever happens."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any

from domain.datasets.findings import BadFile, Finding
from domain.datasets.plain import from_plain
from domain.errors import Code, Problem, Refused
from workers.children import Child, child, speaks_of_memory

OnProgress = Callable[[float, str], Awaitable[None]]
"""Takes the share that is done, 0 to 1, and what is being done."""

_MODULE = "workers.data.child"
_ENVIRONMENT = {"POLARS_MAX_THREADS": "2"}


class FailedBy(StrEnum):
    MEMORY = "memory"
    TIME = "time"
    KILLED = "killed"
    FAULT = "fault"


class ChildFailed(Exception):
    """The child ended without a result, and not because of what a person gave it.

    Memory and time would run out again; a child that was killed may be tried again.
    """

    def __init__(self, by: FailedBy, message: str) -> None:
        super().__init__(message)
        self.by = by
        self.message = message


async def run_child(
    request: dict[str, Any],
    *,
    memory_bytes: int,
    time_limit: timedelta,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """The result of the job `request["do"]`, which may have so much memory resident at once.

    Raises BadFile or Refused for what a person can mend, and ChildFailed for all else. Cancelled, it kills the child
    and returns when it is gone. Files that a killed child had begun stay in the folder it was given: remove that.
    """
    async with child(_MODULE, memory_bytes=memory_bytes, environment=_ENVIRONMENT) as working:
        try:
            async with asyncio.timeout(time_limit.total_seconds()) as limit:
                await working.ask({**request, "memory_bytes": memory_bytes})
                answer = await _listen(working, on_progress)
                await working.ended()
        except TimeoutError as error:
            if not limit.expired():
                raise
            seconds = f"{time_limit.total_seconds():,.0f}"
            message = f"It took longer than the {seconds} seconds that it may take. Give it less data."
            raise ChildFailed(FailedBy.TIME, message) from error
    if answer is None:
        raise _ended(working, memory_bytes)
    return _result(answer, memory_bytes)


async def _listen(working: Child, on_progress: OnProgress | None) -> dict[str, Any] | None:
    """The last answer; None when the child ended without one."""
    async for answer in working.answers():
        if "progress" not in answer:
            return answer
        if on_progress is not None:
            await on_progress(answer["progress"], answer["doing"])
    return None


def _result(answer: dict[str, Any], memory_bytes: int) -> dict[str, Any]:
    if "result" in answer:
        result: dict[str, Any] = answer["result"]
        return result
    error = answer["error"]
    if "findings" in error:
        raise BadFile(*(from_plain(Finding, finding) for finding in error["findings"]))
    if "problems" in error:
        raise Refused(
            *(Problem(Code(each["code"]), each["message"], tuple(each["field"])) for each in error["problems"])
        )
    if error["kind"] == "memory" or speaks_of_memory(error["message"]):
        raise _out_of_memory(memory_bytes)
    raise ChildFailed(FailedBy.FAULT, f"It broke off: {error['message']}")


def _ended(working: Child, memory_bytes: int) -> ChildFailed:
    if working.ran_out_of_memory:
        return _out_of_memory(memory_bytes)
    if working.code == -signal.SIGKILL:
        return ChildFailed(FailedBy.KILLED, "The process that did it was killed from outside.")
    return ChildFailed(FailedBy.FAULT, f"The process that did it ended with code {working.code} and without a result.")


def _out_of_memory(memory_bytes: int) -> ChildFailed:
    message = f"It needed more than the {memory_bytes / 1e6:,.0f} MB of memory that it may have. Give it less data."
    return ChildFailed(FailedBy.MEMORY, message)
