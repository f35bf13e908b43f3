"""Has a child process train, and tells what it says. The child alone imports torch."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from domain.ended import ended
from domain.jobs.events import Checkpoint, Level, Log, Metric, Progress, Split
from domain.jobs.running import JobFailed
from workers.children import Child, child, speaks_of_memory
from workers.engines.port import EngineEvent, Moved, Said, Saved, Trained, Wish, Working

_MODULE = "workers.engines.embedded"
# Torch on more threads than there are free cores is many times slower.
_ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE", "POLARS_MAX_THREADS": "1"}
OUT_OF_MEMORY = "OUT_OF_MEMORY"
# Once this worker is told to stop: so much of a training is lost at most.
_CHECKPOINT_AGAIN_S = 2.0


class Broke(Exception):
    """The training process ended without a result; another attempt may go on from its checkpoint."""


class Installation(Protocol):
    """Sees to it that torch is there."""

    @property
    def pending(self) -> str | None:
        """What is being done about it, for a person; None when it is there."""

    async def ready(self) -> None:
        """Returns when it is there. Raises JobFailed when it cannot be had."""


@dataclass(frozen=True, slots=True)
class EmbeddedEngine:
    """Implements workers.engines.port.Engine."""

    memory_bytes: int
    checkpoint_every_s: float
    device: str
    installation: Installation
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when this worker is told to stop. A training keeps checkpoints from then on until it is ended."""

    def train(self, wish: Wish) -> AsyncGenerator[EngineEvent, None]:
        return self.ask(self._request(wish), wish.folder)

    async def ask(self, request: Mapping[str, Any], folder: Path) -> AsyncGenerator[EngineEvent, None]:
        """What the child does with any request; `Trained` has the result, with the files that it made in the folder."""
        if pending := self.installation.pending:
            yield Said(Log(Level.INFO, pending))
        await self.installation.ready()
        async with child(_MODULE, memory_bytes=self.memory_bytes, environment=_ENVIRONMENT) as working:
            # Before it is asked anything, so that it never works unknown to others.
            yield Working(working.group)
            await working.ask({**request, "memory_bytes": self.memory_bytes})
            trained = None
            async with self._last_checkpoints(working):
                async for line in working.answers():
                    event = self._event(line, folder)
                    if isinstance(event, Trained):
                        trained = event
                    else:
                        yield event
            await working.ended()
        yield Working(None)
        if trained is None:
            raise _broke(working, self.memory_bytes)
        yield trained

    @asynccontextmanager
    async def _last_checkpoints(self, working: Child) -> AsyncIterator[None]:
        asking = asyncio.create_task(self._ask_for_them(working))
        try:
            yield
        finally:
            await ended(asking)

    async def _ask_for_them(self, working: Child) -> None:
        await self.stopping.wait()
        while True:
            await working.remind()
            await asyncio.sleep(_CHECKPOINT_AGAIN_S)

    def _request(self, wish: Wish) -> dict[str, Any]:
        return {
            "task": wish.task,
            "algorithm": wish.algorithm,
            "config": dict(wish.config),
            "seeds": list(wish.seeds),
            "symbol": wish.symbol,
            "data": str(wish.data),
            "data_sha256": wish.data_sha256,
            "out": str(wish.folder),
            "checkpoint": str(wish.checkpoint) if wish.checkpoint else None,
            "checkpoint_every_s": self.checkpoint_every_s,
            "device": self.device,
            "papers": dict(wish.papers),
        }

    def _event(self, line: dict[str, Any], folder: Path) -> EngineEvent:
        """Raises what ends the attempt."""
        match line:
            case {"n": number, "log": log}:
                return Said(Log(Level(log["level"]), log["message"]), number)
            case {"n": number, "metric": metric}:
                return Said(Metric(**metric | {"split": Split(metric["split"])}), number)
            case {"progress": progress}:
                share = progress.pop("share")
                names = progress | {"steps_per_second": progress.pop("steps_per_s")}
                return Moved(Progress(percent=100 * share, **names))
            case {"checkpoint": saved}:
                return Saved(Path(saved["path"]), Checkpoint(saved["step"]))
            case {"result": result}:
                files = {part: folder / path for part, path in result.pop("files").items() if path}
                return Trained(result, files)
            case {"error": {"code": code, "message": message}}:
                raise JobFailed(code, message)
            case {"error": {"kind": kind, "message": message}}:
                if kind == "memory" or speaks_of_memory(message):
                    raise _out_of_memory(self.memory_bytes)
                raise Broke(f"The training process broke off: {message}")
        raise Broke("The training process said something that nobody understands.")


def _broke(working: Child, memory_bytes: int) -> Exception:
    if working.ran_out_of_memory:
        return _out_of_memory(memory_bytes)
    if working.code == -signal.SIGKILL:
        return Broke("The training process was killed from outside.")
    return Broke(f"The training process ended with code {working.code} and without a result.")


def _out_of_memory(memory_bytes: int) -> JobFailed:
    message = (
        f"The training needed more than the {memory_bytes / 1e6:,.0f} MB of memory that it may have. Use less data, a "
        "smaller network, or a smaller replay buffer."
    )
    return JobFailed(OUT_OF_MEMORY, message)
