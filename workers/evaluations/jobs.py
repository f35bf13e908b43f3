"""The executor of evaluations: gives a child process what it needs, tells the job what it says, keeps what came out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from domain.blobs import Blobs, BlobStorage, Content, Owner, content_of_file
from domain.clock import Clock
from domain.evaluations.model import DATA, JOB, KIND, Order, card_part, weights_part
from domain.jobs.events import Result
from domain.jobs.model import Job
from domain.jobs.running import Executors, Finish, JobFailed, Run
from domain.jobs.status import JobKind
from domain.work import UnitOfWork, Works
from workers.engines.embedded.parent import OUT_OF_MEMORY
from workers.engines.port import EngineEvent, Moved, Said, Saved, Trained, Working
from workers.scratch import scratch

GONE = "DATA_GONE"
WEIGHTS, CARD = "model.safetensors", "card.json"
_IN_RESULT = ("performance", "risk")
_OF_ORDERS = {
    "shortfall": "mean",
    "worst_shortfall": "worst",
    "filled": "filled",
    "participation": "participation",
    "beats_twap": "beats_twap",
    "beats_vwap": "beats_vwap",
}


class Child(Protocol):
    """Does what it is asked in a process of its own; see workers.engines.embedded.parent.EmbeddedEngine.ask."""

    def ask(self, request: Mapping[str, Any], folder: Path) -> AsyncGenerator[EngineEvent, None]: ...


class Evaluations:
    """An attempt that is broken off leaves nothing behind but what it told; the next one does all of it again, but for
    what a walk-forward had finished."""

    def __init__(
        self, *, works: Works, blobs: Blobs, storage: BlobStorage, child: Child, scratch: Path, clock: Clock
    ) -> None:
        self._works = works
        self._blobs = blobs
        self._storage = storage
        self._child = child
        self._scratch = scratch
        self._clock = clock

    def executors(self) -> Executors:
        return {JobKind.EVALUATION: self.evaluate}

    async def evaluate(self, job: Job, run: Run) -> Finish:
        order = Order.of(job)
        async with AsyncExitStack() as stack:
            folder = await stack.enter_async_context(self._folder())
            request = await self._request(job, order, folder, stack)
            done_before = await stack.enter_async_context(run.last_checkpoint())
            request["checkpoint"] = str(done_before) if done_before else None
            done = await self._listen(run, request, folder)
            kept = {part: await self._keep(path) for part, path in done.files.items()}
        # Before the job is over, which ends its log.
        await run.tell(Result({"evaluation": order.evaluation, "entries": _short(done.body)}))
        return self._finish(job, order, done.body, kept)

    async def _request(self, job: Job, order: Order, folder: Path, stack: AsyncExitStack) -> dict[str, Any]:
        data = await self._content(job, DATA)
        models = [
            await self._model(job, place, order, folder / f"in-{place + 1}", stack)
            for place in range(len(order.models))
        ]
        return {
            "do": "evaluate",
            "data": str(await stack.enter_async_context(self._storage.as_file(data))),
            "data_sha256": data.sha256,
            "models": models,
            "symbol": order.symbol,
            "split": order.split,
            "since": order.since,
            "until": order.until,
            "setup": order.setup,
            "benchmark": order.benchmark,
            "stress": list(order.stress),
            "walk": order.walk,
            "tried": order.tried,
            "compare": len(order.models) > 1,
            "seed": order.seed,
            "out": str(folder),
        }

    async def _model(self, job: Job, place: int, order: Order, folder: Path, stack: AsyncExitStack) -> dict[str, str]:
        """A folder with its files under the names that they have."""
        files = {}
        for name, part in ((WEIGHTS, weights_part(place)), (CARD, card_part(place))):
            content = await self._content(job, part)
            files[name] = await stack.enter_async_context(self._storage.as_file(content))
        _lay_out(folder, files)
        model = order.models[place]
        return {"key": model["key"], "name": model["name"], "folder": str(folder)}

    async def _content(self, job: Job, part: str) -> Content:
        async with self._works() as work:
            content = await work.blobs.of(Owner(JOB, job.id, part))
        if content is None:
            raise JobFailed(GONE, "What this evaluation works on is gone. Start a new one.")
        return content

    @asynccontextmanager
    async def _folder(self) -> AsyncIterator[Path]:
        with scratch(self._scratch, "evaluation") as folder:
            yield folder

    async def _listen(self, run: Run, request: Mapping[str, Any], folder: Path) -> Trained:
        try:
            async with aclosing(self._child.ask(request, folder)) as events:
                async for event in events:
                    if isinstance(event, Trained):
                        return event
                    await _take(run, event)
        except JobFailed as failed:
            if failed.code == OUT_OF_MEMORY:
                message = "The evaluation needed more memory than it may have. Choose a shorter period or fewer models."
                raise JobFailed(OUT_OF_MEMORY, message) from failed
            raise
        raise RuntimeError("The process came to its end without a result.")

    async def _keep(self, path: Path) -> Content:
        content = await asyncio.to_thread(content_of_file, path)
        await self._blobs.keep(path, content)
        return content

    def _finish(self, job: Job, order: Order, body: Mapping[str, Any], kept: Mapping[str, Content]) -> Finish:
        async def finish(work: UnitOfWork) -> None:
            id_ = UUID(order.evaluation)
            await work.blobs.release(JOB, job.id)
            measures = measures_of(body)[: len(order.models)]
            if await work.evaluations.finish(id_, body, measures, self._clock()):
                for part, content in kept.items():
                    await work.blobs.use(Owner(KIND, id_, part), content)

        return finish


def measures_of(body: Mapping[str, Any]) -> list[dict[str, float | None]]:
    """The figures of each entry in its place, to sort and compare by."""
    if "execution" in body:
        return [{name: entry[of] for name, of in _OF_ORDERS.items()} for entry in body["execution"]["entries"]]
    return [entry["performance"] | entry["risk"] for entry in body["entries"]]


def _lay_out(folder: Path, files: Mapping[str, Path]) -> None:
    folder.mkdir()
    for name, path in files.items():
        (folder / name).symlink_to(path.absolute())


async def _take(run: Run, event: EngineEvent) -> None:
    match event:
        case Said(fact, number):
            await run.tell(fact, number=number)
        case Moved(progress):
            await run.progress(progress)
        case Saved(path, checkpoint):
            await run.checkpoint(path, checkpoint)
        case Working(group):
            await run.process(group)


def _short(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "execution" in body:
        return list(body["execution"]["entries"])
    names = ("key", "name", *_IN_RESULT)
    return [{name: entry[name] for name in names} for entry in body["entries"]]
