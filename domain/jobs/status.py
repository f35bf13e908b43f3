"""The life of a job, as a table.

| status    | start   | stumble | complete  | fail   | cancel    | retry, resume |
|-----------|---------|---------|-----------|--------|-----------|---------------|
| queued    | running |         |           | failed | cancelled |               |
| running   | running | queued  | completed | failed | cancelled |               |
| failed    |         |         |           |        |           | queued        |
| cancelled |         |         |           |        |           | queued        |

Each start is a new attempt: a running job starts again when its worker died or was stopped, a queued one when an
attempt stumbled over an error that may pass. What is over stays so, unless a person has it retried (from scratch) or
resumed (from its checkpoint).
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


OF_DATASETS = frozenset({JobKind.INSPECTION, JobKind.PREPROCESSING, JobKind.IMPORTING, JobKind.LABELLING})
"""Those that read or make a dataset, and are nothing without it."""
