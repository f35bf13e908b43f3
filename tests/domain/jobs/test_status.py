"""Which statuses are final."""

from __future__ import annotations

from domain.jobs.status import OPEN, JobStatus


def test_a_job_is_over_unless_it_waits_or_runs() -> None:
    assert {status for status in JobStatus if status.is_over} == {
        JobStatus.COMPLETED,
        JobStatus.FAILED,
        JobStatus.CANCELLED,
    }
    assert {JobStatus.QUEUED, JobStatus.RUNNING} == OPEN
