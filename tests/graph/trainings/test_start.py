"""Starting trainings through the API."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.factory import Factory
from domain.blobs import Content, Owner
from domain.catalogue import AlgorithmName, TaskType, complete
from domain.datasets.columns import BOOK
from domain.datasets.model import Dataset, DatasetStatus
from domain.jobs.status import JobKind, JobStatus
from domain.strategies.model import Strategy
from domain.strategies.status import StrategyStatus
from domain.trainings.model import INPUT, JOB, Order
from domain.work import Queue
from graph.ids import decode, encode
from persistence.tables.system import outbox
from tests.support.api import JSON, Api
from tests.support.jobs import the_job
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint
from tests.support.strategies import project_row
from tests.support.trainings import a_dataset_of, a_trading_strategy

START = "job { id name kind status engine priority strategy { name } dataset { name } } errors { code field message }"


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
async def strategy(factory: Factory, ann: Person) -> Strategy:
    return await a_trading_strategy(factory, ann, epochs=7)


@pytest.fixture
async def dataset(factory: Factory, ann: Person) -> Dataset:
    return await a_dataset_of(factory, ann, "AAA")


def a_wish(strategy: Strategy, dataset: Dataset, **more: Any) -> JSON:
    ids = {"strategyId": encode("Strategy", strategy.id), "datasetId": encode("Dataset", dataset.id)}
    return ids | more


async def started(api: Api, who: Person, wish: JSON) -> JSON:
    payload = await api.do("startTraining", who, wish, START)
    assert payload["errors"] == []
    job: JSON = payload["job"]
    return job


async def refused(api: Api, who: Person, wish: JSON) -> list[tuple[str, str]]:
    payload = await api.do("startTraining", who, wish, START)
    assert payload["job"] is None
    assert all(error["message"] for error in payload["errors"])
    return [(error["code"], ".".join(error["field"])) for error in payload["errors"]]


def uuid_of(job: JSON) -> UUID:
    return decode(job["id"], "Job")


async def held(factory: Factory, job_id: UUID) -> Content | None:
    async with factory.works() as work:
        return await work.blobs.of(Owner(JOB, job_id, INPUT))


async def test_a_job_that_has_all_it_needs(
    api: Api, factory: Factory, ann: Person, strategy: Strategy, dataset: Dataset
) -> None:
    shown = await started(api, ann, a_wish(strategy, dataset, parameters={"batch_size": 32}, seeds=[3, 1], priority=2))
    assert shown == {
        "id": shown["id"],
        "name": "Train Trade on Prices",
        "kind": "TRAINING",
        "status": "QUEUED",
        "engine": "embedded",
        "priority": 2,
        "strategy": {"name": "Trade"},
        "dataset": {"name": "Prices"},
    }
    job = await the_job(factory.works, uuid_of(shown))
    assert (job.kind, job.status, job.owner_id) == (JobKind.TRAINING, JobStatus.QUEUED, ann.user.id)
    assert Order.of(job) == Order(
        task="algorithmic_trading",
        algorithm="dqn",
        config=complete("algorithmic_trading", "dqn", {"epochs": 7, "batch_size": 32}),
        seeds=(3, 1),
        symbol=None,
        strategy={"id": str(strategy.id), "name": "Trade", "version": 1},
        dataset={"id": str(dataset.id), "name": "Prices", "sha256": dataset.sha256, "data_type": "market_data"},
    )
    async with factory.engine.connect() as connection:
        [task] = (await connection.execute(select(outbox))).all()
    assert (task.queue, task.owner_id, task.priority) == (Queue.TRAINING, ann.user.id, 2)
    assert task.payload == {"job": str(job.id)}


async def test_later_changes_of_the_data_do_not_matter(
    api: Api, factory: Factory, ann: Person, strategy: Strategy, dataset: Dataset
) -> None:
    job_id = uuid_of(await started(api, ann, a_wish(strategy, dataset)))
    assert dataset.sha256
    assert dataset.file_size
    content = Content(dataset.sha256, dataset.file_size)
    assert await held(factory, job_id) == content
    assert await api.do("deleteDataset", ann, {"id": encode("Dataset", dataset.id)}) == {"errors": []}
    assert await held(factory, job_id) == content
    job = await the_job(factory.works, job_id)
    assert (job.status, job.dataset_id) == (JobStatus.QUEUED, None)


async def test_an_old_version_is_trained_as_it_was(
    api: Api, factory: Factory, ann: Person, strategy: Strategy, dataset: Dataset
) -> None:
    change = {"id": encode("Strategy", strategy.id), "config": {"epochs": 9}}
    assert await api.do("updateStrategy", ann, change) == {"errors": []}
    for version, number, epochs in ((None, 2, 9), (2, 2, 9), (1, 1, 7)):
        shown = await started(api, ann, a_wish(strategy, dataset, version=version, name=f"v{version}"))
        order = Order.of(await the_job(factory.works, uuid_of(shown)))
        assert (shown["name"], order.strategy["version"], order.config["epochs"]) == (f"v{version}", number, epochs)
    for wrong in (0, -1, 3, 2**31 - 1):
        assert await refused(api, ann, a_wish(strategy, dataset, version=wrong)) == [("NOT_FOUND", "version")]


async def test_everything_wrong_is_said_at_once(
    api: Api, factory: Factory, ann: Person, strategy: Strategy, dataset: Dataset
) -> None:
    wish = a_wish(strategy, dataset)
    before = await fingerprint(factory.engine)
    wrong = {"engine": "none", "seeds": [1, 2, 1, -1], "priority": 11, "name": "", "idempotencyKey": "x" * 101}
    assert await refused(api, ann, wish | wrong) == [
        ("UNKNOWN", "engine"),
        ("REQUIRED", "name"),
        ("INVALID", "seeds.2"),
        ("OUT_OF_RANGE", "seeds.3"),
        ("OUT_OF_RANGE", "priority"),
        ("TOO_LONG", "idempotencyKey"),
    ]
    wrong = {"parameters": {"epochs": -1, "rubbish": 1, "batch_size": "x"}, "symbol": "BBB"}
    assert await refused(api, ann, wish | wrong) == [
        ("OUT_OF_RANGE", "parameters.epochs"),
        ("INVALID", "parameters.batch_size"),
        ("UNKNOWN", "parameters.rubbish"),
        ("UNKNOWN", "symbol"),
    ]
    for parameters in ([], "x", 1):
        assert await refused(api, ann, wish | {"parameters": parameters}) == [("INVALID", "parameters")]
    for seeds, code in (([], "TOO_SHORT"), (list(range(11)), "TOO_LONG")):
        assert await refused(api, ann, wish | {"seeds": seeds}) == [(code, "seeds")]
    assert await refused(api, ann, wish | {"seeds": [1], "seed": 1}) == [("INVALID", "seed")]
    assert await refused(api, ann, wish | {"seed": -5}) == [("OUT_OF_RANGE", "seed")]
    gone = {"strategyId": encode("Strategy", ann.user.id), "datasetId": encode("Dataset", ann.user.id)}
    assert await refused(api, ann, gone) == [("NOT_FOUND", "strategyId"), ("NOT_FOUND", "datasetId")]
    assert await fingerprint(factory.engine) == before


async def test_a_null_puts_a_parameter_back_to_its_default(
    api: Api, factory: Factory, ann: Person, strategy: Strategy, dataset: Dataset
) -> None:
    shown = await started(api, ann, a_wish(strategy, dataset, parameters={"epochs": None}, seed=5))
    order = Order.of(await the_job(factory.works, uuid_of(shown)))
    assert order.config == complete("algorithmic_trading", "dqn", {})
    assert order.seeds == (5,)


async def test_only_who_may_change_the_strategy_trains_it(api: Api, factory: Factory, ann: Person) -> None:
    bob, eve = await a_person(factory, "bob"), await a_person(factory, "eve")
    project = await project_row(factory, ann, bob)
    shared = await a_trading_strategy(factory, ann, "Shared", project)
    data = await a_dataset_of(factory, ann, "AAA", project_id=project.id)
    document = "mutation($input: StartTrainingInput!) { startTraining(input: $input) { job { id } } }"
    assert await api.codes(document, bob, input=a_wish(shared, data)) == ["FORBIDDEN"]
    assert await refused(api, eve, a_wish(shared, data)) == [("NOT_FOUND", "strategyId"), ("NOT_FOUND", "datasetId")]
    own = await a_trading_strategy(factory, bob, "Own")
    shown = await started(api, bob, a_wish(own, data))
    assert shown["dataset"] == {"name": "Prices"}


async def test_what_is_put_away_or_not_ready_is_not_trained(api: Api, factory: Factory, ann: Person) -> None:
    strategy, dataset = await a_trading_strategy(factory, ann), await a_dataset_of(factory, ann, "AAA")
    async with factory.works() as work:
        await work.strategies.save(replace(strategy, status=StrategyStatus.ARCHIVED))
        await work.datasets.save(replace(dataset, status=DatasetStatus.PROCESSING))
    wrong = [("WRONG_STATE", "strategyId"), ("WRONG_STATE", "datasetId")]
    assert await refused(api, ann, a_wish(strategy, dataset)) == wrong


@pytest.mark.parametrize(
    ("task", "algorithm", "symbols", "columns", "symbol", "expected"),
    [
        ("algorithmic_trading", "dqn", "A", "close", None, []),
        ("algorithmic_trading", "dqn", "A", "close", "A", []),
        ("algorithmic_trading", "dqn", "AB", "close", "B", []),
        ("algorithmic_trading", "dqn", "AB", "close", None, [("REQUIRED", "symbol")]),
        ("algorithmic_trading", "dqn", "AB", "close", "C", [("UNKNOWN", "symbol")]),
        ("algorithmic_trading", "dqn", "A", "note", None, [("INVALID", "datasetId")]),
        ("portfolio_management", "ppo", "AB", "close", None, []),
        ("portfolio_management", "ppo", "A", "close", None, [("INVALID", "datasetId")]),
        ("portfolio_management", "ppo", "AB", "close", "A", [("INVALID", "symbol")]),
        ("order_execution", "pd", "A", "bid_price_1 ask_price_1", None, []),
        ("order_execution", "pd", "A", "bid_price_1", None, [("INVALID", "datasetId")]),
        ("high_frequency_trading", "ddqn", "A", " ".join(BOOK), None, []),
        ("high_frequency_trading", "ddqn", "A", "close bid_price_1", None, [("INVALID", "datasetId")]),
    ],
)
async def test_the_data_must_suit_the_task(
    api: Api,
    factory: Factory,
    ann: Person,
    task: str,
    algorithm: str,
    symbols: str,
    columns: str,
    symbol: str | None,
    expected: list[tuple[str, str]],
) -> None:
    kind = {"task": TaskType(task), "algorithm": AlgorithmName(algorithm)}
    strategy = await a_trading_strategy(factory, ann, **kind)
    dataset = await a_dataset_of(factory, ann, *symbols, columns=("time", "symbol", *columns.split()))
    wish = a_wish(strategy, dataset, symbol=symbol)
    if expected:
        assert await refused(api, ann, wish) == expected
    else:
        assert Order.of(await the_job(factory.works, uuid_of(await started(api, ann, wish)))).symbol == symbol


async def test_the_same_key_is_the_same_job(
    api: Api, factory: Factory, ann: Person, strategy: Strategy, dataset: Dataset
) -> None:
    wish = a_wish(strategy, dataset, idempotencyKey="once", parameters={"epochs": 3}, seeds=[1, 2])
    first = await started(api, ann, wish)
    change = {"id": encode("Strategy", strategy.id), "config": {"epochs": 9}}
    assert await api.do("updateStrategy", ann, change) == {"errors": []}
    assert await started(api, ann, wish) == first
    other = await a_dataset_of(factory, ann, "AAA")
    for different in (
        {"seeds": [1]},
        {"priority": 1},
        {"name": "other"},
        {"version": 2},
        {"parameters": {"epochs": 4}},
        {"parameters": None},
        {"symbol": "AAA"},
        {"datasetId": encode("Dataset", other.id)},
    ):
        assert await refused(api, ann, wish | different) == [("INVALID", "idempotencyKey")], different
    bob = await a_person(factory, "bob")
    assert await refused(api, bob, wish) == [("NOT_FOUND", "strategyId"), ("NOT_FOUND", "datasetId")]
    async with factory.engine.connect() as connection:
        assert len((await connection.execute(select(outbox))).all()) == 1


async def test_the_same_key_at_the_same_moment_is_one_job(
    api: Api, factory: Factory, ann: Person, strategy: Strategy, dataset: Dataset
) -> None:
    wish = a_wish(strategy, dataset, idempotencyKey="once")
    jobs = await asyncio.gather(*(started(api, ann, wish) for _ in range(8)))
    assert len({job["id"] for job in jobs}) == 1
    async with factory.engine.connect() as connection:
        assert len((await connection.execute(select(outbox))).all()) == 1


async def test_what_can_train(api: Api) -> None:
    found = await api.data("{ engines { name available remedy } }")
    assert found["engines"] == [{"name": "embedded", "available": True, "remedy": None}]
