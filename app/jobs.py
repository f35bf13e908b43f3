"""What jobs are done by, and what becomes of their objects: by kind of job."""

from __future__ import annotations

from datetime import timedelta

from app.engines import engines
from app.settings import Settings
from app.storage import scratch_folder, storage_for
from domain.blobs import Blobs
from domain.clock import Clock
from domain.datasets.states import ending
from domain.jobs.running import Endings
from domain.jobs.status import JobKind
from domain.notifications.endings import telling, telling_endings
from domain.notifications.notices import Notices
from domain.work import Works
from workers.data.jobs import Children, DatasetJobs
from workers.jobs import JobRunner
from workers.machine import this_process
from workers.training import Trainings


def endings(clock: Clock) -> Endings:
    """For every process that can end a job: workers, and the API when a job is cancelled."""
    on_dataset = ending(clock)
    kinds = JobKind.INSPECTION, JobKind.PREPROCESSING, JobKind.IMPORTING
    return {**dict.fromkeys(kinds, on_dataset), **telling_endings(Notices(clock=clock))}


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


def training_jobs(settings: Settings, *, works: Works, clock: Clock) -> Trainings:
    """What agents are trained by."""
    storage = storage_for(settings)
    return Trainings(
        works=works,
        blobs=Blobs(works=works, storage=storage),
        storage=storage,
        engines=engines(settings),
        scratch=scratch_folder(settings),
        clock=clock,
    )


def job_runner(settings: Settings, *, works: Works, clock: Clock) -> JobRunner:
    """For the workers of every queue."""
    datasets = dataset_jobs(settings, works=works, clock=clock)
    trainings = training_jobs(settings, works=works, clock=clock)
    return JobRunner(
        works=works,
        executors=telling({**datasets.executors(), **trainings.executors()}, Notices(clock=clock)),
        endings={**endings(clock), **datasets.endings()},
        storage=storage_for(settings),
        process=this_process(),
        clock=clock,
        time_limits=dict.fromkeys(JobKind, timedelta(seconds=settings.job_timeout_s)),
    )
