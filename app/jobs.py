"""What jobs are done by, and what becomes of their objects: by kind of job."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

from app.engines import embedded_engine, engines
from app.settings import Settings
from app.storage import scratch_folder, storage_for
from domain.blobs import Blobs
from domain.clock import Clock
from domain.datasets.states import ending
from domain.jobs.model import Job
from domain.jobs.running import Endings, Executor, Finish, Run
from domain.jobs.status import OF_DATASETS, JobKind
from domain.notifications.endings import telling, telling_endings
from domain.notifications.notices import Notices
from domain.trainings.remote import is_remote
from domain.work import Works
from workers.data.jobs import Children, DatasetJobs
from workers.engines.trademaster.service import Service
from workers.evaluations.jobs import Evaluations
from workers.jobs import JobRunner
from workers.machine import this_process
from workers.market_dynamics import DynamicsJobs
from workers.training import Trainings


def endings(clock: Clock) -> Endings:
    """For every process that can end a job: workers, and the API when a job is cancelled."""
    on_dataset = ending(clock)
    # Of a labelling it is told that its dataset is bad, which says it all.
    return {**telling_endings(Notices(clock=clock)), **dict.fromkeys(OF_DATASETS, on_dataset)}


def by_engine(*, ours: Executor, remote: Executor) -> Executor:
    async def execute(job: Job, run: Run) -> Finish:
        return await (remote if is_remote(job.engine) else ours)(job, run)

    return execute


def dataset_jobs(settings: Settings, *, works: Works, clock: Clock) -> DatasetJobs:
    """What datasets are read and made by."""
    storage = storage_for(settings)
    children = Children(settings.inspection_memory_mb << 20, timedelta(seconds=settings.inspection_seconds))
    return DatasetJobs(
        works=works,
        blobs=Blobs(works=works, storage=storage),
        storage=storage,
        children=children,
        scratch=scratch_folder(settings),
        clock=clock,
    )


def training_jobs(
    settings: Settings,
    *,
    works: Works,
    clock: Clock,
    services: Sequence[Service] = (),
    stopping: asyncio.Event | None = None,
) -> Trainings:
    """What agents are trained by."""
    storage = storage_for(settings)
    return Trainings(
        works=works,
        blobs=Blobs(works=works, storage=storage),
        storage=storage,
        engines=engines(settings, services, stopping),
        scratch=scratch_folder(settings),
        clock=clock,
    )


def evaluation_jobs(settings: Settings, *, works: Works, clock: Clock) -> Evaluations:
    """What models are judged by."""
    storage = storage_for(settings)
    return Evaluations(
        works=works,
        blobs=Blobs(works=works, storage=storage),
        storage=storage,
        child=embedded_engine(settings),
        scratch=scratch_folder(settings),
        clock=clock,
    )


def dynamics_jobs(
    settings: Settings, *, works: Works, services: Sequence[Service], datasets: DatasetJobs
) -> DynamicsJobs:
    """What regimes are found by, and agents tested in them."""
    return DynamicsJobs(
        works=works,
        blobs=Blobs(works=works, storage=storage_for(settings)),
        services=services,
        datasets=datasets,
        scratch=scratch_folder(settings),
    )


def job_runner(
    settings: Settings,
    *,
    works: Works,
    clock: Clock,
    services: Sequence[Service] = (),
    stopping: asyncio.Event | None = None,
) -> JobRunner:
    """For the workers of every queue. `stopping` is set when the worker is told to stop."""
    datasets = dataset_jobs(settings, works=works, clock=clock)
    trainings = training_jobs(settings, works=works, clock=clock, services=services, stopping=stopping)
    judging = evaluation_jobs(settings, works=works, clock=clock)
    dynamics = dynamics_jobs(settings, works=works, services=services, datasets=datasets)
    # Of evaluations, those of services are dynamics tests.
    evaluating = {JobKind.EVALUATION: by_engine(ours=judging.evaluate, remote=dynamics.test)}
    return JobRunner(
        works=works,
        executors=telling(
            {**datasets.executors(), **trainings.executors(), **dynamics.executors(), **evaluating},
            Notices(clock=clock),
        ),
        endings={**endings(clock), **datasets.endings()},
        storage=storage_for(settings),
        process=this_process(),
        clock=clock,
        time_limits=time_limits(settings),
    )


def time_limits(settings: Settings) -> Mapping[JobKind, timedelta]:
    """How long an attempt may take."""
    return dict.fromkeys(JobKind, timedelta(seconds=settings.job_timeout_s))
