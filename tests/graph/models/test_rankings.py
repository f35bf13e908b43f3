"""Models by what was measured of them: in strategies, in projects, and in leaderboards of datasets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from app.factory import Factory
from domain.catalogue import TaskType
from domain.datasets.model import Dataset
from domain.evaluations.model import EvaluationKind
from domain.jobs.status import JobKind, JobStatus
from domain.models.model import Model, Stage
from domain.models.rankings import RankedBy
from domain.projects.model import Project
from domain.viewer import Role
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.clock import NOON
from tests.support.evaluations import RESULT, an_evaluation
from tests.support.jobs import job_row
from tests.support.people import Person, a_person
from tests.support.strategies import project_row
from tests.support.trainings import a_dataset_of, a_model, a_trading_strategy

CONTENT, OTHER = "a" * 64, "b" * 64
COSTS = {"transaction_cost": 0.001, "slippage": 0.0}
BOARD = """query($id: ID!) { node(id: $id) { ... on Dataset { leaderboard%s {
    isOfEvaluations from to symbol transactionCost latencyBars count
    entries { place value model { name } evaluation { id } } } } } }"""


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
async def bob(factory: Factory) -> Person:
    return await a_person(factory, "bob")


@pytest.fixture
async def project(factory: Factory, ann: Person, bob: Person) -> Project:
    """Ann's; bob looks on."""
    return await project_row(factory, ann, bob)


async def measured(
    factory: Factory, owner: Person, name: str, strategy: Any, sharpe: float | None, **more: Any
) -> Model:
    own = {} if sharpe is None else {"sharpe": sharpe}
    measures = {"test": own | more.pop("test", {}), "valid": {"sharpe": 9.0}}
    return await a_model(factory, owner, strategy, name=name, measures=measures, **more)


async def ranked(
    api: Api, who: Person, kind: str, id_: UUID, arguments: str = ""
) -> list[tuple[int, str, float | None]]:
    document = f"""query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{
        ranking{arguments} {{ place value model {{ name }} }} }} }} }}"""
    found = (await api.data(document, who, id=encode(kind, id_)))["node"]["ranking"]
    return [(each["place"], each["model"]["name"], each["value"]) for each in found]


# Strategies and projects.


async def test_the_best_come_first(api: Api, factory: Factory, ann: Person) -> None:
    strategy = await a_trading_strategy(factory, ann)
    await measured(factory, ann, "none", strategy, None)
    await measured(factory, ann, "good", strategy, 2.0, test={"max_drawdown": -0.1, "volatility": 0.2})
    await measured(factory, ann, "bad", strategy, -1.0, test={"max_drawdown": -0.5, "volatility": 0.1})
    await measured(factory, ann, "as good", strategy, 2.0, test={"max_drawdown": 0.0, "volatility": 0.3})
    await measured(factory, ann, "away", strategy, 3.0, stage=Stage.ARCHIVED)
    by_sharpe = [(1, "good", 2.0), (2, "as good", 2.0), (3, "bad", -1.0), (4, "none", None)]
    assert await ranked(api, ann, "Strategy", strategy.id) == by_sharpe
    assert await ranked(api, ann, "Strategy", strategy.id, "(first: 2)") == by_sharpe[:2]
    with_all = await ranked(api, ann, "Strategy", strategy.id, "(archived: true, first: 1)")
    assert with_all == [(1, "away", 3.0)]
    falls = await ranked(api, ann, "Strategy", strategy.id, "(measure: MAX_DRAWDOWN)")
    assert [name for _, name, _ in falls] == ["as good", "good", "bad", "none"]
    calm = await ranked(api, ann, "Strategy", strategy.id, "(measure: VOLATILITY)")
    assert [name for _, name, _ in calm] == ["bad", "good", "as good", "none"]
    valid = await ranked(api, ann, "Strategy", strategy.id, "(split: VALID)")
    assert {value for _, _, value in valid} == {9.0}
    assert valid[0][1] == "none"


