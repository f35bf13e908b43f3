"""performanceAnalysis and riskAnalysis of evaluations, models and jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.factory import Factory
from domain.analysis.looks import Account, Analysis, AnalysisWanted
from domain.blobs import Owner
from domain.catalogue import AlgorithmName, TaskType
from domain.evaluations.model import KIND, Evaluation, Part, trades_part
from domain.jobs.status import JobKind
from domain.models.model import KIND as MODEL
from domain.models.model import Model
from domain.models.model import Part as ModelPart
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.evaluations import ENTRY, RESULT, a_kept_account, an_account, an_evaluation, kept, kept_file, parquet
from tests.support.evaluations import FIGURES as FIGURES_OF_MODELS
from tests.support.jobs import job_row
from tests.support.people import Person, a_person
from tests.support.trainings import a_model
from tests.workers.evaluations.trained import a_trader, card_of
from workers.data.reading_pool import ReadingPool

FIGURES = "totalReturn annualReturn volatility sharpe sortino turnover trades exposure"
BOTH = f"""performanceAnalysis%s {{ key benchmark bars from to figures {{ {FIGURES} winRate deflatedSharpe }}
    monthlyReturns {{ year month value }} equity {{ times values }} benchmarkEquity {{ values }}
    rollingSharpe {{ column }} }} riskAnalysis%s {{ bars figures {{ maxDrawdown }}
    tails {{ level valueAtRisk conditionalValueAtRisk }}
    drawdowns {{ depth }} exposure {{ mean highest }} concentration {{ mean }} drawdown {{ values }} }}"""


@pytest.fixture(scope="module")
def trader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lively = {"epochs": 30, "warmup_steps": 200, "learning_rate": 0.005}
    return a_trader(tmp_path_factory.mktemp("trader"), **lively)


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Which files were read."""
    files: list[Path] = []
    original = ReadingPool.analysis

    async def analysis(self: ReadingPool, account: Account, wanted: AnalysisWanted) -> Analysis:
        files.append(account.series)
        return await original(self, account, wanted)

    monkeypatch.setattr(ReadingPool, "analysis", analysis)
    return files


def asked(kind: str, arguments: str = "") -> str:
    given = f"({arguments})" if arguments else ""
    return f"query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {BOTH % (given, given)} }} }} }}"


async def looked(api: Api, who: Person, kind: str, id_: UUID, arguments: str = "") -> JSON:
    node: JSON = (await api.data(asked(kind, arguments), who, id=encode(kind, id_)))["node"]
    return node


async def refused(api: Api, who: Person, kind: str, id_: UUID, arguments: str = "") -> list[tuple[str, list[str]]]:
    """The codes and fields of what was wrong, which both fields say alike; everything else is answered."""
    answer = await api(asked(kind, arguments), who, id=encode(kind, id_))
    assert answer["data"]["node"] == {"performanceAnalysis": None, "riskAnalysis": None}
    one, other = (error["extensions"]["problems"] for error in answer["errors"])
    assert one == other
    return [(problem["code"], problem["field"]) for problem in one]


async def over(factory: Factory, owner: Person, *models: Model, **values: Any) -> Evaluation:
    """An evaluation whose account is long enough to be measured; the first model has bought and sold."""
    evaluation = await an_evaluation(factory, owner, *models, **values)
    keys = [f"model-{place + 1}" for place in range(len(models))]
    files = {
        Part.SERIES.value: an_account(*keys, "buy_and_hold"),
        Part.POSITIONS.value: {
            "time": an_account(*keys)["time"],
            "symbol": an_account(*keys)["symbol"],
            "position.AAA": [0.5] * 90 * len(keys),
        },
        trades_part("model-1"): {
            "time": an_account("model-1")["time"][:2],
            "symbol": ["AAA", "AAA"],
            "side": ["buy", "sell"],
            "quantity": [5.0, 5.0],
            "price": [10.0, 11.0],
            "cost": [0.1, 0.2],
            "profit": [None, 4.7],
        },
    }
    contents = {part: await kept(factory, parquet(columns)) for part, columns in files.items()}
    result = RESULT | {"entries": [ENTRY | {"key": key} for key in (*keys, "buy_and_hold")]}
    async with factory.works() as work:
        await work.evaluations.finish(evaluation.id, result, [FIGURES_OF_MODELS] * len(models), factory.clock())
        for part, content in contents.items():
            await work.blobs.use(Owner(KIND, evaluation.id, part), content)
    return evaluation


