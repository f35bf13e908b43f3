"""Changing the system configuration."""

import strawberry
from strawberry.scalars import JSON

from graph.configs.types import SystemConfig
from graph.context import Info
from graph.fields import optional, plain
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import ADMIN


@strawberry.input(description="A key and its new value.")
class UpdateSystemConfigInput:
    key: str = plain("Which one; `systemConfigs` lists them.")
    value: JSON = plain("The new value, of the same kind as the old one.")


@strawberry.type(description="Answer to updateSystemConfig.")
class UpdateSystemConfigPayload(Payload):
    config: SystemConfig | None = optional("As it is now.")


async def _update(info: Info, input: UpdateSystemConfigInput) -> UpdateSystemConfigPayload:
    config = await info.context.use.configs.update(info.context.viewer, input.key, input.value)
    return UpdateSystemConfigPayload(config=shown(config))


@strawberry.type
class ConfigMutations:
    update_system_config: UpdateSystemConfigPayload = mutation(
        _update, policy=ADMIN, description="Change what the platform is told to do. For admins."
    )


__all__ = ["ConfigMutations"]
