"""What holds for a dataset while jobs come and go: one job at a time, and always a state that says what there is."""

from __future__ import annotations

from dataclasses import replace

from domain.blobs import Owner
from domain.clock import Clock
from domain.datasets.findings import Finding
from domain.datasets.model import Dataset, DatasetStatus, Part
from domain.datasets.plain import to_plain
from domain.errors import Code, Refused
from domain.jobs.model import Job
from domain.jobs.running import OnEnd
from domain.jobs.status import JobStatus
from domain.notifications.notices import Notices
from domain.work import UnitOfWork

KIND = "dataset"
"""Of the owners of contents, and of upload tickets."""
INPUT = "input"
"""The content that a job works on: its own until it ends, whatever becomes of where it came from."""


def part_of(dataset: Dataset, part: Part | str) -> Owner:
    return Owner(KIND, dataset.id, str(part))


async def must_be_idle(work: UnitOfWork, dataset: Dataset, *, field: str = "id") -> None:
    """Refuses while a job is at work on it. The caller holds the dataset."""
    if await work.jobs.open_of(dataset.id):
        message = "A job is at work on this dataset. Wait for its end, or cancel it first."
        raise Refused.because(Code.WRONG_STATE, message, field)


def must_be_ready(dataset: Dataset, *, field: str = "id") -> None:
    if dataset.status is DatasetStatus.READY:
        return
    said = {
        DatasetStatus.EMPTY: "has no file yet. Send it one first.",
        DatasetStatus.PROCESSING: "is still being made. Wait for the end of its job.",
        DatasetStatus.BAD: "has no data that can be used. Its report or its job says why.",
    }
    raise Refused.because(Code.WRONG_STATE, f"This dataset {said[dataset.status]}", field)


def ending(clock: Clock) -> OnEnd:
    """For jobs that failed or were cancelled."""

    async def ended(work: UnitOfWork, job: Job) -> None:
        await settle(work, job, clock)

    return ended


async def settle(work: UnitOfWork, job: Job, clock: Clock, findings: tuple[Finding, ...] = ()) -> None:
    """What the dataset was before the job, if it was something; else BAD, with what was found."""
    dataset = await work.datasets.hold(job.dataset_id) if job.dataset_id else None
    if dataset is None or dataset.status is not DatasetStatus.PROCESSING:
        return
    has_data = dataset.sha256 is not None
    status = DatasetStatus.READY if has_data else DatasetStatus.BAD
    await work.datasets.save(replace(dataset, status=status, updated_at=clock()))
    if not has_data and dataset.filename is None:
        await work.blobs.release(KIND, dataset.id)
    if findings and not has_data:
        papers = await work.datasets.papers(dataset.id)
        await work.datasets.save_papers(replace(papers, report={"findings": to_plain(findings)}))
    if not has_data and job.status is JobStatus.FAILED:
        await Notices(clock=clock).dataset_bad(work, job, dataset)
