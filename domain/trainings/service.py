"""Has agents trained: a strategy and a dataset become a job, which makes a model."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from domain.blobs import Owner
from domain.catalogue import AlgorithmName, TaskType
from domain.clock import Clock
from domain.datasets.model import Dataset, Part
from domain.datasets.rights import held
from domain.datasets.states import must_be_ready, part_of
from domain.errors import Code, Problem, Refused
from domain.jobs.model import Job
from domain.jobs.service import RUN, new_job
from domain.jobs.status import JobKind
from domain.projects.places import at_field
from domain.strategies import versions
from domain.strategies.basis import Basis
from domain.strategies.model import Strategy
from domain.strategies.rights import must_edit
from domain.strategies.status import StrategyStatus
from domain.text import Problems
from domain.trainings.engines import Engines, usable
from domain.trainings.model import INPUT, JOB, Order
from domain.trainings.remote import Choice, Remotes, choice_of, is_remote
from domain.trainings.suiting import Facts
from domain.trainings.suiting import problems as unsuitable
from domain.trainings.wish import MAX_NAME, USUAL_SEEDS, TrainingWish
from domain.viewer import Viewer
from domain.work import Queue, Task, UnitOfWork, Works

T = TypeVar("T")


class Trainings:
    """Starts trainings. What they need is held from then on: later changes do not matter to them."""

    def __init__(self, *, works: Works, clock: Clock, engines: Engines, remotes: Remotes) -> None:
        self._works = works
        self._clock = clock
        self._engines = engines
        self._remotes = remotes

    async def start(self, viewer: Viewer, wish: TrainingWish) -> Job:
        """The job. Asked again with the same key, it is the same one."""
        with Problems() as problems:
            problems.take(usable, await self._engines.offered(), wish.engine)
            wish = problems.take(wish.cleaned)
        if is_remote(wish.engine):
            await self._check(viewer, wish)
        async with self._works() as work:
            if wish.key and (made := await work.jobs.made_with(viewer.id, wish.key)):
                return await _same(work, made, wish)
            strategy, dataset, order = await self._order(work, viewer, wish)
            job = self._job(viewer, wish, strategy, dataset, order)
            if not await work.jobs.add(job, wish.key):
                return await _same(work, await _made(work, viewer, wish.key), wish)
            if dataset:
                await _hold(work, dataset, job)
            await work.enqueue(
                Task(RUN, {"job": str(job.id)}, Queue.TRAINING, owner_id=job.owner_id, priority=job.priority)
            )
        return job

    async def _check(self, viewer: Viewer, wish: TrainingWish) -> None:
        """Asks the service whether it can do this; not while the strategy is locked, for that may take a while."""
        async with self._works() as work:
            if wish.key and await work.jobs.made_with(viewer.id, wish.key):
                return
            _, _, order = await _remote_order(work, viewer, wish)
        await self._remotes.check(wish.engine, Choice.from_json(order.config))

    async def _order(
        self, work: UnitOfWork, viewer: Viewer, wish: TrainingWish
    ) -> tuple[Strategy, Dataset | None, Order]:
        """What is to be done, complete; refuses with everything that is wrong."""
        if is_remote(wish.engine):
            return await _remote_order(work, viewer, wish)
        found = Problems()
        strategy = await _tried(found, _strategy(work, viewer, wish))
        dataset = await _tried(found, _dataset(work, viewer, wish.dataset_id))
        config: dict[str, Any] = {}
        if strategy:
            config = found.take(_config, Basis.from_strategy(strategy), wish.parameters)
        if strategy and dataset:
            papers = await work.datasets.papers(dataset.id)
            found.add(*unsuitable(strategy.task_type, Facts.of(papers), wish.symbol))
        found.raise_if_any()
        if strategy is None or dataset is None:
            raise RuntimeError("What is not there was refused.")
        return strategy, dataset, _written(wish, strategy, dataset, config)

    def _job(
        self, viewer: Viewer, wish: TrainingWish, strategy: Strategy, dataset: Dataset | None, order: Order
    ) -> Job:
        return new_job(
            viewer,
            JobKind.TRAINING,
            wish.name or f"Train {strategy.name} on {order.dataset['name']}"[:MAX_NAME],
            self._clock,
            dataset_id=dataset.id if dataset else None,
            strategy_id=strategy.id,
            engine=wish.engine,
            priority=wish.priority,
            parameters=order.to_json(),
        )


async def _strategy(work: UnitOfWork, viewer: Viewer, wish: TrainingWish) -> Strategy:
    """With the configuration of the wanted version."""
    try:
        strategy, role = await work.strategies.lock(viewer, wish.strategy_id)
    except Refused as refused:
        raise at_field("strategy_id", refused) from refused
    must_edit(viewer, strategy, role)
    if strategy.status is StrategyStatus.ARCHIVED:
        message = "This strategy is archived. Restore it first, then train it."
        raise Refused.because(Code.WRONG_STATE, message, "strategy_id")
    if wish.version is None or wish.version == strategy.version:
        return strategy
    try:
        version = await versions.present(work, strategy, wish.version)
    except Refused as refused:
        raise at_field("version", refused) from refused
    return replace(strategy, config=version.config, version=version.version_number)


async def _dataset(work: UnitOfWork, viewer: Viewer, id: UUID | None) -> Dataset:
    if id is None:
        message = "Name a dataset: this engine has none of its own."
        raise Refused.because(Code.REQUIRED, message, "dataset_id")
    dataset, _ = await held(work, viewer, id, field="dataset_id")
    must_be_ready(dataset, field="dataset_id")
    return dataset


async def _tried(found: Problems, coming: Awaitable[T]) -> T | None:
    try:
        return await coming
    except Refused as refused:
        found.add(*refused.problems)
        return None


def _config(basis: Basis, parameters: object | None) -> dict[str, Any]:
    try:
        return basis.completed({} if parameters is None else parameters)
    except Refused as refused:
        own = (replace(one, field=("parameters", *one.field[1:])) for one in refused.problems)
        raise Refused(*own) from refused


def _written(wish: TrainingWish, strategy: Strategy, dataset: Dataset, config: dict[str, Any]) -> Order:
    return Order(
        task=strategy.task_type.value,
        algorithm=strategy.algorithm.value,
        config=config,
        seeds=tuple(wish.seeds or ()),
        symbol=wish.symbol,
        strategy={"id": str(strategy.id), "name": strategy.name, "version": strategy.version},
        dataset={
            "id": str(dataset.id),
            "name": dataset.name,
            "sha256": dataset.sha256,
            "data_type": dataset.data_type.value,
        },
    )


async def _remote_order(work: UnitOfWork, viewer: Viewer, wish: TrainingWish) -> tuple[Strategy, None, Order]:
    found = Problems()
    strategy = await _tried(found, _strategy(work, viewer, wish))
    found.add(*_not_for_services(wish))
    if strategy is None:
        found.raise_if_any()
        raise RuntimeError("What is not there was refused.")
    task, algorithm = strategy.task_type.value, strategy.algorithm.value
    choice = found.take(choice_of, task, algorithm, strategy.tm_config, wish.parameters)
    found.raise_if_any()
    order = Order(
        task=task,
        algorithm=algorithm,
        config=choice.to_json(),
        seeds=(),
        symbol=None,
        strategy={"id": str(strategy.id), "name": strategy.name, "version": strategy.version},
        dataset={"name": choice.dataset},
    )
    return strategy, None, order


def _not_for_services(wish: TrainingWish) -> Iterator[Problem]:
    has = "A service has"
    if wish.dataset_id is not None:
        message = f"{has} datasets of its own. Leave this out; name one of its own in tmConfig or in the parameters."
        yield Problem(Code.INVALID, message, ("dataset_id",))
    if wish.symbol is not None:
        yield Problem(Code.INVALID, f"{has} no choice of symbols. Leave this out.", ("symbol",))
    if wish.seeds != USUAL_SEEDS:
        yield Problem(Code.INVALID, f"{has} no seeds: it draws its own. Leave this out.", ("seeds",))
    if wish.version is not None:
        message = "A service is told the strategy's tmConfig, which has no versions. Leave this out."
        yield Problem(Code.INVALID, message, ("version",))


async def _hold(work: UnitOfWork, dataset: Dataset, job: Job) -> None:
    """The data is the job's own until it has a model, whatever becomes of the dataset."""
    content = await work.blobs.of(part_of(dataset, Part.CANONICAL))
    if content is None:
        raise RuntimeError("A dataset that is ready has no data.")
    await work.blobs.use(Owner(JOB, job.id, INPUT), content)


