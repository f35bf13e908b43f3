"""Work that is like a training: steps that build on one another, facts with numbers, checkpoints, a child process."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from domain.blobs import BlobStorage
from domain.jobs.events import Checkpoint, Fact, Level, Log, Metric, Progress, Result, Split
from domain.jobs.model import Job
from domain.jobs.running import Executors, Finish, JobFailed, Run
from domain.jobs.status import JobKind
from domain.work import UnitOfWork, Works
from tests.chaos.worker import scratch_of
from workers.children import child
from workers.scratch import scratch

CHILD = "tests.chaos.toy_child"
MEMORY = 1 << 30
CHECKPOINT_EVERY = 10
BROKEN = "TOY_BROKEN"


def executors(works: Works, storage: BlobStorage) -> Executors:
    """What workers of the chaos test run; another module may be named in its place."""
    del works, storage
    return {JobKind.TRAINING: train}


def start(seed: int) -> str:
    return hashlib.sha256(str(seed).encode()).hexdigest()


def after(state: str, step: int) -> str:
    """The state that a step leaves behind. From a wrong one, all that follows is wrong."""
    return hashlib.sha256(f"{state}/{step}".encode()).hexdigest()


def said(state: str, step: int) -> Iterator[dict[str, Any]]:
    """What is said in one step, numbered."""
    yield {"number": 2 * step - 1, "log": f"toy step {step}: {state[:8]}"}
    yield {"number": 2 * step, "metric": int(state[:8], 16) / 2**32, "step": step}


def fact_of(line: dict[str, Any]) -> Fact:
    if "log" in line:
        return Log(Level.INFO, line["log"])
    epoch, step = line["step"] // CHECKPOINT_EVERY, line["step"]
    return Metric(epoch=epoch, step=step, split=Split.TRAIN, values={"loss": line["metric"]})


def undisturbed(seed: int, steps: int) -> list[Fact]:
    """All facts that a run tells which nobody disturbs."""
    state, facts = start(seed), list[Fact]()
    for step in range(1, steps + 1):
        state = after(state, step)
        facts += map(fact_of, said(state, step))
    return [*facts, Result({"state": state})]


async def train(job: Job, run: Run) -> Finish:
    with scratch(scratch_of(Path(os.environ["FOLDER"])), "toy") as folder:
        async with run.last_checkpoint() as last, child(CHILD, memory_bytes=MEMORY) as process:
            await run.process(process.group)
            kept = await asyncio.to_thread(last.read_text) if last else None
            await process.ask(job.parameters | {"folder": str(folder), "kept": kept})
            async for line in process.answers():
                if "result" in line:
                    await run.tell(Result({"state": line["result"]}))
                    break
                await take(run, line, job.parameters["steps"])
            else:
                raise ConnectionError("The child ended without a result.")
        await run.process(None)
    return nothing_more


async def take(run: Run, line: dict[str, Any], steps: int) -> None:
    if "broken" in line:
        raise JobFailed(BROKEN, line["broken"])
    if "checkpoint" in line:
        await run.checkpoint(Path(line["checkpoint"]), Checkpoint(line["step"]))
        return
    await run.tell(fact_of(line), number=line["number"])
    await run.progress(Progress(50.0 * line["number"] / steps))


async def nothing_more(_work: UnitOfWork) -> None:
    """All is said in the log."""