@pytest.mark.parametrize("measure", RankedBy)
async def test_every_measure_ranks(api: Api, factory: Factory, ann: Person, measure: RankedBy) -> None:
    strategy = await a_trading_strategy(factory, ann)
    for value in (0.5, 0.25):
        await measured(factory, ann, str(value), strategy, None, test={measure.value: value})
    found = await ranked(api, ann, "Strategy", strategy.id, f"(measure: {measure.name})")
    best = 0.25 if measure.less_is_better else 0.5
    assert [value for _, _, value in found] == [best, 0.75 - best]


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_how_many_has_bounds(api: Api, factory: Factory, ann: Person, first: int) -> None:
    strategy = await a_trading_strategy(factory, ann)
    document = f"query($id: ID!) {{ node(id: $id) {{ ... on Strategy {{ ranking(first: {first}) {{ place }} }} }} }}"
    assert await api.codes(document, ann, id=encode("Strategy", strategy.id)) == ["BAD_USER_INPUT"]


async def test_a_project_ranks_the_models_of_all_its_strategies(
    api: Api, factory: Factory, ann: Person, bob: Person, project: Project
) -> None:
    inside = [await a_trading_strategy(factory, ann, f"s{number}", project) for number in range(2)]
    outside = await a_trading_strategy(factory, ann, "own")
    await measured(factory, ann, "first", inside[0], 1.0)
    await measured(factory, ann, "second", inside[1], 2.0)
    await measured(factory, ann, "elsewhere", outside, 3.0)
    for who in (ann, bob):
        assert await ranked(api, who, "Project", project.id) == [(1, "second", 2.0), (2, "first", 1.0)]


async def test_a_model_that_is_hidden_takes_no_place(
    api: Api, factory: Factory, ann: Person, bob: Person, project: Project
) -> None:
    """Somebody sees a strategy of his own that lies in a project which he left: not the models of others."""
    strategy = await a_trading_strategy(factory, bob, "shared", project)
    await measured(factory, ann, "hers", strategy, 5.0)
    await measured(factory, bob, "his", strategy, 1.0)
    removal = {"projectId": encode("Project", project.id), "userId": bob.id}
    assert (await api.do("removeMember", ann, removal))["errors"] == []
    assert await ranked(api, ann, "Strategy", strategy.id) == [(1, "hers", 5.0), (2, "his", 1.0)]
    assert await ranked(api, bob, "Strategy", strategy.id) == [(1, "his", 1.0)]


# Leaderboards.


@pytest.fixture
async def data(factory: Factory, ann: Person, project: Project) -> Dataset:
    """Everybody in the project sees it."""
    return await a_dataset_of(factory, ann, "AAA", project_id=project.id, sha256=CONTENT)


async def trained(
    factory: Factory,
    owner: Person,
    name: str,
    data: Dataset,
    sharpe: float,
    *,
    strategy: Any = None,
    content: str = CONTENT,
    symbol: str | None = None,
    costs: JSON = COSTS,
    **more: Any,
) -> Model:
    about = {"strategy_id": strategy.id if strategy else None}
    job = await job_row(
        factory.works,
        owner,
        kind=JobKind.TRAINING,
        status=JobStatus.COMPLETED,
        parameters={"dataset": {"sha256": content}, "symbol": symbol},
        **about,
    )
    own = {"job_id": job.id, "dataset_id": data.id, "hyperparameters": costs | {"lookback": 3}}
    return await measured(factory, owner, name, strategy, sharpe, **own | more)


