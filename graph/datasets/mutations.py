"""Changing datasets."""

from uuid import UUID

import strawberry

from domain.datasets.making import Wish
from domain.datasets.report import Correction
from domain.datasets.rules import Words
from domain.datasets.service import DatasetChanges, NewDataset
from domain.projects.places import Move
from graph.context import Info
from graph.datasets.inputs import (
    CorrectDatasetInput,
    CreateDatasetInput,
    DeleteDatasetInput,
    ImportDatasetInput,
    PreprocessDatasetInput,
    UpdateDatasetInput,
)
from graph.datasets.types import Dataset
from graph.fields import optional
from graph.ids import decode
from graph.inputs import given
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import WRITER


@strawberry.type(description="Answer to createDataset.")
class CreateDatasetPayload(Payload):
    dataset: Dataset | None = optional("The new dataset. Now send it a file: requestUpload or uploadFile.")


@strawberry.type(description="Answer to updateDataset.")
class UpdateDatasetPayload(Payload):
    dataset: Dataset | None = optional("The dataset as it is now.")


@strawberry.type(description="Answer to deleteDataset.")
class DeleteDatasetPayload(Payload):
    dataset: Dataset | None = optional("The dataset as it was.")


@strawberry.type(description="Answer to correctDataset.")
class CorrectDatasetPayload(Payload):
    dataset: Dataset | None = optional("The dataset, whose `job` reads its file again.")


@strawberry.type(description="Answer to preprocessDataset.")
class PreprocessDatasetPayload(Payload):
    dataset: Dataset | None = optional("The new dataset, whose `job` makes it.")


@strawberry.type(description="Answer to importDataset.")
class ImportDatasetPayload(Payload):
    dataset: Dataset | None = optional("The new dataset, whose `job` makes it.")


def _project(id: strawberry.ID | None) -> UUID | None:
    return decode(id, "Project", "project_id") if id else None


def _recipe(id: strawberry.ID | None) -> UUID | None:
    return decode(id, "Recipe", "recipe_id") if id else None


def _wish(input: PreprocessDatasetInput | ImportDatasetInput) -> Wish:
    words = Words(name=input.name, description=input.description, tags=input.tags)
    return Wish(words=words, project_id=_project(input.project_id), key=input.idempotency_key)


async def _create(info: Info, input: CreateDatasetInput) -> CreateDatasetPayload:
    words = Words(name=input.name, description=input.description, tags=input.tags)
    new = NewDataset(words=words, project_id=_project(input.project_id), data_type=input.data_type)
    return CreateDatasetPayload(dataset=shown(await info.context.use.datasets.service.create(info.context.viewer, new)))


async def _update(info: Info, input: UpdateDatasetInput) -> UpdateDatasetPayload:
    id_ = decode(input.id, "Dataset", "id")
    words = Words(name=given(input.name), description=given(input.description), tags=given(input.tags))
    move = Move(_project(input.project_id.value)) if input.project_id else None
    changes = DatasetChanges(words=words, move=move)
    dataset = await info.context.use.datasets.service.update(info.context.viewer, id_, changes)
    return UpdateDatasetPayload(dataset=shown(dataset))


async def _delete(info: Info, input: DeleteDatasetInput) -> DeleteDatasetPayload:
    id_ = decode(input.id, "Dataset", "id")
    return DeleteDatasetPayload(dataset=shown(await info.context.use.datasets.service.delete(info.context.viewer, id_)))


async def _correct(info: Info, input: CorrectDatasetInput) -> CorrectDatasetPayload:
    id_ = decode(input.id, "Dataset", "id")
    correction = input.correction.read() if input.correction else Correction()
    dataset = await info.context.use.datasets.service.correct(info.context.viewer, id_, correction)
    return CorrectDatasetPayload(dataset=shown(dataset))


async def _preprocess(info: Info, input: PreprocessDatasetInput) -> PreprocessDatasetPayload:
    id_, wish, recipe = decode(input.dataset_id, "Dataset", "dataset_id"), _wish(input), _recipe(input.recipe_id)
    making = info.context.use.datasets.making
    dataset = await making.preprocess(info.context.viewer, id_, wish, steps=input.steps, recipe_id=recipe)
    return PreprocessDatasetPayload(dataset=shown(dataset))


async def _import(info: Info, input: ImportDatasetInput) -> ImportDatasetPayload:
    wish, recipe, making = _wish(input), _recipe(input.recipe_id), info.context.use.datasets.making
    dataset = await making.import_(info.context.viewer, wish, input.request, steps=input.steps, recipe_id=recipe)
    return ImportDatasetPayload(dataset=shown(dataset))


@strawberry.type
class DatasetMutations:
    create_dataset: CreateDatasetPayload = mutation(
        _create, policy=WRITER, description="Make a dataset for a file of yours. You become its owner."
    )
    update_dataset: UpdateDatasetPayload = mutation(
        _update,
        policy=WRITER,
        description="Describe, tag or move a dataset. Its owner may, and editors and owners of its project.",
    )
    delete_dataset: DeleteDatasetPayload = mutation(
        _delete,
        policy=WRITER,
        description="Delete a dataset with its files, for good; what was made from it stays. No job may be at work on "
        "it. Its owner may, and owners of its project.",
    )
    correct_dataset: CorrectDatasetPayload = mutation(
        _correct,
        policy=WRITER,
        description="Have the file read again, with what you know better. When that fails, what was there stays.",
    )
    preprocess_dataset: PreprocessDatasetPayload = mutation(
        _preprocess,
        policy=WRITER,
        description="Make a new dataset from one that you see. Equal data and recipe give equal bytes.",
    )
    import_dataset: ImportDatasetPayload = mutation(
        _import, policy=WRITER, description="Make a new dataset from a source, or have one made up by a generator."
    )


__all__ = ["DatasetMutations"]
