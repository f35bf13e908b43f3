"""Watching the platform."""

from collections.abc import AsyncGenerator

import strawberry

from graph.context import Info
from graph.payloads import subscription
from graph.policy import ANYONE
from graph.system.types import SystemStatus


async def _system_status(info: Info) -> AsyncGenerator[SystemStatus, None]:
    async for status in info.context.status.changes():
        yield status


@strawberry.type
class SystemSubscriptions:
    system_status: SystemStatus = subscription(
        _system_status,
        policy=ANYONE,
        description="Whether the platform can do its work: now, and whenever that changes.",
    )
