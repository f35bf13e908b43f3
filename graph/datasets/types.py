"""The types Dataset and SavedRecipe."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import UNSET, Parent
from strawberry.scalars import JSON

from domain.datasets.findings import Finding as FindingEntity
from domain.datasets.model import Dataset as DatasetEntity
from domain.datasets.model import SavedRecipe as RecipeEntity
from domain.datasets.plain import from_plain
from domain.datasets.report import Report
from domain.pages import NEWEST
from graph.context import Info
from graph.datasets.enums import DatasetStatus, DataType
from graph.datasets.manifest import DatasetManifest, manifest_of
from graph.datasets.report import DatasetReport, Finding
from graph.execution import columnwise
from graph.fields import edge, loaded, plain
from graph.loaders import Loaders
from graph.models.filters import ModelOrder, ModelOrderArgument
from graph.models.rankings import Leaderboard, leaderboard_of_dataset
from graph.node import Node, id_of
from graph.pages import After, Before, Connection, First, Last, PageView, below, window

if TYPE_CHECKING:
    from graph.accounts.types import User
    from graph.jobs.types import Job
    from graph.models.types import Model
    from graph.projects.types import Project

JobType = Annotated["Job", strawberry.lazy("graph.jobs.types")]
ModelType = Annotated["Model", strawberry.lazy("graph.models.types")]
UserType = Annotated["User", strawberry.lazy("graph.accounts.types")]
ProjectType = Annotated["Project", strawberry.lazy("graph.projects.types")]


@strawberry.type(description="How many bytes the files of a dataset have.")
class DatasetFiles:
    original: int | None = plain("The file as it came; null when the platform made the dataset.")
    canonical: int | None = plain("The canonical form; null while there is none.")


async def _papers(parent: DatasetEntity, info: Info, name: str) -> Any:
    papers = await info.context.loaders.dataset_papers(parent.id)
    return getattr(papers, name) if papers else None


async def _report(parent: Parent[DatasetEntity], info: Info) -> Report | None:
    report = await _papers(parent, info, "report")
    # Of a file that cannot be used there are findings only.
    return Report.from_json(report) if report and "columns" in report else None


async def _findings(parent: Parent[DatasetEntity], info: Info) -> list[FindingEntity]:
    report = await _papers(parent, info, "report")
    return [from_plain(FindingEntity, finding) for finding in (report or {}).get("findings", ())]


async def _correction(parent: Parent[DatasetEntity], info: Info) -> JSON | None:
    correction = await _papers(parent, info, "correction")
    return JSON(correction) if correction else None


async def _recipe(parent: Parent[DatasetEntity], info: Info) -> JSON | None:
    recipe = await _papers(parent, info, "recipe")
    return JSON(recipe) if recipe else None


async def _manifest(parent: Parent[DatasetEntity], info: Info) -> DatasetManifest | None:
    manifest = await _papers(parent, info, "manifest")
    return manifest_of(manifest) if manifest else None


@columnwise
async def _children(
    parents: Parent[Sequence[DatasetEntity]],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> list[PageView]:
    loaders, part = info.context.loaders, window(NEWEST, first, after, last, before)
    return await below(parents, lambda id_: loaders.children_of_dataset(id_, part), loaders.child_count_of_dataset)


@columnwise
async def _jobs(
    parents: Parent[Sequence[DatasetEntity]],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> list[PageView]:
    loaders, part = info.context.loaders, window(NEWEST, first, after, last, before)
    return await below(parents, lambda id_: loaders.jobs_of_dataset(id_, part), loaders.job_count_of_dataset)


@columnwise
async def _models(
    parents: Parent[Sequence[DatasetEntity]],
    info: Info,
    order_by: ModelOrderArgument = ModelOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> list[PageView]:
    loaders, part = info.context.loaders, window(order_by.value, first, after, last, before)
    return await below(parents, lambda id_: loaders.models_of_dataset(id_, part), loaders.model_count_of_dataset)


@strawberry.type(description="Data to train and test on: a file that somebody brought, or what the platform made.")
class Dataset(Node):
    __source__ = DatasetEntity

    id: strawberry.ID = id_of("Dataset")
    name: str = plain("Name, up to 100 characters; several datasets may have the same.")
    description: str = plain("What it is about.")
    data_type: DataType = plain("What sort of data it is.")
    status: DatasetStatus = plain("Where it stands.")
    filename: str | None = plain("What its file was called; null: it has none, or the platform made it.")
    file_size: int | None = plain("How many bytes the file has.")
    sha256: str | None = plain("Hash of its canonical form: what a training was done on. Null while there is none.")
    row_count: int | None = plain("How many rows it has; null while it has none.")
    tags: list[str] = plain("Tags, in small letters.")
    created_at: datetime = plain("When it was made.")
    updated_at: datetime = plain("When it last changed.")
    owner: UserType | None = loaded("owner_id", Loaders.user, "Whose it is; null when you share no project.")
    project: ProjectType | None = loaded(
        "project_id", Loaders.project, "Where it lies; null: with its owner alone, or where you are no member."
    )
    parent: "Dataset | None" = loaded(
        "parent_id", Loaders.dataset, "What it was made from; null: nothing, it is gone, or you do not see it."
    )
    children: Connection["Dataset"] = edge(_children, "What was made from it, as far as you see it.")
    job: JobType | None = loaded(
        "id", Loaders.latest_job_of_dataset, "The latest job that read or made it: how far it is, or how it ended."
    )
    jobs: Connection[JobType] = edge(_jobs, "All jobs about it, the youngest first; trainings on it, too.")
    models: Connection[ModelType] = edge(_models, "What was trained on it, as far as you see it.")
    leaderboard: list[Leaderboard] = leaderboard_of_dataset
    files: DatasetFiles | None = loaded("id", Loaders.dataset_files, "How many bytes its files have.")
    report: DatasetReport | None = edge(_report, "What was read out of it; null before, and when it cannot be used.")
    findings: list[Finding] = edge(_findings, "What is wrong with it, or was assumed; also when it cannot be used.")
    correction: JSON | None = edge(_correction, "What somebody corrected of what was detected.")
    recipe: JSON | None = edge(_recipe, "What it was made by: `steps`, and `source` when it came from one.")
    manifest: DatasetManifest | None = edge(_manifest, "How it was made, in full; null for what nobody prepared.")


def _steps(parent: Parent[RecipeEntity]) -> JSON:
    return JSON(parent.steps)


@strawberry.type(description="A recipe that you keep to use it again: give its id to preprocessDataset as `recipeId`.")
class Recipe(Node):
    __source__ = RecipeEntity

    id: strawberry.ID = id_of("Recipe")
    name: str = plain("Name, up to 100 characters; no two of one owner have the same.")
    description: str = plain("What it is for.")
    steps: JSON = edge(_steps, "Its steps, complete; `recipeSteps` describes each kind.")
    created_at: datetime = plain("When it was made.")
    updated_at: datetime = plain("When it last changed.")
    owner: UserType | None = loaded("owner_id", Loaders.user, "Whose it is.")


__all__ = ["Dataset", "DatasetFiles", "Recipe"]
