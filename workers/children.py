"""A child process that is asked one thing in JSON and answers in JSON lines; gone when the block around it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import structlog

import workers

_LONGEST_LINE = 64 << 20
_KEPT_STDERR = 8_192
_WATCH_S = 0.2
# How a process speaks that hits the wall of its limit, be it with data, threads or libraries.
_OUT_OF_MEMORY = (
    "memory allocation of",
    "Cannot allocate memory",
    "could not spawn threads",
    "<jemalloc>",
    "failed to map segment",
    "can't allocate memory",
)

_log = structlog.get_logger(__name__)


class Child:
    """One process in a session of its own. Its input stays open for as long as it is wanted: when that closes, it ends
    itself and all that it started."""

    def __init__(self, process: Process, memory_bytes: int) -> None:
        self._process = process
        self._stderr = asyncio.create_task(_tail(process))
        self._watch = asyncio.create_task(_kill_when_large(process, memory_bytes))
        self.said = ""
        """The end of what it said to the log, once it has ended."""

    @property
    def group(self) -> int:
        return self._process.pid

    @property
    def code(self) -> int | None:
        """How it ended; less than 0: the signal that ended it."""
        return self._process.returncode

    @property
    def ran_out_of_memory(self) -> bool:
        if self._watch.done() and not self._watch.cancelled() and self._watch.result():
            return True
        return speaks_of_memory(self.said)

    async def ask(self, request: Mapping[str, Any]) -> None:
        await self._write(json.dumps(request).encode() + b"\n")

    async def remind(self) -> None:
        """One more line, after the request; what it means is for the child to know."""
        await self._write(b"\n")

    async def answers(self) -> AsyncIterator[dict[str, Any]]:
        assert self._process.stdout is not None  # noqa: S101
        async for line in self._process.stdout:
            yield json.loads(line)

    async def ended(self) -> None:
        """It ends by itself after its last answer. What it said is known then."""
        await self._process.wait()
        self.said = (await self._stderr).decode(errors="replace")

    async def end(self) -> None:
        """Now, with all that it started."""
        self._watch.cancel()
        # Also when it has ended by itself: what it left behind may hold the pipes, whose end is waited for.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self.ended()
        await _gone(self._process.pid)

    async def _write(self, line: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101
        with suppress(ConnectionError):
            self._process.stdin.write(line)
            await self._process.stdin.drain()


@asynccontextmanager
async def child(
    module: str, *, memory_bytes: int, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Child]:
    """Of our environment it gets nothing, since that holds secrets. `memory_bytes` is what may be resident at once."""
    started = Child(await _start(module, environment or {}), memory_bytes)
    try:
        yield started
    finally:
        await _whatever_happens(started.end())
        if started.said:
            _log.info("child said", module=module, stderr=started.said)


async def _whatever_happens(work: Coroutine[Any, Any, None]) -> None:
    """To its end, however often this is cancelled: nobody may leave a child behind."""
    working, cancelled = asyncio.ensure_future(work), False
    while not working.done():
        try:
            await asyncio.shield(working)
        except asyncio.CancelledError:
            cancelled = True
    working.result()
    if cancelled:
        raise asyncio.CancelledError


def speaks_of_memory(text: str) -> bool:
    return any(sign in text for sign in _OUT_OF_MEMORY)


async def _start(module: str, environment: Mapping[str, str]) -> Process:
    ours = {
        "PYTHONPATH": str(Path(workers.__file__).parents[1]),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "RUST_BACKTRACE": "0",
    }
    command = (sys.executable, "-P", "-m", module)
    env = ours | dict(environment)
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=_LONGEST_LINE, env=env, start_new_session=True
    )


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
        watched = psutil.Process(process.pid)
        while watched.memory_info().rss <= memory_bytes:  # noqa: ASYNC110 - a process does not tell when it grows
            await asyncio.sleep(_WATCH_S)
        os.killpg(process.pid, signal.SIGKILL)
        return True
    return False


async def _gone(group: int) -> None:
    """Until no member of the group lives: grandchildren are killed with it, but die in their own time."""
    while _lives(group):
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        await asyncio.sleep(0.01)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return any(_is_alive(process, group) for process in psutil.process_iter(["status"]))


def _is_alive(process: psutil.Process, group: int) -> bool:
    with suppress(ProcessLookupError):
        return os.getpgid(process.pid) == group and process.info["status"] != psutil.STATUS_ZOMBIE
    return False
