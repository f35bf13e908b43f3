"""Changing templates of one's own."""

import strawberry

from domain.strategies.changes import NewTemplate, TemplateChanges, Words
from graph.context import Info
from graph.fields import optional
from graph.ids import decode
from graph.inputs import given
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import WRITER
from graph.strategies.inputs import (
    CreateStrategyTemplateInput,
    DeleteStrategyTemplateInput,
    UpdateStrategyTemplateInput,
)
from graph.strategies.types import StrategyTemplate


@strawberry.type(description="Answer to createStrategyTemplate.")
class CreateStrategyTemplatePayload(Payload):
    template: StrategyTemplate | None = optional("The new template.")


@strawberry.type(description="Answer to updateStrategyTemplate.")
class UpdateStrategyTemplatePayload(Payload):
    template: StrategyTemplate | None = optional("The template as it is now.")


@strawberry.type(description="Answer to deleteStrategyTemplate.")
class DeleteStrategyTemplatePayload(Payload):
    template: StrategyTemplate | None = optional("The template as it was.")


async def _create(info: Info, input: CreateStrategyTemplateInput) -> CreateStrategyTemplatePayload:
    new = NewTemplate(
        words=Words(name=input.name, description=input.description),
        strategy_id=decode(input.strategy_id, "Strategy", "strategy_id") if input.strategy_id else None,
        task_type=input.task_type,
        algorithm=input.algorithm,
        config=input.config,
    )
    template = await info.context.use.templates.create(info.context.viewer, new)
    return CreateStrategyTemplatePayload(template=shown(template))


async def _update(info: Info, input: UpdateStrategyTemplateInput) -> UpdateStrategyTemplatePayload:
    id_ = decode(input.id, "StrategyTemplate", "id")
    words = Words(name=given(input.name), description=given(input.description))
    changes = TemplateChanges(words=words, config=given(input.config))
    template = await info.context.use.templates.update(info.context.viewer, id_, changes)
    return UpdateStrategyTemplatePayload(template=shown(template))


async def _delete(info: Info, input: DeleteStrategyTemplateInput) -> DeleteStrategyTemplatePayload:
    id_ = decode(input.id, "StrategyTemplate", "id")
    template = await info.context.use.templates.delete(info.context.viewer, id_)
    return DeleteStrategyTemplatePayload(template=shown(template))


@strawberry.type
class TemplateMutations:
    create_strategy_template: CreateStrategyTemplatePayload = mutation(
        _create, policy=WRITER, description="Keep a config as a template of your own. Only you see it."
    )
    update_strategy_template: UpdateStrategyTemplatePayload = mutation(
        _update, policy=WRITER, description="Change a template of your own. Strategies made from it stay as they are."
    )
    delete_strategy_template: DeleteStrategyTemplatePayload = mutation(
        _delete, policy=WRITER, description="Delete a template of your own. Strategies made from it stay."
    )


__all__ = ["TemplateMutations"]
