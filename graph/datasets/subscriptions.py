"""Following a dataset."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import strawberry

from domain.jobs.model import Job as JobEntity
from domain.live import BoardWish
from graph.context import Info
from graph.datasets.types import Dataset
from graph.fields import loaded, plain
from graph.ids import decode
from graph.jobs.subscriptions import PerSecond, changes
from graph.jobs.types import Job
from graph.live.watchers import Kind
from graph.loaders import Loaders
from graph.payloads import subscription
from graph.policy import SIGNED_IN


@dataclass(frozen=True, slots=True)
class Changed:
    id: UUID
    jobs: list[JobEntity]


@strawberry.type(description="A dataset as it is now, and those of its jobs that changed since the item before.")
class DatasetChange:
    dataset: Dataset | None = loaded("id", Loaders.dataset, "The dataset.")
    jobs: list[Job] = plain("Its jobs that changed; in the first item, those that are not over.")


async def _dataset_events(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The dataset.")],
    max_per_second: PerSecond = 2,
) -> AsyncIterator[DatasetChange]:
    wish = BoardWish("dataset", subject := decode(id, "Dataset", "id"))
    return await changes(info, wish, max_per_second, Kind.DATASET, lambda jobs: Changed(subject, jobs))


@strawberry.type
class DatasetSubscriptions:
    dataset_events: DatasetChange = subscription(
        _dataset_events,
        policy=SIGNED_IN,
        description="How a dataset and its jobs stand: now, and whenever one of them changed.",
    )
