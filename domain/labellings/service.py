"""Has regimes found in data, and agents tested in them, by a service that can."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from domain.clock import Clock
from domain.datasets.model import Dataset, DatasetStatus, DataType, Papers, Part
from domain.datasets.rights import held
from domain.datasets.rules import clean_key
from domain.datasets.service import blank
from domain.datasets.states import INPUT, must_be_ready, part_of
from domain.errors import Code, Forbidden, Refused
from domain.jobs.model import Job
from domain.jobs.service import RUN, enqueue, new_job
from domain.jobs.status import JobKind, JobStatus
from domain.labellings.model import (
    LABELLED_ANEW,
    MOST_REGIMES,
    DynamicsTestOrder,
    DynamicsTestWish,
    LabellingOrder,
    LabellingWish,
)
from domain.labellings.suiting import must_suit
from domain.projects.places import enter
from domain.text import Problems, clean_text, readable
from domain.trainings.remote import Choice, Remotes, is_remote
from domain.viewer import Viewer
from domain.work import Queue, Task, UnitOfWork, Works

MAX_NAME = 200


class MarketDynamics:
    """Starts labellings and dynamics tests."""

    def __init__(self, *, works: Works, clock: Clock, remotes: Remotes) -> None:
        self._works = works
        self._clock = clock
        self._remotes = remotes

    async def label(self, viewer: Viewer, wish: LabellingWish) -> Dataset:
        """The dataset that is made, of the viewer's; its job is the labelling."""
        with Problems() as problems:
            words = problems.take(replace(wish.words, name=wish.words.name or "").cleaned)
            key = problems.take(clean_key, wish.key)
            problems.take(wish.settings.cleaned)
            problems.take(_one_of_both, wish)
        async with self._works() as work:
            if key and (made := await work.datasets.made_with(viewer.id, key)):
                return _same(made, wish)
            await enter(work, viewer, wish.project_id)
            if wish.dataset_id is not None:
                return await self._label_ours(work, viewer, wish, wish.dataset_id, words | {"key": key})
            return await self._label_theirs(work, viewer, wish, words | {"key": key})

    async def test(self, viewer: Viewer, wish: DynamicsTestWish) -> Job:
        """A trained agent, in one regime of the data that it was trained on."""
        with Problems() as problems:
            key = problems.take(clean_key, wish.key)
            name = problems.take(clean_text, wish.name, "name", maximum=MAX_NAME) if wish.name is not None else None
        async with self._works() as work:
            if key and (made := await work.jobs.made_with(viewer.id, key)):
                return _same_test(made, wish)
            job = await self._test(work, viewer, wish, name)
            if not await work.jobs.add(job, key):
                raise Refused.because(Code.WRONG_STATE, "The same was asked twice at once. Try again.")
            task = {"job": str(job.id)}
            await work.enqueue(Task(RUN, task, Queue.EVALUATION, owner_id=job.owner_id, priority=job.priority))
        return job

    async def _label_ours(
        self, work: UnitOfWork, viewer: Viewer, wish: LabellingWish, id: UUID, words: dict[str, Any]
    ) -> Dataset:
        parent, _ = await held(work, viewer, id, field="dataset_id")
        must_be_ready(parent, field="dataset_id")
        must_suit(await work.datasets.papers(id), wish.symbol)
        self._must_be_known(wish.engine)
        if (content := await work.blobs.of(part_of(parent, Part.CANONICAL))) is None:
            raise RuntimeError("A dataset that is ready has no data.")
        order = LabellingOrder(settings=asdict(wish.settings), symbol=wish.symbol)
        values = {"parent_id": id, "data_type": parent.data_type}
        name = f"Label {parent.name}"
        dataset = await self._begun(work, viewer, wish, order, engine=wish.engine, name=name, values=words | values)
        await work.blobs.use(part_of(dataset, INPUT), content)
        return dataset

    async def _label_theirs(
        self, work: UnitOfWork, viewer: Viewer, wish: LabellingWish, words: dict[str, Any]
    ) -> Dataset:
        training = await _done(work, viewer, wish.training_id, JobKind.TRAINING, "training_id")
        choice = Choice.from_json(training.parameters["config"])
        order = LabellingOrder(settings=asdict(wish.settings), training=str(training.id), dataset=choice.dataset)
        values, name = words | {"data_type": DataType.MARKET_DATA}, f"Label {choice.dataset}"
        engine = training.engine or wish.engine
        return await self._begun(work, viewer, wish, order, engine=engine, name=name, values=values)

    async def _begun(
        self,
        work: UnitOfWork,
        viewer: Viewer,
        wish: LabellingWish,
        order: LabellingOrder,
        *,
        engine: str,
        name: str,
        values: dict[str, Any],
    ) -> Dataset:
        key = values.pop("key")
        dataset = blank(viewer, self._clock, status=DatasetStatus.PROCESSING, project_id=wish.project_id, **values)
        recipe = {"labelling": order.to_json() | {"engine": engine}}
        if not await work.datasets.add(dataset, Papers(dataset.id, recipe=recipe), key):
            raise Refused.because(Code.WRONG_STATE, "The same was asked twice at once. Try again.")
        job = new_job(
            viewer,
            JobKind.LABELLING,
            name[:MAX_NAME],
            self._clock,
            dataset_id=dataset.id,
            engine=engine,
            parameters=order.to_json(),
        )
        await enqueue(work, job, Queue.EVALUATION)
        return dataset

    async def _test(self, work: UnitOfWork, viewer: Viewer, wish: DynamicsTestWish, name: str | None) -> Job:
        labelling = await _done(work, viewer, wish.labelling_id, JobKind.LABELLING, "labelling_id")
        order = LabellingOrder.of(labelling)
        if order.training is None:
            message = "This labelling is of data that no agent was trained on there. Label the data of a training."
            raise Refused.because(Code.WRONG_STATE, message, "labelling_id")
        if await work.jobs.labelled_since(labelling):
            raise Refused.because(Code.WRONG_STATE, LABELLED_ANEW, "labelling_id")
        training = await _done(work, viewer, UUID(order.training), JobKind.TRAINING, "labelling_id")
        regimes = order.settings["regimes"] or MOST_REGIMES
        if not 0 <= wish.label < regimes:
            raise Refused.because(Code.OUT_OF_RANGE, f"Regimes are numbered from 0 to {regimes - 1}.", "label")
        choice = Choice.from_json(training.parameters["config"])
        test = DynamicsTestOrder(
            training=order.training,
            labelling=str(labelling.id),
            label=wish.label,
            dataset=choice.dataset,
            agent=choice.agent,
        )
        return new_job(
            viewer,
            JobKind.EVALUATION,
            name or f"Test {training.name} in regime {wish.label}"[:MAX_NAME],
            self._clock,
            strategy_id=training.strategy_id,
            engine=training.engine,
            parameters=test.to_json(),
        )

    def _must_be_known(self, engine: str) -> None:
        if engine not in self._remotes:
            message = f'There is no service "{readable(engine)}" here. `engines` lists those that are remote.'
            raise Refused.because(Code.UNKNOWN, message, "engine")


