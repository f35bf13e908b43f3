"""What jobs are done by, and what becomes of their objects: by kind of job."""

from __future__ import annotations

from datetime import timedelta

from app.settings import Settings
from domain.clock import Clock
from domain.jobs.running import Endings, Executors
from domain.work import Works
from workers.jobs import JobRunner


def endings() -> Endings:
    """For every process that can end a job: workers, and the API when a job is cancelled."""
    return {}


def data_executors() -> Executors:
    """For the workers of the queue DATA."""
    return {}


def job_runner(settings: Settings, executors: Executors, *, works: Works, clock: Clock) -> JobRunner:
    limit = timedelta(seconds=settings.job_timeout_s)
    return JobRunner(works=works, executors=executors, endings=endings(), clock=clock, time_limit=limit)
