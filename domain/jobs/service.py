"""What people do with jobs that exist. Starting one belongs to the noun it is about."""

from __future__ import annotations

from uuid import UUID

from domain.audit import Action
from domain.clock import Clock
from domain.errors import Code, Forbidden, Refused
from domain.ids import new_id
from domain.jobs.model import Job
from domain.jobs.running import Endings, put_right
from domain.jobs.status import JobKind, JobStatus
from domain.viewer import Viewer
from domain.work import Queue, Task, UnitOfWork, Works

RUN = "job.run"
"""The task that runs a job; its payload names it."""


async def enqueue(work: UnitOfWork, job: Job, queue: Queue) -> None:
    """Keep the job and wake a worker, both with the transaction that asks for it."""
    await work.jobs.add(job)
    await work.enqueue(Task(RUN, {"job": str(job.id)}, queue))


def new_job(
    viewer: Viewer,
    kind: JobKind,
    name: str,
    clock: Clock,
    *,
    dataset_id: UUID | None = None,
    parameters: dict[str, object] | None = None,
) -> Job:
    now = clock()
    return Job(
        id=new_id(),
        owner_id=viewer.id,
        kind=kind,
        dataset_id=dataset_id,
        name=name,
        status=JobStatus.QUEUED,
        progress=0.0,
        parameters=parameters or {},
        attempt=0,
        error_code=None,
        error_message=None,
        cancel_requested_at=None,
        started_at=None,
        finished_at=None,
        created_at=now,
        updated_at=now,
    )


class Jobs:
    """Cancel jobs, and delete those that are over."""

    def __init__(self, *, works: Works, clock: Clock, endings: Endings) -> None:
        self._works = works
        self._clock = clock
        self._endings = endings

    async def cancel(self, viewer: Viewer, id: UUID) -> Job:
        """A queued job is cancelled at once; a running one when its worker has stopped, which takes a moment."""
        async with self._works() as work:
            job = await self._own(work, viewer, id)
            marked = await work.jobs.request_cancel(id, self._clock())
            if marked is None:
                raise Refused.because(Code.WRONG_STATE, f"This job is {job.status.value} already.", "id")
            if marked.status.is_over:
                await put_right(work, marked, self._endings)
        return marked

    async def delete(self, viewer: Viewer, id: UUID) -> Job:
        async with self._works() as work:
            job = await self._own(work, viewer, id)
            if not job.status.is_over:
                raise Refused.because(Code.WRONG_STATE, f"This job is {job.status.value}. Cancel it first.", "id")
            await work.jobs.delete(id)
            before = {"name": job.name, "kind": job.kind.value, "status": job.status.value}
            await work.audit.record(viewer, Action.JOB_DELETED, of="Job", id=id, before=before)
        return job

    async def _own(self, work: UnitOfWork, viewer: Viewer, id: UUID) -> Job:
        job = await work.jobs.lock(viewer, id)
        if job.owner_id != viewer.id and not viewer.is_admin:
            raise Forbidden("Only who started a job may do this.")
        return job
