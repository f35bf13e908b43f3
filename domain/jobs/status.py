"""The life of a job, as a table.

| status    | start   | stumble | complete  | fail   | cancel    |
|-----------|---------|---------|-----------|--------|-----------|
| queued    | running |         |           | failed | cancelled |
| running   | running | queued  | completed | failed | cancelled |

completed, failed and cancelled are final. Each start is a new attempt: a running job starts again when its worker died
or was stopped, a queued one when an attempt stumbled over an error that may pass.
"""

from __future__ import annotations

from enum import StrEnum


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self not in OPEN


OPEN = frozenset({JobStatus.QUEUED, JobStatus.RUNNING})


class JobKind(StrEnum):
    TRAINING = "training"
    EVALUATION = "evaluation"
    INSPECTION = "inspection"
    PREPROCESSING = "preprocessing"
    IMPORTING = "importing"
    LABELLING = "labelling"
