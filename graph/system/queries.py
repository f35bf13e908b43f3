"""Reading about the platform, and anything by its id."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graph.context import Info
from graph.ids import split
from graph.loaders import Loaders
from graph.node import Node
from graph.payloads import query
from graph.policy import ANYONE, SIGNED_IN
from graph.system.types import SystemInfo, SystemStatus

Find = Callable[[Loaders, UUID], Awaitable[Any]]

NODES: dict[str, Find] = {
    "ApiToken": Loaders.api_token,
    "AuditEntry": Loaders.audit_entry,
    "Dataset": Loaders.dataset,
    "Evaluation": Loaders.evaluation,
    "Job": Loaders.job,
    "Model": Loaders.model,
    "Notification": Loaders.notification,
    "Project": Loaders.project,
    "ProjectMember": Loaders.member,
    "Recipe": Loaders.recipe,
    "Session": Loaders.session,
    "Strategy": Loaders.strategy,
    "StrategyTemplate": Loaders.template,
    "StrategyVersion": Loaders.strategy_version,
    "User": Loaders.user,
}
"""How each type of node is found by its id, as this viewer sees it."""


async def _node(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="An `id` that any object showed you.")]
) -> object | None:
    parts = split(id)
    find = NODES.get(parts[0]) if parts else None
    return await find(info.context.loaders, parts[1]) if parts and find else None


def _system_info(info: Info) -> SystemInfo:
    context = info.context
    return SystemInfo(
        version=context.about.version, time=context.clock(), registration_open=context.about.registration_open
    )


async def _system_status(info: Info) -> SystemStatus:
    return await info.context.status.now()


@strawberry.type
class SystemQueries:
    node: Node | None = query(
        _node, policy=SIGNED_IN, description="Any object by its id; null when there is none that you may see."
    )
    system_status: SystemStatus = query(
        _system_status, policy=ANYONE, description="Whether the platform can do its work just now."
    )
    system_info: SystemInfo = query(_system_info, policy=ANYONE, description="The platform that answers you.")
