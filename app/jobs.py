"""What jobs are done by, and what becomes of their objects: by kind of job."""

from __future__ import annotations

from datetime import timedelta

from app.settings import Settings
from app.storage import scratch_folder, storage_for
from domain.blobs import Blobs
from domain.clock import Clock
from domain.datasets.states import ending
from domain.jobs.running import Endings
from domain.jobs.status import JobKind
from domain.work import Works
from workers.data.jobs import Children, DatasetJobs
from workers.jobs import JobRunner


def endings(clock: Clock) -> Endings:
    """For every process that can end a job: workers, and the API when a job is cancelled."""
    on_dataset = ending(clock)
    kinds = JobKind.INSPECTION, JobKind.PREPROCESSING, JobKind.IMPORTING
    return dict.fromkeys(kinds, on_dataset)


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


def job_runner(settings: Settings, *, works: Works, clock: Clock) -> JobRunner:
    """For the workers of the queue DATA."""
    datasets = dataset_jobs(settings, works=works, clock=clock)
    return JobRunner(
        works=works,
        executors=datasets.executors(),
        endings={**endings(clock), **datasets.endings()},
        clock=clock,
        time_limit=timedelta(seconds=settings.job_timeout_s),
    )
