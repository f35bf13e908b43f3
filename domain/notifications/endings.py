"""Has the ends of jobs told to their owners. Who cancelled a job knows it."""

from __future__ import annotations

from domain.jobs.model import Job
from domain.jobs.running import Endings, Executor, Executors, Finish, Run
from domain.jobs.status import JobStatus
from domain.notifications.notices import Notices
from domain.notifications.words import TOLD_OF
from domain.work import UnitOfWork


def telling_endings(notices: Notices) -> Endings:
    """For the kinds whose failures are told."""

    async def ended(work: UnitOfWork, job: Job) -> None:
        if job.status is JobStatus.FAILED:
            await notices.job_failed(work, job)

    return dict.fromkeys(TOLD_OF, ended)


def telling(executors: Executors, notices: Notices) -> Executors:
    """The same executors, but where it is told that they have succeeded."""
    return {kind: _told(execute, notices) if kind in TOLD_OF else execute for kind, execute in executors.items()}


def _told(execute: Executor, notices: Notices) -> Executor:
    async def executed(job: Job, run: Run) -> Finish:
        finish = await execute(job, run)

        async def finished(work: UnitOfWork) -> None:
            await finish(work)
            await notices.job_completed(work, job)

        return finished

    return executed
