"""The type Job."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Parent
from strawberry.scalars import JSON

from domain.jobs.model import Job as JobEntity
from graph.fields import edge, loaded, plain
from graph.jobs.enums import JobKind, JobStatus
from graph.loaders import Loaders
from graph.node import Node, id_of

if TYPE_CHECKING:
    from graph.accounts.types import User
    from graph.datasets.types import Dataset

DatasetType = Annotated["Dataset", strawberry.lazy("graph.datasets.types")]
UserType = Annotated["User", strawberry.lazy("graph.accounts.types")]


@strawberry.type(description="Why a job failed.")
class JobError:
    code: str = plain(
        "Stable code to branch on. INTERNAL: our fault; LOST: its work was lost, start it anew; TIMED_OUT: it ran too "
        "long; others come from what the job does."
    )
    message: str = plain("A sentence for a person.")


def _error(parent: Parent[JobEntity]) -> JobError | None:
    if parent.error_code is None:
        return None
    return JobError(code=parent.error_code, message=parent.error_message or "")


@strawberry.type(description="Long work that goes on after the answer to whoever asked for it.")
class Job(Node):
    __source__ = JobEntity

    id: strawberry.ID = id_of("Job")
    kind: JobKind = plain("What it does.")
    name: str = plain("What it is called; no two need differ.")
    status: JobStatus = plain("Where it stands.")
    progress: float = plain("How far its present attempt is, 0 to 100.")
    parameters: JSON = plain("What it was asked to do.")
    attempt: int = plain("Which attempt this is; 0 before the first, and more than 1 when a worker died or broke off.")
    error: JobError | None = edge(_error, "Why it failed; null when it did not.")
    created_at: datetime = plain("When it was asked for.")
    started_at: datetime | None = plain("When its first attempt began.")
    finished_at: datetime | None = plain("When it was over.")
    updated_at: datetime = plain("When it last changed.")
    cancel_requested_at: datetime | None = plain(
        "When somebody asked to cancel it. While it still runs, its worker is about to stop; it may still complete."
    )
    owner: UserType | None = loaded("owner_id", Loaders.user, "Who asked for it; null when you share no project.")
    dataset: DatasetType | None = loaded(
        "dataset_id", Loaders.dataset, "What it is about; null: something else, or you do not see it."
    )


__all__ = ["Job", "JobError"]
