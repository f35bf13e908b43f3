"""What can train."""

from collections.abc import Sequence
from typing import Any

import strawberry

from graph.context import Info
from graph.fields import plain
from graph.payloads import query
from graph.policy import ANYONE


@strawberry.type(description="What trains agents: the engine of the platform, or a service that it is connected to.")
class Engine:
    name: str = plain("What startTraining calls it.")
    title: str = plain("Name to show.")
    available: bool = plain("Whether it can be used just now.")
    remedy: str | None = plain("What an operator can do, where it cannot.")
    remote: bool = plain(
        "Whether it is a service elsewhere, which has datasets of its own. A training waits for one that is away."
    )


async def _engines(info: Info) -> Sequence[Any]:
    return await info.context.use.trainings.engines.offered()


@strawberry.type
class EngineQueries:
    engines: list[Engine] = query(_engines, policy=ANYONE, description="What can train here.")