async def judged(
    factory: Factory, owner: Person, data: Dataset, *models: Model, sharpe: float = 1.0, **more: Any
) -> UUID:
    parameters = {
        "models": [
            {"id": str(model.id), "key": f"model-{place + 1}", "task": model.task_type.value}
            for place, model in enumerate(models)
        ],
        "dataset": {"sha256": more.pop("content", CONTENT)},
        "split": more.pop("split", "test"),
        "symbol": None,
        "setup": COSTS
        | {"latency_bars": more.pop("latency", 0), "max_position": None, "drift": "gross"}
        | {"start_capital": more.pop("capital", 1_000.0)},
    }
    result = RESULT | {"entries": []} | more.pop("result", {})
    ends = more.pop("ends", True)
    evaluation = await an_evaluation(factory, owner, *models, dataset_id=data.id, parameters=parameters, **more)
    figures = [{"sharpe": sharpe + place, "volatility": 0.1} for place in range(len(models))]
    async with factory.works() as work:
        if ends:
            await work.evaluations.finish(evaluation.id, result, figures, NOON)
    if not ends:
        async with factory.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE evaluations SET result = NULL")
    return evaluation.id


async def boards(api: Api, who: Person, data: Dataset, arguments: str = "") -> list[JSON]:
    found = await api.data(BOARD % arguments, who, id=encode("Dataset", data.id))
    leaderboard: list[JSON] = found["node"]["leaderboard"]
    return leaderboard


def entries(board: JSON) -> list[tuple[int, str, float]]:
    return [(each["place"], each["model"]["name"], each["value"]) for each in board["entries"]]


async def test_trainings_stand_beside_those_with_the_same_symbol_and_costs(
    api: Api, factory: Factory, ann: Person, data: Dataset
) -> None:
    await trained(factory, ann, "low", data, 1.0)
    await trained(factory, ann, "high", data, 2.0)
    await trained(factory, ann, "cheap", data, 7.0, costs={"transaction_cost": 0.0, "slippage": 0.0})
    await trained(factory, ann, "other", data, 8.0, symbol="BBB")
    await trained(factory, ann, "portfolio", data, 9.0, task_type=TaskType.PORTFOLIO_MANAGEMENT)
    await trained(factory, ann, "corrected since", data, 9.0, content=OTHER)
    await trained(factory, ann, "away", data, 9.0, stage=Stage.ARCHIVED)
    await measured(factory, ann, "another's data", None, 9.0)
    found = await boards(api, ann, data)
    assert entries(found[0]) == [(1, "high", 2.0), (2, "low", 1.0)]
    assert (found[0]["count"], found[0]["isOfEvaluations"], found[0]["from"]) == (2, False, None)
    assert (found[0]["symbol"], found[0]["transactionCost"], found[0]["latencyBars"]) == (None, 0.001, None)
    assert sorted(entries(board)[0][1] for board in found[1:]) == ["cheap", "other", "portfolio"]
    assert {board["count"] for board in found[1:]} == {1}
    assert [board["symbol"] for board in found[1:] if entries(board)[0][1] == "other"] == ["BBB"]
    first = await boards(api, ann, data, "(first: 1)")
    assert (entries(first[0]), first[0]["count"]) == ([(1, "high", 2.0)], 2)
    with_all = await boards(api, ann, data, "(archived: true)")
    assert entries(with_all[0])[0] == (1, "away", 9.0)
    assert await boards(api, ann, data, "(measure: FILLED)") == []


