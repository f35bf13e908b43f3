"""Starts a child, listens to it, and sees to it that it is gone afterwards, whatever happens."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import psutil
import structlog

import workers
from domain.datasets.findings import BadFile, Finding
from domain.datasets.plain import from_plain
from domain.errors import Code, Problem, Refused

OnProgress = Callable[[float, str], Awaitable[None]]
"""Takes the share that is done, 0 to 1, and what is being done."""

_LONGEST_LINE = 64 << 20
_KEPT_STDERR = 8_192
_THREADS = "2"
_WATCH_S = 0.2
# How a process speaks that hits the wall of its limit, be it with data, threads or libraries.
_OUT_OF_MEMORY = (
    "memory allocation of",
    "Cannot allocate memory",
    "could not spawn threads",
    "<jemalloc>",
    "failed to map segment",
)

_log = structlog.get_logger(__name__)


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
    process = await _start()
    stderr = asyncio.create_task(_tail(process))
    watch = asyncio.create_task(_kill_when_large(process, memory_bytes))
    try:
        async with asyncio.timeout(time_limit.total_seconds()) as limit:
            answer = await _listen(process, {**request, "memory_bytes": memory_bytes}, on_progress)
            await process.wait()
    except TimeoutError as error:
        if not limit.expired():
            raise
        seconds = f"{time_limit.total_seconds():,.0f}"
        message = f"It took longer than the {seconds} seconds that it may take. Give it less data."
        raise ChildFailed(FailedBy.TIME, message) from error
    finally:
        watch.cancel()
        await _end(process)
        said = (await stderr).decode(errors="replace")
        if said:
            _log.info("child said", job=request.get("do"), stderr=said)
    if answer is None and watch.done() and not watch.cancelled() and watch.result():
        raise _out_of_memory(memory_bytes)
    return _result(answer, process.returncode, said, memory_bytes)


async def _start() -> Process:
    """In a session of its own, and with nothing of our environment, which holds secrets: it reads foreign files."""
    root = Path(workers.__file__).parents[1]
    environment = {
        "PYTHONPATH": str(root),
        "LANG": "C.UTF-8",
        "POLARS_MAX_THREADS": _THREADS,
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "RUST_BACKTRACE": "0",
    }
    command = (sys.executable, "-P", "-m", "workers.data.child")
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=_LONGEST_LINE, env=environment, start_new_session=True
    )


async def _listen(process: Process, request: dict[str, Any], on_progress: OnProgress | None) -> dict[str, Any] | None:
    """The last answer; None when the child ended without one. Its input stays open for as long as it is wanted."""
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    with suppress(ConnectionError):
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
    async for line in process.stdout:
        answer: dict[str, Any] = json.loads(line)
        if "progress" not in answer:
            return answer
        if on_progress is not None:
            await on_progress(answer["progress"], answer["doing"])
    return None


async def _tail(process: Process) -> bytes:
    """The end of what the child says to the log."""
    assert process.stderr is not None  # noqa: S101
    kept = b""
    while chunk := await process.stderr.read(_KEPT_STDERR):
        kept = (kept + chunk)[-_KEPT_STDERR:]
    return kept


async def _kill_when_large(process: Process, memory_bytes: int) -> bool:
    """Whether it had to. The child's own limit is a wall further out: code that meets one may hang, not fail."""
    with suppress(psutil.NoSuchProcess, ProcessLookupError):
        child = psutil.Process(process.pid)
        while child.memory_info().rss <= memory_bytes:  # noqa: ASYNC110 - a process does not tell when it grows
            await asyncio.sleep(_WATCH_S)
        os.killpg(process.pid, signal.SIGKILL)
        return True
    return False


async def _end(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _result(answer: dict[str, Any] | None, code: int | None, said: str, memory_bytes: int) -> dict[str, Any]:
    if answer is None:
        raise _ended(code, said, memory_bytes)
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
    if error["kind"] == "memory" or any(sign in error["message"] for sign in _OUT_OF_MEMORY):
        raise _out_of_memory(memory_bytes)
    raise ChildFailed(FailedBy.FAULT, f"It broke off: {error['message']}")


def _ended(code: int | None, said: str, memory_bytes: int) -> ChildFailed:
    if any(sign in said for sign in _OUT_OF_MEMORY):
        return _out_of_memory(memory_bytes)
    if code == -signal.SIGKILL:
        return ChildFailed(FailedBy.KILLED, "The process that did it was killed from outside.")
    return ChildFailed(FailedBy.FAULT, f"The process that did it ended with code {code} and without a result.")


def _out_of_memory(memory_bytes: int) -> ChildFailed:
    message = f"It needed more than the {memory_bytes / 1e6:,.0f} MB of memory that it may have. Give it less data."
    return ChildFailed(FailedBy.MEMORY, message)
