"""Processes that look into canonical files for the API.

They live long, since loading the query engine takes longer than most wishes. They are not those of
concurrent.futures: there, one that is stuck cannot be ended, and one that dies takes everybody's wishes with it. Here
each wish has a process to itself for a bounded time; a process that is stuck or used up its memory is ended alone, and
the next wish starts another one.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import structlog

from domain.analysis.looks import Account, Analysis, AnalysisWanted
from domain.datasets.reading import PreviewWanted, Rows, Series, SeriesWanted
from domain.errors import Code, Refused, Unavailable
from workers.data.reading_child import LENGTH

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "workers.data.reading_child"
# What a process keeps for itself grows slowly; a fresh one has nothing.
WISHES_EACH = 500
PATIENCE_S = 15.0
LOOK_S = 20
WRITE_S = 180

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Child:
    process: Process
    wishes: int = 0


class ReadingPool:
    """Implements domain.datasets.reading.Tables and domain.analysis.service.Accounts. Nothing is started before the
    first wish."""

    def __init__(self, *, size: int, memory_bytes: int) -> None:
        self._memory_bytes = memory_bytes
        self._turns = asyncio.Semaphore(size)
        # Exports take long; looking must not wait for them.
        self._exports = asyncio.Semaphore(1)
        self._idle: list[_Child] = []
        self._closed = False

    async def preview(self, path: Path, wanted: PreviewWanted) -> Rows:
        return cast("Rows", await self._look({"operation": "preview", "path": str(path), "wanted": wanted}))

    async def series(self, path: Path, wanted: SeriesWanted) -> Series:
        return cast("Series", await self._look({"operation": "series", "path": str(path), "wanted": wanted}))

    async def analysis(self, account: Account, wanted: AnalysisWanted) -> Analysis:
        wish = {"operation": "analysis", "path": str(account.series), "account": account, "wanted": wanted}
        return cast("Analysis", await self._look(wish))

    async def write_csv(self, path: Path, out: Path) -> None:
        async with _Turn(self._exports):
            await self._ask({"operation": "csv", "path": str(path), "out": str(out)}, WRITE_S)

    async def close(self) -> None:
        self._closed = True
        for child in self._idle:
            await _end(child)
        self._idle.clear()

    async def _look(self, wish: dict[str, Any]) -> object:
        async with _Turn(self._turns):
            return await self._ask(wish, LOOK_S)

    async def _ask(self, wish: dict[str, Any], seconds: int) -> object:
        child = self._idle.pop() if self._idle else await self._start()
        is_sound = False
        try:
            async with asyncio.timeout(seconds):
                answer = await _exchanged(child.process, wish | {"seconds": seconds + 5})
            is_sound = "broken" not in answer
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError, OSError) as error:
            _log.warning("reading process ended", reason=repr(error), operation=wish["operation"])
            raise _too_much() from error
        finally:
            await self._put_back(child, is_sound=is_sound)
        return _told(answer, wish["operation"])

    async def _start(self) -> _Child:
        # With nothing of our environment: it holds secrets, and the child reads foreign files.
        environment = {"PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8", "POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "1"}
        command = sys.executable, "-P", "-m", _PROGRAM, str(self._memory_bytes)
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment
        )
        return _Child(process)

    async def _put_back(self, child: _Child, *, is_sound: bool) -> None:
        child.wishes += 1
        if is_sound and child.wishes < WISHES_EACH and not self._closed:
            self._idle.append(child)
        else:
            # Also when the client went away in the middle: its answer must not be the next one's.
            await _end(child)


class _Turn:
    """A place in the queue, which nobody waits for too long."""

    def __init__(self, of: asyncio.Semaphore) -> None:
        self._of = of

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._of.acquire()
        except TimeoutError as error:
            raise Unavailable("Too many are reading data just now. Try again in a few seconds.") from error

    async def __aexit__(self, *_: object) -> None:
        self._of.release()


async def _exchanged(process: Process, wish: dict[str, Any]) -> dict[str, Any]:
    sink, source = process.stdin, process.stdout
    if sink is None or source is None:
        raise ConnectionError("The process has no pipes.")
    body = pickle.dumps(wish)
    sink.write(LENGTH.pack(len(body)) + body)
    await sink.drain()
    size = LENGTH.unpack(await source.readexactly(LENGTH.size))[0]
    answer: dict[str, Any] = pickle.loads(await source.readexactly(size))  # noqa: S301 - from our child alone
    return answer


def _told(answer: dict[str, Any], operation: str) -> object:
    if "refused" in answer:
        raise Refused(*answer["refused"])
    if "broken" in answer:
        _log.error("reading failed", reason=answer["broken"], operation=operation)
        raise _too_much() if answer["broken"] == "MemoryError" else RuntimeError(answer["broken"])
    return answer["answer"]


async def _end(child: _Child) -> None:
    with suppress(ProcessLookupError):
        child.process.kill()
    await child.process.wait()


def _too_much() -> Refused:
    message = "This takes more memory or time than a look at data may take. Ask for fewer columns, or less time."
    return Refused.because(Code.OUT_OF_RANGE, message)
