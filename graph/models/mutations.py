"""Changing models, and taking them home."""

import strawberry

from graph.context import Info
from graph.datasets.transfers import TransferLink
from graph.fields import optional, plain
from graph.ids import decode
from graph.models.filters import Part, Stage
from graph.models.types import Model
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import SIGNED_IN, WRITER


@strawberry.input(description="What to download of a model.")
class RequestModelDownloadInput:
    id: strawberry.ID = plain("The model.")
    part: Part = plain("Which of its files.")


@strawberry.input(description="How far a model has come.")
class SetModelStageInput:
    id: strawberry.ID = plain("The model.")
    stage: Stage = plain("Its new stage.")


@strawberry.input(description="What to call a model.")
class RenameModelInput:
    id: strawberry.ID = plain("The model.")
    name: str = plain("New name, 1 to 200 characters.")


@strawberry.input(description="The model to delete.")
class DeleteModelInput:
    id: strawberry.ID = plain("The model.")


@strawberry.type(description="Answer to requestModelDownload.")
class RequestModelDownloadPayload(Payload):
    link: TransferLink | None = optional("Where to GET the file; ranges are served.")


@strawberry.type(description="Answer to setModelStage.")
class SetModelStagePayload(Payload):
    model: Model | None = optional("The model as it is now.")


@strawberry.type(description="Answer to renameModel.")
class RenameModelPayload(Payload):
    model: Model | None = optional("The model as it is now.")


@strawberry.type(description="Answer to deleteModel.")
class DeleteModelPayload(Payload):
    model: Model | None = optional("The model as it was.")


async def _request_download(info: Info, input: RequestModelDownloadInput) -> RequestModelDownloadPayload:
    id_, use = decode(input.id, "Model", "id"), info.context.use.models
    return RequestModelDownloadPayload(link=shown(await use.request_download(info.context.viewer, id_, input.part)))


async def _set_stage(info: Info, input: SetModelStageInput) -> SetModelStagePayload:
    id_, use = decode(input.id, "Model", "id"), info.context.use.models
    return SetModelStagePayload(model=shown(await use.set_stage(info.context.viewer, id_, input.stage)))


async def _rename(info: Info, input: RenameModelInput) -> RenameModelPayload:
    id_, use = decode(input.id, "Model", "id"), info.context.use.models
    return RenameModelPayload(model=shown(await use.rename(info.context.viewer, id_, input.name)))


async def _delete(info: Info, input: DeleteModelInput) -> DeleteModelPayload:
    id_, use = decode(input.id, "Model", "id"), info.context.use.models
    return DeleteModelPayload(model=shown(await use.delete(info.context.viewer, id_)))


@strawberry.type
class ModelMutations:
    request_model_download: RequestModelDownloadPayload = mutation(
        _request_download, policy=SIGNED_IN, description="A link to fetch a file of a model from."
    )
    set_model_stage: SetModelStagePayload = mutation(
        _set_stage,
        policy=WRITER,
        description="Say how far a model has come. A strategy has one model in production: the one that was is "
        "archived. Its owner may, and editors and owners of its strategy's project.",
    )
    rename_model: RenameModelPayload = mutation(
        _rename, policy=WRITER, description="Call a model something else. Whoever may change its stage may do so."
    )
    delete_model: DeleteModelPayload = mutation(
        _delete,
        policy=WRITER,
        description="Delete a model with its files, for good. It must not be in production. Whoever may change its "
        "stage may do so.",
    )


__all__ = ["ModelMutations"]