async def test_a_training_is_told_as_its_model_says(
    api: Api, factory: Factory, ann: Person, trader: Path, read: list[Path]
) -> None:
    card = card_of(trader)
    model = await a_model(factory, ann, measures=card["measures"])
    content = await kept_file(factory, trader / "series.parquet")
    async with factory.works() as work:
        await work.blobs.use(Owner(MODEL, model.id, ModelPart.SERIES.value), content)
    found = await looked(api, ann, "Model", model.id)
    # Two fields, one read.
    assert len(read) == 1
    told = card["measures"]["test"]
    figures = found["performanceAnalysis"]["figures"]
    assert (figures["winRate"], figures["deflatedSharpe"]) == (None, None)
    assert [figures[name] for name in FIGURES.split()] == pytest.approx(
        [told[name] for name in ("total_return", "annual_return", *FIGURES.split()[2:])], rel=1e-9, abs=1e-9
    )
    assert found["riskAnalysis"]["figures"]["maxDrawdown"] == pytest.approx(told["max_drawdown"], abs=1e-9)
    assert found["riskAnalysis"]["concentration"] is None
    assert await looked(api, ann, "Job", model.job_id) == found
    valid = await looked(api, ann, "Model", model.id, 'split: VALID, benchmark: "flat", points: 10')
    assert valid["performanceAnalysis"]["figures"]["sharpe"] == pytest.approx(card["measures"]["valid"]["sharpe"])
    assert valid["performanceAnalysis"]["benchmark"] == "flat"
    assert len(valid["performanceAnalysis"]["equity"]["values"]) == 10


async def test_models_without_an_account_say_what_to_do(api: Api, factory: Factory, ann: Person) -> None:
    old = await a_model(factory, ann)
    assert await refused(api, ann, "Model", old.id) == [("WRONG_STATE", ["id"])]
    assert await refused(api, ann, "Job", old.job_id) == [("WRONG_STATE", ["id"])]
    orders = {"task_type": TaskType.ORDER_EXECUTION, "algorithm": AlgorithmName.PD}
    executing = await a_model(factory, ann, **orders)
    answer = await api(asked("Model"), ann, id=encode("Model", executing.id))
    assert "order execution" in answer["errors"][0]["message"]
    assert await refused(api, ann, "Model", old.id, "split: TRAIN") == [("INVALID", ["split"])]
    # One of several that has none takes nothing from the others.
    newer = await a_model(factory, ann)
    await a_kept_account(factory, newer)
    answer = await api("{ models(orderBy: NEWEST) { nodes { performanceAnalysis { bars } } } }", ann)
    nodes = answer["data"]["models"]["nodes"]
    assert nodes == [
        {"performanceAnalysis": {"bars": 90}},
        {"performanceAnalysis": None},
        {"performanceAnalysis": None},
    ]
    assert len(answer["errors"]) == 2


async def test_an_evaluation_and_its_job(api: Api, factory: Factory, ann: Person, read: list[Path]) -> None:
    evaluation = await over(factory, ann, await a_model(factory, ann))
    found = await looked(api, ann, "Evaluation", evaluation.id)
    assert found == await looked(api, ann, "Job", evaluation.job_id)
    earned, risked = found["performanceAnalysis"], found["riskAnalysis"]
    assert (earned["key"], earned["benchmark"], earned["bars"]) == ("model-1", "buy_and_hold", 90)
    assert (earned["from"], earned["to"]) == ("2020-01-01T00:00:00+00:00", "2020-03-30T00:00:00+00:00")
    assert (earned["figures"]["trades"], earned["figures"]["winRate"]) == (2.0, 1.0)
    assert [month["month"] for month in earned["monthlyReturns"]] == [1, 2, 3]
    assert earned["equity"]["values"][0] == earned["benchmarkEquity"]["values"][0] == 100.0
    assert risked["figures"]["maxDrawdown"] == pytest.approx(-0.005)
    assert [tail["level"] for tail in risked["tails"]] == [0.95, 0.99]
    assert risked["tails"][0]["valueAtRisk"] == pytest.approx(-0.005)
    assert (risked["exposure"], risked["concentration"]) == ({"mean": 0.5, "highest": 0.5}, {"mean": 1.0})
    held = await looked(api, ann, "Evaluation", evaluation.id, 'key: "buy_and_hold"')
    assert held["performanceAnalysis"]["figures"]["trades"] is None
    assert held["riskAnalysis"]["concentration"] is None
    assert len(read) == 3


