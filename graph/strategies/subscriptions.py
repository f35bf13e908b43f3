"""Following a strategy."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import strawberry

from domain.jobs.model import Job as JobEntity
from domain.live import BoardWish
from graph.context import Info
from graph.fields import loaded, plain
from graph.ids import decode
from graph.jobs.subscriptions import PerSecond, changes
from graph.jobs.types import Job
from graph.live.watchers import Kind
from graph.loaders import Loaders
from graph.payloads import subscription
from graph.policy import SIGNED_IN
from graph.strategies.types import Strategy


@dataclass(frozen=True, slots=True)
class Changed:
    id: UUID
    jobs: list[JobEntity]


@strawberry.type(description="A strategy as it is now, and those of its jobs that changed since the item before.")
class StrategyChange:
    strategy: Strategy | None = loaded("id", Loaders.strategy, "The strategy.")
    jobs: list[Job] = plain("Its jobs that changed; in the first item, those that are not over.")


async def _strategy_events(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The strategy.")],
    max_per_second: PerSecond = 2,
) -> AsyncIterator[StrategyChange]:
    wish = BoardWish("strategy", subject := decode(id, "Strategy", "id"))
    return await changes(info, wish, max_per_second, Kind.STRATEGY, lambda jobs: Changed(subject, jobs))


@strawberry.type
class StrategySubscriptions:
    strategy_events: StrategyChange = subscription(
        _strategy_events,
        policy=SIGNED_IN,
        description="How a strategy and its jobs stand: now, and whenever one of them changed.",
    )
