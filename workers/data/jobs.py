"""Executors of the jobs about datasets. The work is done in child processes; nothing is seen before it is whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.blobs import Blobs, BlobStorage, Content, Owner, content_of_file
from domain.clock import Clock
from domain.datasets.findings import BadFile, Finding
from domain.datasets.model import DatasetStatus, Part
from domain.datasets.states import INPUT, KIND, settle
from domain.jobs.events import Progress
from domain.jobs.model import Job
from domain.jobs.running import Endings, Executors, Finish, JobFailed, Run
from domain.jobs.status import JobKind
from domain.work import UnitOfWork, Works
from workers.data.child import ChildFailed, FailedBy, run_child
from workers.scratch import scratch

CANONICAL = "canonical.parquet"
LOST, TOO_LARGE = "LOST", "TOO_LARGE"
# What is left is keeping and writing down what the child made.
MOST = 95.0


@dataclass(frozen=True, slots=True)
class Children:
    """Has child processes do things, within these bounds."""

    memory_bytes: int
    time_limit: timedelta

    async def run(self, request: dict[str, Any], run: Run) -> dict[str, Any]:
        """Raises BadFile and Refused for what a person can mend, JobFailed when trying again would not help."""

        async def told(share: float, _doing: str) -> None:
            await run.progress(Progress(MOST * share))

        try:
            return await run_child(
                request, memory_bytes=self.memory_bytes, time_limit=self.time_limit, on_progress=told
            )
        except ChildFailed as failed:
            if failed.by in {FailedBy.MEMORY, FailedBy.TIME}:
                raise JobFailed(TOO_LARGE, failed.message) from failed
            raise


class DatasetJobs:
    """Reads, prepares and fetches. An attempt that is broken off leaves nothing behind but what the next one redoes."""

    def __init__(
        self, *, works: Works, blobs: Blobs, storage: BlobStorage, children: Children, scratch: Path, clock: Clock
    ) -> None:
        self._works = works
        self._blobs = blobs
        self._storage = storage
        self._children = children
        self._scratch = scratch
        self._clock = clock
        self._found: dict[UUID, tuple[Finding, ...]] = {}

    def executors(self) -> Executors:
        return {
            JobKind.INSPECTION: self.inspect,
            JobKind.PREPROCESSING: self.preprocess,
            JobKind.IMPORTING: self.import_,
        }

    def endings(self) -> Endings:
        """Like those of other processes, but with the findings of a file that cannot be used."""
        return dict.fromkeys(self.executors(), self.ended)

    async def inspect(self, job: Job, run: Run) -> Finish:
        owner, correction = self._owner(job, Part.ORIGINAL), job.parameters["correction"]
        async with self._input(owner) as path, self._folder() as out:
            request = {"do": "inspect", "path": str(path), "out": str(out), "name": await self._filename(job)}
            try:
                told = await self._children.run(request | {"correction": correction}, run)
            except BadFile as bad:
                self._found[job.id] = bad.findings
                raise JobFailed(bad.findings[0].code.value, str(bad)) from bad
            content = await self._keep(out)
        return self._finish(job, content, report=told["report"], correction=correction)

    async def preprocess(self, job: Job, run: Run) -> Finish:
        async with self._input(self._owner(job, INPUT)) as path, self._folder() as out:
            request = {"do": "prepare", "path": str(path), "out": str(out), "recipe": job.parameters["recipe"]}
            told = await self._children.run(request, run)
            content = await self._keep(out)
        return self._finish(job, content, **told)

    async def import_(self, job: Job, run: Run) -> Finish:
        wanted = {"do": "fetch", "source": job.parameters["source"], "recipe": job.parameters["recipe"]}
        async with self._folder() as out:
            told = await self._children.run(wanted | {"out": str(out)}, run)
            content = await self._keep(out)
        return self._finish(job, content, **told)

    async def bars(self, job: Job, run: Run, out: Path, symbol: str | None) -> Path:
        """Those of one symbol of what the job works on, as a file for a service elsewhere."""
        async with self._input(self._owner(job, INPUT)) as path:
            await self._children.run({"do": "bars", "path": str(path), "out": str(out), "symbol": symbol}, run)
        return out

    async def take_in(self, job: Job, run: Run, path: Path, *, symbol: str | None, ours: bool) -> Finish:
        """What a service has labelled becomes the data of the job's dataset, on the bars that are `ours`."""
        async with AsyncExitStack() as stack:
            source = await stack.enter_async_context(self._input(self._owner(job, INPUT))) if ours else None
            out = await stack.enter_async_context(self._folder())
            request = {"do": "labels", "path": str(path), "out": str(out), "symbol": symbol}
            told = await self._children.run(request | {"source": str(source) if source else None}, run)
            content = await self._keep(out)
        return self._finish(job, content, **told)

    async def ended(self, work: UnitOfWork, job: Job) -> None:
        await settle(work, job, self._clock, self._found.pop(job.id, ()))

    def _finish(self, job: Job, content: Content, **papers: Any) -> Finish:
        async def finish(work: UnitOfWork) -> None:
            id_ = _dataset_of(job)
            dataset = await work.datasets.hold(id_)
            if dataset is None:
                return
            original = await work.blobs.of(Owner(KIND, id_, Part.ORIGINAL))
            # What was made of the data before, a csv say, goes with it.
            await work.blobs.release(KIND, id_)
            if original is not None:
                await work.blobs.use(Owner(KIND, id_, Part.ORIGINAL), original)
            await work.blobs.use(Owner(KIND, id_, Part.CANONICAL), content)
            before = await work.datasets.papers(id_)
            await work.datasets.save_papers(replace(before, **papers))
            rows = papers["manifest"]["rows"] if papers.get("manifest") else papers["report"]["canonical"]["rows"]
            values = {"status": DatasetStatus.READY, "sha256": content.sha256, "row_count": rows}
            await work.datasets.save(replace(dataset, **values, updated_at=self._clock()))

        return finish

    async def _keep(self, out: Path) -> Content:
        """The canonical file, hashed and stored. Until the job is complete nobody uses it."""
        content = await asyncio.to_thread(content_of_file, out / CANONICAL)
        await self._blobs.keep(out / CANONICAL, content)
        return content

    @asynccontextmanager
    async def _input(self, owner: Owner) -> AsyncIterator[Path]:
        async with self._works() as work:
            content = await work.blobs.of(owner)
        if content is None:
            raise JobFailed(LOST, "The data that this job works on is gone. Start it anew.")
        async with self._storage.as_file(content) as path:
            yield path

    @asynccontextmanager
    async def _folder(self) -> AsyncIterator[Path]:
        with scratch(self._scratch, "job") as folder:
            yield folder

    async def _filename(self, job: Job) -> str:
        async with self._works() as work:
            dataset = await work.datasets.hold(_dataset_of(job))
        return (dataset and dataset.filename) or "file"

    def _owner(self, job: Job, part: str) -> Owner:
        return Owner(KIND, _dataset_of(job), str(part))


def _dataset_of(job: Job) -> UUID:
    if job.dataset_id is None:
        raise JobFailed(LOST, "The dataset that this job is about is gone.")
    return job.dataset_id


__all__ = ["Children", "DatasetJobs"]