async def test_a_period_has_its_first_bar_and_not_its_last(api: Api, factory: Factory, ann: Person) -> None:
    evaluation = await over(factory, ann, await a_model(factory, ann))
    period = 'from: "2020-02-01", to: "2020-03-01T00:00:00Z"'
    found = await looked(api, ann, "Evaluation", evaluation.id, period)
    assert (found["performanceAnalysis"]["bars"], found["riskAnalysis"]["bars"]) == (29, 29)
    assert found["performanceAnalysis"]["from"] == "2020-02-01T00:00:00+00:00"
    assert found["performanceAnalysis"]["to"] == "2020-02-29T00:00:00+00:00"
    for few, bars in (('from: "2020-03-30"', 1), ('from: "2031-01-01"', 0)):
        none = await looked(api, ann, "Evaluation", evaluation.id, few)
        assert none["performanceAnalysis"]["bars"] == bars
        assert set(none["performanceAnalysis"]["figures"].values()) == {None}
        assert none["riskAnalysis"]["drawdowns"] == []


async def test_before_its_end_there_is_nothing(api: Api, factory: Factory, ann: Person) -> None:
    evaluation = await over(factory, ann, await a_model(factory, ann))
    async with factory.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE evaluations SET result = NULL")
    nothing = {"performanceAnalysis": None, "riskAnalysis": None}
    assert await looked(api, ann, "Evaluation", evaluation.id) == nothing
    training = await job_row(factory.works, ann, kind=JobKind.TRAINING)
    reading = await job_row(factory.works, ann)
    for job in (evaluation.job_id, training.id, reading.id):
        assert await looked(api, ann, "Job", job) == nothing


async def test_what_is_asked_wrongly(api: Api, factory: Factory, ann: Person) -> None:
    models = [await a_model(factory, ann) for _ in range(2)]
    two = await over(factory, ann, *models)
    assert await refused(api, ann, "Evaluation", two.id) == [("REQUIRED", ["key"])]
    named = await looked(api, ann, "Evaluation", two.id, 'key: "model-2"')
    assert named["performanceAnalysis"]["key"] == "model-2"
    one = await over(factory, ann, models[0])
    for arguments, problem in {
        'key: "model-9"': ("UNKNOWN", ["key"]),
        f'key: "{"x" * 300}"': ("UNKNOWN", ["key"]),
        'benchmark: "gold"': ("UNKNOWN", ["benchmark"]),
        'benchmark: "\\u0000"': ("UNKNOWN", ["benchmark"]),
        "points: 2": ("OUT_OF_RANGE", ["points"]),
        "points: 5001": ("OUT_OF_RANGE", ["points"]),
        'from: "2020-02-01", to: "2020-02-01"': ("INVALID", ["to"]),
    }.items():
        assert await refused(api, ann, "Evaluation", one.id, arguments) == [problem], arguments


async def test_an_evaluation_without_an_account_says_so(api: Api, factory: Factory, ann: Person) -> None:
    evaluation = await over(factory, ann, await a_model(factory, ann))
    async with factory.works() as work:
        await work.blobs.release(KIND, evaluation.id)
    assert await refused(api, ann, "Evaluation", evaluation.id) == [("WRONG_STATE", ["id"])]


async def test_the_account_of_a_training_is_taken_home_as_its_other_files(
    api: Api, factory: Factory, ann: Person
) -> None:
    model = await a_model(factory, ann)
    wish = {"id": encode("Model", model.id), "part": "SERIES"}
    none = await api.do("requestModelDownload", ann, wish, "link { url } errors { code }")
    assert none == {"link": None, "errors": [{"code": "WRONG_STATE"}]}
    await a_kept_account(factory, model)
    link = (await api.do("requestModelDownload", ann, wish, "link { url } errors { code }"))["link"]
    fetched = await api.client.get(link["url"])
    assert (fetched.status_code, fetched.content[:4]) == (200, b"PAR1")
