"""Changing strategies."""

from uuid import UUID

import strawberry

from domain.projects.places import Move
from domain.strategies.changes import NewStrategy, StrategyChanges, Words
from graph.context import Info
from graph.fields import optional
from graph.ids import decode
from graph.inputs import given
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import WRITER
from graph.strategies.inputs import (
    ArchiveStrategyInput,
    CloneStrategyInput,
    CreateStrategyInput,
    DeleteStrategyInput,
    RestoreStrategyInput,
    RestoreStrategyVersionInput,
    UpdateStrategyInput,
)
from graph.strategies.types import Strategy


@strawberry.type(description="Answer to createStrategy.")
class CreateStrategyPayload(Payload):
    strategy: Strategy | None = optional("The new strategy.")


@strawberry.type(description="Answer to updateStrategy.")
class UpdateStrategyPayload(Payload):
    strategy: Strategy | None = optional("The strategy as it is now.")


@strawberry.type(description="Answer to archiveStrategy.")
class ArchiveStrategyPayload(Payload):
    strategy: Strategy | None = optional("The strategy as it is now.")


@strawberry.type(description="Answer to restoreStrategy.")
class RestoreStrategyPayload(Payload):
    strategy: Strategy | None = optional("The strategy as it is now.")


@strawberry.type(description="Answer to deleteStrategy.")
class DeleteStrategyPayload(Payload):
    strategy: Strategy | None = optional("The strategy as it was.")


@strawberry.type(description="Answer to cloneStrategy.")
class CloneStrategyPayload(Payload):
    strategy: Strategy | None = optional("The copy.")


@strawberry.type(description="Answer to restoreStrategyVersion.")
class RestoreStrategyVersionPayload(Payload):
    strategy: Strategy | None = optional("The strategy as it is now, at a new version.")


def _project(id: strawberry.ID | None) -> UUID | None:
    return decode(id, "Project", "project_id") if id else None


async def _create(info: Info, input: CreateStrategyInput) -> CreateStrategyPayload:
    new = NewStrategy(
        words=Words(name=input.name, description=input.description, tags=input.tags, tm_config=input.tm_config),
        project_id=_project(input.project_id),
        template_id=decode(input.template_id, "StrategyTemplate", "template_id") if input.template_id else None,
        task_type=input.task_type,
        algorithm=input.algorithm,
        config=input.config,
        message=input.message,
    )
    return CreateStrategyPayload(strategy=shown(await info.context.use.strategies.create(info.context.viewer, new)))


async def _update(info: Info, input: UpdateStrategyInput) -> UpdateStrategyPayload:
    id_ = decode(input.id, "Strategy", "id")
    words = Words(
        name=given(input.name),
        description=given(input.description),
        tags=given(input.tags),
        tm_config=given(input.tm_config),
    )
    changes = StrategyChanges(
        words=words,
        move=Move(_project(input.project_id.value)) if input.project_id else None,
        config=given(input.config),
        message=input.message,
        expected_version=input.expected_version,
    )
    return UpdateStrategyPayload(
        strategy=shown(await info.context.use.strategies.update(info.context.viewer, id_, changes))
    )


async def _archive(info: Info, input: ArchiveStrategyInput) -> ArchiveStrategyPayload:
    id_ = decode(input.id, "Strategy", "id")
    return ArchiveStrategyPayload(strategy=shown(await info.context.use.strategies.archive(info.context.viewer, id_)))


async def _restore(info: Info, input: RestoreStrategyInput) -> RestoreStrategyPayload:
    id_ = decode(input.id, "Strategy", "id")
    return RestoreStrategyPayload(strategy=shown(await info.context.use.strategies.restore(info.context.viewer, id_)))


async def _delete(info: Info, input: DeleteStrategyInput) -> DeleteStrategyPayload:
    id_ = decode(input.id, "Strategy", "id")
    return DeleteStrategyPayload(strategy=shown(await info.context.use.strategies.delete(info.context.viewer, id_)))


async def _clone(info: Info, input: CloneStrategyInput) -> CloneStrategyPayload:
    id_, project = decode(input.id, "Strategy", "id"), _project(input.project_id)
    clone = info.context.use.strategies.clone(info.context.viewer, id_, name=input.name, project_id=project)
    return CloneStrategyPayload(strategy=shown(await clone))


async def _restore_version(info: Info, input: RestoreStrategyVersionInput) -> RestoreStrategyVersionPayload:
    id_, restore = decode(input.id, "Strategy", "id"), info.context.use.strategies.restore_version
    strategy = await restore(info.context.viewer, id_, input.version_number, input.message)
    return RestoreStrategyVersionPayload(strategy=shown(strategy))


@strawberry.type
class StrategyMutations:
    create_strategy: CreateStrategyPayload = mutation(
        _create, policy=WRITER, description="Describe a strategy. You become its owner, and it starts at version 1."
    )
    update_strategy: UpdateStrategyPayload = mutation(
        _update,
        policy=WRITER,
        description="Change a strategy. Its owner may, and editors and owners of its project.",
    )
    archive_strategy: ArchiveStrategyPayload = mutation(
        _archive,
        policy=WRITER,
        description="Put a strategy away. It must not be running. Whoever may change it may do so.",
    )
    restore_strategy: RestoreStrategyPayload = mutation(
        _restore, policy=WRITER, description="Bring a strategy back from the archive, as a draft."
    )
    delete_strategy: DeleteStrategyPayload = mutation(
        _delete,
        policy=WRITER,
        description="Delete a strategy with all its versions, trainings and models, for good. It must not be running, "
        "no training of it may be at work, and none of its models in production. "
        "Its owner may, and owners of its project.",
    )
    clone_strategy: CloneStrategyPayload = mutation(
        _clone,
        policy=WRITER,
        description="Copy a strategy that you see. The copy is yours, and starts at version 1 as a draft.",
    )
    restore_strategy_version: RestoreStrategyVersionPayload = mutation(
        _restore_version,
        policy=WRITER,
        description="Make an old config the present one again, as a new version. Nothing is lost by it.",
    )


__all__ = ["StrategyMutations"]
