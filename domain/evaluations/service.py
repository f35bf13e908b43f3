"""Has models judged: each evaluation is a job, whose result it keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.analysis.setup import Drift, Setup
from domain.blobs import Owner
from domain.catalogue import TaskType
from domain.clock import Clock
from domain.datasets.model import Dataset
from domain.datasets.model import Part as DatasetPart
from domain.datasets.rights import held
from domain.datasets.states import must_be_ready, part_of
from domain.errors import Code, Refused
from domain.evaluations.model import (
    DATA,
    JOB,
    KIND,
    Evaluation,
    EvaluationKind,
    Order,
    Part,
    card_part,
    key_of,
    setup_to_json,
    trades_part,
    weights_part,
)
from domain.evaluations.wish import EvaluationWish
from domain.ids import new_id
from domain.jobs.model import Job
from domain.jobs.service import RUN, new_job
from domain.jobs.status import JobKind
from domain.models.model import KIND as MODEL
from domain.models.model import Model
from domain.models.model import Part as ModelPart
from domain.projects.places import at_field
from domain.text import readable
from domain.trainings.suiting import Facts
from domain.trainings.suiting import problems as unsuitable
from domain.trainings.wish import MAX_NAME
from domain.transfers import Link, TransferLinks
from domain.viewer import Viewer
from domain.work import Queue, Task, UnitOfWork, Works

JUDGED = frozenset({TaskType.ALGORITHMIC_TRADING, TaskType.PORTFOLIO_MANAGEMENT})
TEST = "test"
_TITLES = {
    EvaluationKind.BACKTEST: "Backtest of {}",
    EvaluationKind.STRESS_TEST: "Stress test of {}",
    EvaluationKind.COMPARISON: "Comparison of {}",
}


class Evaluations:
    """Starts evaluations, and gives their files. What one needs is held from then on: later changes do not matter."""

    def __init__(self, *, works: Works, clock: Clock, links: TransferLinks) -> None:
        self._works = works
        self._clock = clock
        self._links = links

    async def start(self, viewer: Viewer, wish: EvaluationWish) -> Evaluation:
        """Asked again with the same key, it is the same one."""
        wish = wish.cleaned()
        async with self._works() as work:
            if wish.key and (made := await work.jobs.made_with(viewer.id, wish.key)):
                return await _same(work, viewer, made, wish)
            models = await _models(work, viewer, wish)
            dataset = await _dataset(work, viewer, wish, models)
            evaluation, job = self._made(viewer, wish, models, dataset)
            if not await work.jobs.add(job, wish.key):
                made = await work.jobs.made_with(viewer.id, wish.key or "")
                if made is None:
                    raise RuntimeError("A job was started with this key, and is gone.")
                return await _same(work, viewer, made, wish)
            await work.evaluations.add(evaluation, [model.id for model in models])
            await _hold(work, job, models, dataset)
            await work.enqueue(Task(RUN, {"job": str(job.id)}, Queue.EVALUATION, owner_id=job.owner_id))
        return evaluation

    async def request_download(self, viewer: Viewer, id: UUID, part: Part, key: str | None) -> Link:
        """`key` names the model whose trades are wanted."""
        async with self._works() as work:
            evaluation = await work.evaluations.lock(viewer, id)
            owner = Owner(KIND, id, file_part(evaluation, part, key))
            if await work.blobs.of(owner) is None:
                message = "This evaluation has no such file: it is not at its end, or has no such model."
                raise Refused.because(Code.WRONG_STATE, message, "part")
        name = f"{evaluation.name} ({owner.part}).parquet"
        return self._links.download(owner, user_id=viewer.id, name=name, media_type="application/vnd.apache.parquet")

    def _made(
        self, viewer: Viewer, wish: EvaluationWish, models: list[Model], dataset: Dataset
    ) -> tuple[Evaluation, Job]:
        id_, now = new_id(), self._clock()
        order = _order(id_, wish, models, dataset)
        name = wish.name or _title(wish.kind, models, dataset)
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


def file_part(evaluation: Evaluation, part: Part, key: str | None) -> str:
    """The name of the file; of trades that of the one model where none is named."""
    if part is not Part.TRADES:
        return part.value
    keys = [model["key"] for model in evaluation.parameters["models"]]
    if key is None and len(keys) > 1:
        raise Refused.because(Code.REQUIRED, f"Say whose trades: {', '.join(keys)}.", "key")
    if key is not None and key not in keys:
        raise Refused.because(Code.UNKNOWN, f'There is no model "{readable(key)}" here: {", ".join(keys)}.', "key")
    return trades_part(key or keys[0])


async def _models(work: UnitOfWork, viewer: Viewer, wish: EvaluationWish) -> list[Model]:
    """In the order asked for; held in one that all keep, so that nobody waits for another in a circle."""
    found = {}
    for id_ in sorted(wish.model_ids):
        try:
            found[id_], _ = await work.models.lock(viewer, id_)
        except Refused as refused:
            raise at_field("model_ids", refused) from refused
        if found[id_].task_type not in JUDGED:
            message = (
                f'"{found[id_].name}" trades orders, not positions, and cannot be judged in this way. Take models for '
                "algorithmic trading or portfolio management."
            )
            raise Refused.because(Code.INVALID, message, "model_ids")
    return [found[id_] for id_ in wish.model_ids]


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
    # Where one of them spreads money over all symbols, the others take the one that they are told.
    symbol = None if TaskType.PORTFOLIO_MANAGEMENT in tasks else wish.symbol
    if len(tasks) == 1 and (found := list(unsuitable(tasks.pop(), facts, symbol))):
        raise Refused(*found)
    return dataset


def _order(id: UUID, wish: EvaluationWish, models: list[Model], dataset: Dataset) -> Order:
    is_own = all(model.dataset_id == dataset.id for model in models)
    anywhere = wish.split is None and wish.since is None and wish.until is None
    return Order(
        evaluation=str(id),
        kind=wish.kind.value,
        models=tuple(_about(place, model) for place, model in enumerate(models)),
        dataset={
            "id": str(dataset.id),
            "name": dataset.name,
            "sha256": dataset.sha256,
            "data_type": dataset.data_type.value,
        },
        symbol=wish.symbol,
        # On its own data a model is judged on what it has not seen, unless somebody wants otherwise.
        split=TEST if anywhere and is_own else wish.split,
        since=_iso(wish.since),
        until=_iso(wish.until),
        setup=setup_to_json(_setup(wish, models)),
        benchmark=wish.benchmark,
        stress=tuple(
            {"scenario": one.scenario.value, "strength": one.strength, "runs": one.runs} for one in wish.stress
        ),
        seed=wish.seed,
    )


def _setup(wish: EvaluationWish, models: list[Model]) -> Setup:
    trained = models[0].hyperparameters
    alone = all(model.task_type is TaskType.ALGORITHMIC_TRADING for model in models)
    return Setup(
        transaction_cost=_given(wish.transaction_cost, trained.get("transaction_cost")),
        slippage=_given(wish.slippage, trained.get("slippage")),
        start_capital=wish.start_capital,
        latency_bars=wish.latency_bars,
        max_position=wish.max_position,
        drift=Drift.GROSS if alone else Drift.NET,
    )


def _given(wanted: float | None, trained: Any) -> float:
    return float(trained or 0.0) if wanted is None else wanted


def _about(place: int, model: Model) -> dict[str, Any]:
    return {
        "id": str(model.id),
        "key": key_of(place),
        "name": model.name,
        "task": model.task_type.value,
        "algorithm": model.algorithm.value,
        "sha256": model.sha256,
    }


def _title(kind: EvaluationKind, models: list[Model], dataset: Dataset) -> str:
    whom = models[0].name if len(models) == 1 else f"{len(models)} models"
    return f"{_TITLES[kind].format(whom)} on {dataset.name}"[:MAX_NAME]


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
    if made.kind is JobKind.EVALUATION:
        order = Order.of(made)
        asked = wish.kind.value, tuple(str(id_) for id_ in wish.model_ids), wish.seed, wish.symbol
        if asked == (order.kind, tuple(model["id"] for model in order.models), order.seed, order.symbol):
            return await work.evaluations.lock(viewer, UUID(order.evaluation))
    message = "You used this key for something else. Make a new one for each wish."
    raise Refused.because(Code.INVALID, message, "idempotency_key")


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
