"""Reading the system configuration."""

from collections.abc import Sequence

import strawberry

from domain.configs import SystemConfig as ConfigEntity
from graph.configs.types import SystemConfig
from graph.context import Info
from graph.payloads import query
from graph.policy import ADMIN


async def _configs(info: Info) -> Sequence[ConfigEntity]:
    return await info.context.reads.configs.all(info.context.viewer)


@strawberry.type
class ConfigQueries:
    system_configs: list[SystemConfig] = query(
        _configs, policy=ADMIN, description="What the platform is told to do, by key. For admins."
    )


__all__ = ["ConfigQueries"]
