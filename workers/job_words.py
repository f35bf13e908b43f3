"""What the machinery says in the log of a job, for the person who reads it."""

from __future__ import annotations

from domain.jobs.events import Checkpoint
from domain.jobs.model import Job
from domain.jobs.status import JobStatus

CANCELLED = "Cancelled: the work on it has ended."
CHECKPOINT_GONE = "The checkpoint is gone from the store, so the work begins at the beginning."


def started(before: Job, job: Job, checkpoint: Checkpoint | None) -> str:
    if job.attempt == 1:
        return "Started."
    was_at_work = before.status is JobStatus.RUNNING
    how = "Taken up again after its worker died or was stopped" if was_at_work else f"Started, attempt {job.attempt}"
    return f"{how}; {_from(checkpoint)}."


def stumbled(failures: int, tries: int, *, is_full: bool) -> str:
    what = "There is no room left on a disk" if is_full else "Something went wrong on our side"
    return f"{what} ({failures} of {tries} times at most). It is tried again in a moment."


def not_kept(checkpoint: Checkpoint) -> str:
    at = f"The checkpoint at step {checkpoint.step:,} could not be kept"
    return f"{at}. The work goes on; after a break it would begin at an earlier point."


def _from(checkpoint: Checkpoint | None) -> str:
    return f"goes on from the checkpoint at step {checkpoint.step:,}" if checkpoint else "begins at the beginning"