async def test_evaluations_stand_beside_those_of_the_same_bars_and_conditions(
    api: Api, factory: Factory, ann: Person, data: Dataset
) -> None:
    one, other = [await trained(factory, ann, name, data, 1.0) for name in ("one", "other")]
    foreign = await trained(factory, ann, "foreign", data, 1.0, content=OTHER)
    await judged(factory, ann, data, one, sharpe=9.0)
    latest = await judged(factory, ann, data, one, sharpe=1.0)
    both = await judged(factory, ann, data, other, foreign, sharpe=2.0, kind=EvaluationKind.COMPARISON)
    late = await judged(factory, ann, data, one, sharpe=5.0, latency=1)
    await judged(factory, ann, data, one, sharpe=8.0, kind=EvaluationKind.STRESS_TEST)
    # A period that it may have learnt from; and one that it cannot have.
    await judged(factory, ann, data, one, sharpe=8.0, split=None)
    period = await judged(factory, ann, data, foreign, sharpe=4.0, split=None, result={"bars": 2})
    await judged(factory, ann, data, one, sharpe=8.0, content=OTHER)
    found = [board for board in await boards(api, ann, data) if board["isOfEvaluations"]]
    assert entries(found[0]) == [(1, "foreign", 3.0), (2, "other", 2.0), (3, "one", 1.0)]
    ids = [encode("Evaluation", id_) for id_ in (both, both, latest)]
    assert [each["evaluation"]["id"] for each in found[0]["entries"]] == ids
    assert (found[0]["from"], found[0]["to"]) == (RESULT["first"], RESULT["last"])
    rest = {board["entries"][0]["evaluation"]["id"]: entries(board) for board in found[1:]}
    assert rest == {
        encode("Evaluation", late): [(1, "one", 5.0)],
        encode("Evaluation", period): [(1, "foreign", 4.0)],
    }
    calm = [board for board in await boards(api, ann, data, "(measure: VOLATILITY)") if board["isOfEvaluations"]]
    assert [name for _, name, _ in entries(calm[0])] == ["one", "other", "foreign"]


@pytest.mark.parametrize(("task", "count"), [("HIGH_FREQUENCY_TRADING", 2), ("ALGORITHMIC_TRADING", 1)])
async def test_on_an_order_book_the_size_of_the_account_is_a_condition(
    api: Api, factory: Factory, ann: Person, data: Dataset, task: str, count: int
) -> None:
    one, other = [await trained(factory, ann, name, data, 1.0, task_type=TaskType[task]) for name in ("one", "other")]
    await judged(factory, ann, data, one)
    await judged(factory, ann, data, other, capital=1e9)
    found = [board for board in await boards(api, ann, data) if board["isOfEvaluations"]]
    assert len(found) == count


async def test_what_is_not_at_its_end_does_not_count(api: Api, factory: Factory, ann: Person, data: Dataset) -> None:
    model = await trained(factory, ann, "one", data, 1.0)
    await judged(factory, ann, data, model, ends=False)
    assert [board["isOfEvaluations"] for board in await boards(api, ann, data)] == [False]


async def test_a_leaderboard_shows_and_counts_only_what_one_sees(
    api: Api, factory: Factory, ann: Person, bob: Person, project: Project, data: Dataset
) -> None:
    """Bob sees the data, and what comes of strategies in the project; but not what ann does with it by herself."""
    shared = await a_trading_strategy(factory, ann, "shared", project)
    seen = await trained(factory, ann, "seen", data, 1.0, strategy=shared)
    hidden = await trained(factory, ann, "hidden", data, 2.0)
    await trained(factory, bob, "his", data, 0.5)
    await judged(factory, ann, data, seen, sharpe=1.0, strategy_id=shared.id)
    await judged(factory, ann, data, hidden, sharpe=3.0)
    # An evaluation of his own, of a model that he does not see any more.
    await judged(factory, bob, data, hidden, sharpe=7.0)
    # Ann's own evaluation of a model that he sees.
    await judged(factory, ann, data, seen, sharpe=8.0, strategy_id=None)
    training, evaluation = await boards(api, bob, data)
    assert (entries(training), training["count"]) == ([(1, "seen", 1.0), (2, "his", 0.5)], 2)
    assert (entries(evaluation), evaluation["count"]) == ([(1, "seen", 1.0)], 1)
    hers = {board["isOfEvaluations"]: entries(board) for board in await boards(api, ann, data)}
    assert hers == {False: [(1, "hidden", 2.0), (2, "seen", 1.0)], True: [(1, "seen", 8.0), (2, "hidden", 3.0)]}
    admin = await a_person(factory, "ada", Role.ADMIN)
    assert sorted(board["count"] for board in await boards(api, admin, data)) == [2, 3]
