"""Has models judged: each evaluation is a job, whose result it keeps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from domain.analysis.tries import Tried, tried_of
from domain.blobs import Owner
from domain.catalogue import TaskType
from domain.clock import Clock
from domain.datasets.model import Dataset
from domain.datasets.model import Part as DatasetPart
from domain.datasets.rights import held
from domain.datasets.states import must_be_ready, part_of
from domain.errors import Code, Refused
from domain.evaluations.families import must_fit
from domain.evaluations.model import (
    DATA,
    JOB,
    Evaluation,
    Order,
    card_part,
    weights_part,
)
from domain.evaluations.needs import problems as unmet
from domain.evaluations.ordering import is_for, order_of, title_of
from domain.evaluations.walk import must_walk, unless_known
from domain.evaluations.wish import EvaluationWish
from domain.ids import new_id
from domain.jobs.model import Job
from domain.jobs.service import RUN, new_job
from domain.jobs.status import JobKind
from domain.models.model import KIND as MODEL
from domain.models.model import Model
from domain.models.model import Part as ModelPart
from domain.projects.places import at_field
from domain.trainings.suiting import Facts
from domain.trainings.suiting import problems as unsuitable
from domain.viewer import Viewer
from domain.work import Queue, Task, UnitOfWork, Works

MOST_TRIED = 1_000
"""Of how many models it is known how much they differ: the latest ones."""


class Evaluations:
    """Starts evaluations. What one needs is held from then on: later changes do not matter."""

    def __init__(self, *, works: Works, clock: Clock) -> None:
        self._works = works
        self._clock = clock

    async def start(self, viewer: Viewer, wish: EvaluationWish) -> Evaluation:
        """Asked again with the same key, it is the same one."""
        wish = wish.cleaned()
        async with self._works() as work:
            if wish.key and (made := await work.jobs.made_with(viewer.id, wish.key)):
                return await _same(work, viewer, made, wish)
            models = await _models(work, viewer, wish)
            dataset = await _dataset(work, viewer, wish, models)
            tried = tried_of(await work.models.tried(viewer, models, MOST_TRIED))
            evaluation, job = self._made(viewer, wish, models, dataset, tried)
            if not await work.jobs.add(job, wish.key):
                made = await work.jobs.made_with(viewer.id, wish.key or "")
                if made is None:
                    raise RuntimeError("A job was started with this key, and is gone.")
                return await _same(work, viewer, made, wish)
            await work.evaluations.add(evaluation, [model.id for model in models])
            await _hold(work, job, models, dataset)
            await work.enqueue(Task(RUN, {"job": str(job.id)}, Queue.EVALUATION, owner_id=job.owner_id))
        return evaluation

    def _made(
        self, viewer: Viewer, wish: EvaluationWish, models: list[Model], dataset: Dataset, tried: Tried
    ) -> tuple[Evaluation, Job]:
        id_, now = new_id(), self._clock()
        order = order_of(id_, wish, models, dataset, tried)
        name = wish.name or title_of(wish.kind, models, dataset)
        strategies = {model.strategy_id for model in models}
        strategy = strategies.pop() if len(strategies) == 1 else None
        about: dict[str, Any] = {"dataset_id": dataset.id, "strategy_id": strategy}
        job = new_job(viewer, JobKind.EVALUATION, name, self._clock, parameters=order.to_json(), **about)
        evaluation = Evaluation(
            id=id_,
            owner_id=viewer.id,
            job_id=job.id,
            kind=wish.kind,
            name=name,
            parameters={name: value for name, value in order.to_json().items() if name != "evaluation"},
            result=None,
            finished_at=None,
            created_at=now,
            updated_at=now,
            **about,
        )
        return evaluation, job


async def _models(work: UnitOfWork, viewer: Viewer, wish: EvaluationWish) -> list[Model]:
    """In the order asked for; held in one that all keep, so that nobody waits for another in a circle."""
    found = {}
    for id_ in sorted(wish.model_ids):
        try:
            found[id_], _ = await work.models.lock(viewer, id_)
        except Refused as refused:
            raise at_field("model_ids", refused) from refused
    models = [found[id_] for id_ in wish.model_ids]
    must_walk(wish.kind, models[0])
    must_fit(wish, models)
    return models


async def _dataset(work: UnitOfWork, viewer: Viewer, wish: EvaluationWish, models: list[Model]) -> Dataset:
    own = {model.dataset_id for model in models}
    id_ = wish.dataset_id or (own.pop() if len(own) == 1 else None)
    if id_ is None:
        message = "The models were trained on different datasets, or theirs is gone. Name the one to judge them on."
        raise Refused.because(Code.REQUIRED, message, "dataset_id")
    dataset, _ = await held(work, viewer, id_, field="dataset_id")
    must_be_ready(dataset, field="dataset_id")
    if wish.split is not None and any(model.dataset_id != dataset.id for model in models):
        message = "Only the data that a model was trained on has its parts. Give a period instead."
        raise Refused.because(Code.INVALID, message, "split")
    facts, tasks = Facts.of(await work.datasets.papers(dataset.id)), {model.task_type for model in models}
    symbol = None if TaskType.PORTFOLIO_MANAGEMENT in tasks else wish.symbol
    # Who trades on an order book needs one, whoever is beside.
    choosy = tasks if len(tasks) == 1 else tasks & {TaskType.HIGH_FREQUENCY_TRADING}
    all_found = (problem for task in choosy for problem in unsuitable(task, facts, symbol))
    trained_on = await work.models.trained_on(wish.model_ids)
    if found := [*unless_known(wish.kind, all_found), *unmet(wish.kind, models, trained_on, facts, wish.symbol)]:
        raise Refused(*found)
    return dataset


async def _hold(work: UnitOfWork, job: Job, models: list[Model], dataset: Dataset) -> None:
    """Data and models are the job's own until its end, whatever becomes of them."""
    data = await work.blobs.of(part_of(dataset, DatasetPart.CANONICAL))
    if data is None:
        raise RuntimeError("A dataset that is ready has no data.")
    await work.blobs.use(Owner(JOB, job.id, DATA), data)
    for place, model in enumerate(models):
        for part, own in ((ModelPart.WEIGHTS, weights_part(place)), (ModelPart.CARD, card_part(place))):
            content = await work.blobs.of(Owner(MODEL, model.id, part.value))
            if content is None:
                message = f'The files of "{model.name}" are not here, so it cannot act. Take another model.'
                raise Refused.because(Code.WRONG_STATE, message, "model_ids")
            await work.blobs.use(Owner(JOB, job.id, own), content)


async def _same(work: UnitOfWork, viewer: Viewer, made: Job, wish: EvaluationWish) -> Evaluation:
    """What the first try started, if it was for the same thing."""
    # With an engine, it is a test that a service does.
    if made.kind is JobKind.EVALUATION and made.engine is None:
        order = Order.of(made)
        if is_for(made, order, wish):
            return await work.evaluations.lock(viewer, UUID(order.evaluation))
    message = "You used this key for something else. Make a new one for each wish."
    raise Refused.because(Code.INVALID, message, "idempotency_key")