def _one_of_both(wish: LabellingWish) -> None:
    if (wish.dataset_id is None) is (wish.training_id is None):
        message = "Name a dataset, or a training on a service whose data is to be labelled; not both."
        raise Refused.because(Code.REQUIRED, message, "dataset_id")
    if wish.training_id is not None and wish.symbol is not None:
        raise Refused.because(Code.INVALID, "Only a dataset of ours has symbols to choose from.", "symbol")


async def _done(work: UnitOfWork, viewer: Viewer, id: UUID | None, kind: JobKind, field: str) -> Job:
    """Its own who asks, for what is done in its session changes it."""
    try:
        job = await work.jobs.lock(viewer, id) if id else None
    except Refused as refused:
        raise Refused(*(replace(one, field=(field,)) for one in refused.problems)) from refused
    if job is None:
        raise RuntimeError("Without an id it was refused.")
    if job.owner_id != viewer.id and not viewer.is_admin:
        raise Forbidden("Only who started a job may do this.")
    if job.kind is not kind or not is_remote(job.engine):
        raise Refused.because(Code.INVALID, f"This is no {kind.value} of a TradeMaster service.", field)
    if job.status is not JobStatus.COMPLETED:
        raise Refused.because(Code.WRONG_STATE, f"This job is {job.status.value}; it must be completed.", field)
    return job


def _same(made: Dataset, wish: LabellingWish) -> Dataset:
    # The parent may be gone since.
    if made.parent_id in {None, wish.dataset_id}:
        return made
    raise _used_already()


def _same_test(made: Job, wish: DynamicsTestWish) -> Job:
    if made.kind is JobKind.EVALUATION and made.parameters.get("labelling") == str(wish.labelling_id):
        return made
    raise _used_already()


def _used_already() -> Refused:
    message = "You used this key for something else. Make a new one for each wish."
    return Refused.because(Code.INVALID, message, "idempotency_key")
