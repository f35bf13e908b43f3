"""What people do with datasets: make, describe, move and delete them, and put their reading right."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from domain.audit import Action
from domain.clock import Clock
from domain.datasets.corrections import clean_correction
from domain.datasets.model import Dataset, DatasetStatus, DataType, Papers, Part
from domain.datasets.report import Correction
from domain.datasets.rights import deletable, editable
from domain.datasets.rules import Words
from domain.datasets.states import KIND, must_be_idle, part_of
from domain.errors import Code, Refused
from domain.ids import new_id
from domain.jobs.service import enqueue, new_job
from domain.jobs.status import JobKind
from domain.projects.places import Move, enter, moved, shown
from domain.text import Problems
from domain.viewer import Viewer
from domain.work import Queue, UnitOfWork, Works


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDataset:
    words: Words
    project_id: UUID | None = None
    data_type: DataType = DataType.MARKET_DATA


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetChanges:
    """None: leave it as it is."""

    words: Words = field(default_factory=Words)
    move: Move | None = None


class Datasets:
    """Create, change, read again and delete datasets."""

    def __init__(self, *, works: Works, clock: Clock) -> None:
        self._works = works
        self._clock = clock

    async def create(self, viewer: Viewer, new: NewDataset) -> Dataset:
        async with self._works() as work:
            with Problems() as problems:
                words = problems.take(replace(new.words, name=new.words.name or "").cleaned)
                problems.take(_must_be_real, new.data_type)
                await enter(work, viewer, new.project_id)
            dataset = blank(viewer, self._clock, project_id=new.project_id, data_type=new.data_type, **words)
            await work.datasets.add(dataset, Papers(dataset.id))
        return dataset

    async def update(self, viewer: Viewer, id: UUID, changes: DatasetChanges) -> Dataset:
        words = changes.words.cleaned()
        async with self._works() as work:
            dataset = await editable(work, viewer, id)
            dataset = await moved(work, viewer, dataset, changes.move, Action.DATASET_MOVED)
            dataset = replace(dataset, **words, updated_at=self._clock())
            await work.datasets.save(dataset)
        return dataset

    async def delete(self, viewer: Viewer, id: UUID) -> Dataset:
        """What was made of it stays."""
        async with self._works() as work:
            dataset = await deletable(work, viewer, id)
            await must_be_idle(work, dataset)
            await work.blobs.release(KIND, id)
            await work.datasets.delete(id)
            before = {"name": dataset.name, "owner": str(dataset.owner_id), "project": shown(dataset.project_id)}
            await work.audit.record(viewer, Action.DATASET_DELETED, of="Dataset", id=id, before=before)
        return dataset

    async def correct(self, viewer: Viewer, id: UUID, correction: Correction) -> Dataset:
        """Read the file again, with what a person knows better. What was read before stays until that is done."""
        correction = clean_correction(correction)
        async with self._works() as work:
            dataset = await editable(work, viewer, id)
            await must_be_idle(work, dataset)
            if await work.blobs.of(part_of(dataset, Part.ORIGINAL)) is None:
                raise Refused.because(Code.WRONG_STATE, "This dataset has no file that could be read again.", "id")
            return await inspected(work, viewer, dataset, self._clock, correction)


async def inspected(
    work: UnitOfWork, viewer: Viewer, dataset: Dataset, clock: Clock, correction: Correction | None = None
) -> Dataset:
    """The dataset with a job that reads its file. The caller holds it, and no other job is at work."""
    changed = replace(dataset, status=DatasetStatus.PROCESSING, updated_at=clock())
    await work.datasets.save(changed)
    parameters: dict[str, object] = {"correction": correction.to_json() if correction else None}
    name = f"Read {dataset.name}"
    job = new_job(viewer, JobKind.INSPECTION, name, clock, dataset_id=dataset.id, parameters=parameters)
    await enqueue(work, job, Queue.DATA)
    return changed


def blank(viewer: Viewer, clock: Clock, **values: Any) -> Dataset:
    """A dataset of the viewer's with nothing in it yet."""
    now = clock()
    usual: dict[str, Any] = {
        "parent_id": None,
        "description": "",
        "tags": (),
        "status": DatasetStatus.EMPTY,
        "filename": None,
        "file_size": None,
        "sha256": None,
        "row_count": None,
    }
    return Dataset(id=new_id(), owner_id=viewer.id, created_at=now, updated_at=now, **usual | values)


def _must_be_real(data_type: DataType) -> None:
    if data_type is DataType.SYNTHETIC:
        message = "Only the platform's generators make datasets of this kind: import one from the source synthetic."
        raise Refused.because(Code.INVALID, message, "data_type")


__all__ = ["DatasetChanges", "Datasets", "Move", "NewDataset", "Words", "blank", "inspected"]
