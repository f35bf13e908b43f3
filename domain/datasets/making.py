"""Datasets that the platform makes: out of another one by a recipe, or out of a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from domain.clock import Clock
from domain.datasets.columns import SYMBOL, TIME
from domain.datasets.model import Dataset, DatasetStatus, DataType, Papers, Part
from domain.datasets.recipes import Recipe, read_recipe
from domain.datasets.report import ColumnType
from domain.datasets.rights import held
from domain.datasets.rules import Words, clean_key
from domain.datasets.service import blank
from domain.datasets.sources import Availability, FetchRequest, read_request, source
from domain.datasets.states import INPUT, must_be_ready, part_of
from domain.errors import Code, Refused
from domain.jobs.service import enqueue, new_job
from domain.jobs.status import JobKind
from domain.projects.places import at_field, enter
from domain.text import Problems
from domain.viewer import Viewer
from domain.work import Queue, UnitOfWork, Works

_NUMBERS = frozenset({ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.BOOLEAN})


class Shelf(Protocol):
    """Knows which sources can be used on this machine."""

    def availability(self) -> Sequence[Availability]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to call the new dataset, where to put it, and by which key a second try is known."""

    words: Words
    project_id: UUID | None = None
    key: str | None = None


class Making:
    """Begins datasets whose data a job makes."""

    def __init__(self, *, works: Works, clock: Clock, shelf: Shelf) -> None:
        self._works = works
        self._clock = clock
        self._shelf = shelf

    async def preprocess(
        self, viewer: Viewer, id: UUID, wish: Wish, *, steps: object | None = None, recipe_id: UUID | None = None
    ) -> Dataset:
        """A new dataset of the viewer's: this one after the recipe, which is given in full or by its id."""
        words, key = _cleaned(wish)
        async with self._works() as work:
            if made := await _made(work, viewer, key):
                return _same(made, key, parent=id)
            await enter(work, viewer, wish.project_id)
            parent, _ = await held(work, viewer, id, field="dataset_id")
            must_be_ready(parent, field="dataset_id")
            recipe = await _recipe(work, viewer, steps, recipe_id, await work.datasets.papers(id))
            values = {"parent_id": id, "project_id": wish.project_id, "data_type": parent.data_type}
            dataset = blank(viewer, self._clock, status=DatasetStatus.PROCESSING, **values, **words)
            if not await work.datasets.add(dataset, Papers(dataset.id, recipe=recipe.to_json()), key):
                return _same(await _made(work, viewer, key), key, parent=id)
            if (content := await work.blobs.of(part_of(parent, Part.CANONICAL))) is None:
                raise RuntimeError("A dataset that is ready has no data.")
            await work.blobs.use(part_of(dataset, INPUT), content)
            await self._enqueue(work, viewer, JobKind.PREPROCESSING, dataset, {"recipe": recipe.to_json()})
        return dataset

    async def import_(
        self, viewer: Viewer, wish: Wish, request: object, *, steps: object | None = None, recipe_id: UUID | None = None
    ) -> Dataset:
        """A new dataset of the viewer's from a source, and through a recipe if there is one."""
        words, key = _cleaned(wish)
        with Problems() as problems:
            asked = problems.take(_request, request)
        self._must_be_available(asked)
        async with self._works() as work:
            if made := await _made(work, viewer, key):
                return _same(made, key, parent=None)
            await enter(work, viewer, wish.project_id)
            is_plain = steps is None and recipe_id is None
            recipe = None if is_plain else await _recipe(work, viewer, steps, recipe_id, None)
            wanted = {"source": asked.to_json()} | (recipe.to_json() if recipe else {})
            data_type = DataType.SYNTHETIC if source(asked.source).synthetic else DataType.MARKET_DATA
            values = {"project_id": wish.project_id, "data_type": data_type}
            dataset = blank(viewer, self._clock, status=DatasetStatus.PROCESSING, **values, **words)
            if not await work.datasets.add(dataset, Papers(dataset.id, recipe=wanted), key):
                return _same(await _made(work, viewer, key), key, parent=None)
            parameters = {"source": wanted["source"], "recipe": recipe and recipe.to_json()}
            await self._enqueue(work, viewer, JobKind.IMPORTING, dataset, parameters)
        return dataset

    async def _enqueue(
        self, work: UnitOfWork, viewer: Viewer, kind: JobKind, dataset: Dataset, parameters: dict[str, Any]
    ) -> None:
        name = f"Make {dataset.name}"
        job = new_job(viewer, kind, name, self._clock, dataset_id=dataset.id, parameters=parameters)
        await enqueue(work, job, Queue.DATA)

    def _must_be_available(self, asked: FetchRequest) -> None:
        found = next(each for each in self._shelf.availability() if each.source.name == asked.source)
        if not found.available:
            message = f"{found.source.title} cannot be used here: {found.remedy or 'ask the operator.'}"
            raise Refused.because(Code.WRONG_STATE, message, "request", "source")


def _cleaned(wish: Wish) -> tuple[dict[str, Any], str | None]:
    with Problems() as problems:
        words = problems.take(replace(wish.words, name=wish.words.name or "").cleaned)
        key = problems.take(clean_key, wish.key)
    return words, key


def _request(raw: object) -> FetchRequest:
    try:
        return read_request(raw)
    except Refused as refused:
        raise Refused(*(replace(one, field=("request", *one.field)) for one in refused.problems)) from refused


async def _recipe(
    work: UnitOfWork, viewer: Viewer, steps: object | None, recipe_id: UUID | None, papers: Papers | None
) -> Recipe:
    if (steps is None) is (recipe_id is None):
        raise Refused.because(Code.REQUIRED, "Give the steps of the recipe, or the id of a saved one.", "steps")
    if recipe_id is not None:
        try:
            steps = (await work.recipes.lock(viewer, recipe_id)).steps
        except Refused as refused:
            raise at_field("recipe_id", refused) from refused
    return read_recipe(steps, _columns(papers) if papers else None)


def _columns(papers: Papers) -> list[str] | None:
    """The columns that steps can work on."""
    if papers.manifest is not None:
        return [column["name"] for column in papers.manifest["columns"]]
    if papers.report is None:
        return None
    columns = papers.report["columns"]
    return [column["name"] for column in columns if column["type"] in _NUMBERS or column["name"] in {TIME, SYMBOL}]


async def _made(work: UnitOfWork, viewer: Viewer, key: str | None) -> Dataset | None:
    return await work.datasets.made_with(viewer.id, key) if key else None


def _same(made: Dataset | None, key: str | None, *, parent: UUID | None) -> Dataset:
    """What the first try made, if it was for the same thing."""
    if made is None or key is None:
        raise RuntimeError("A dataset was made with this key, and is gone.")
    # The parent may be gone since.
    if made.parent_id not in {None, parent}:
        message = "You used this key for something else. Make a new one for each wish."
        raise Refused.because(Code.INVALID, message, "idempotency_key")
    return made