async def _made(work: UnitOfWork, viewer: Viewer, key: str | None) -> Job:
    made = await work.jobs.made_with(viewer.id, key) if key else None
    if made is None:
        raise RuntimeError("A job was started with this key, and is gone.")
    return made


async def _same(work: UnitOfWork, made: Job, wish: TrainingWish) -> Job:
    """What the first try started, if it was for the same thing."""
    if made.kind is JobKind.TRAINING and await _is_same(work, made, Order.of(made), wish):
        return made
    message = "You used this key for something else. Make a new one for each wish."
    raise Refused.because(Code.INVALID, message, "idempotency_key")


async def _is_same(work: UnitOfWork, made: Job, order: Order, wish: TrainingWish) -> bool:
    if is_remote(made.engine):
        return _is_same_remote(made, order, wish)
    asked = str(wish.strategy_id), str(wish.dataset_id), wish.engine, wish.seeds, wish.symbol, wish.priority
    if asked != (order.strategy["id"], order.dataset["id"], made.engine, order.seeds, order.symbol, made.priority):
        return False
    if wish.name not in {None, made.name} or wish.version not in {None, order.strategy["version"]}:
        return False
    version = await work.versions.get(wish.strategy_id, order.strategy["version"])
    return version is not None and _config(_basis(order, version.config), wish.parameters) == order.config


def _is_same_remote(made: Job, order: Order, wish: TrainingWish) -> bool:
    asked = str(wish.strategy_id), wish.engine, wish.priority
    if asked != (order.strategy["id"], made.engine, made.priority) or wish.name not in {None, made.name}:
        return False
    return choice_of(order.task, order.algorithm, order.config, wish.parameters).to_json() == order.config


def _basis(order: Order, config: dict[str, Any]) -> Basis:
    return Basis(TaskType(order.task), AlgorithmName(order.algorithm), config)
