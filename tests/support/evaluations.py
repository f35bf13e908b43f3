"""Evaluations without the work that they take."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl

from app.factory import Factory
from domain.analysis.execution import Shortfall
from domain.analysis.walk import Walked
from domain.blobs import Content, Owner, content_of_file
from domain.datasets.model import Dataset, Papers
from domain.datasets.model import Part as DatasetPart
from domain.datasets.states import part_of
from domain.evaluations.model import KIND, Evaluation, EvaluationKind, Part, SeriesName, trades_part
from domain.ids import new_id
from domain.jobs.status import JobKind, JobStatus
from domain.models.model import KIND as MODEL
from domain.models.model import Model
from domain.models.model import Part as ModelPart
from graph.evaluations.figures import Performance, Risk, StressOutcome
from tests.support.clock import NOON
from tests.support.jobs import job_row
from tests.support.people import Person
from tests.support.trainings import a_dataset_of, a_model

_PERFORMANCE = dict.fromkeys(field.name for field in dataclasses.fields(Performance))
_RISK = dict.fromkeys(field.name for field in dataclasses.fields(Risk))
_DAY = "2020-01-02T00:00:00+00:00"
FIGURES = {"total_return": 0.1, "sharpe": 1.5}
RESULT = {"bars": 3, "first": "2020-01-01T00:00:00+00:00", "last": "2020-01-03T00:00:00+00:00", "symbols": ["AAA"]}


ENTRY: dict[str, Any] = {
    "key": "model-1",
    "name": "Agent",
    "performance": _PERFORMANCE | FIGURES,
    "risk": _RISK | {"max_drawdown": -0.1},
    "monthly": [{"year": 2020, "month": 1, "value": 0.1}],
    "yearly": [{"year": 2020, "value": 0.1}],
    "drawdowns": [{"depth": -0.1, "peak": _DAY, "trough": _DAY, "recovery": None}],
    "warnings": ["suspicious"],
}
_DIFFERENCE = {"first": "model-1", "second": "flat", "value": 0.1, "low": 0.0, "high": 0.2, "p": 0.1}
_FOLD: dict[str, Any] = {
    "from": _DAY,
    "to": _DAY,
    "bars": 2,
    "trained_from": _DAY,
    "trained_to": _DAY,
    "best_score": 0.5,
    "valid": {"total_return": 0.1, "annual_return": None, "sharpe": 0.5},
    "entries": [{"key": "model-1", "total_return": 0.1, "sharpe": None}],
}
_WALK = dict.fromkeys(field.name for field in dataclasses.fields(Walked)) | {"beat_buy_and_hold": 1.0, "beat_all": 0.5}
_SHORTFALL = dict.fromkeys((field.name for field in dataclasses.fields(Shortfall)), 1.5)
_OUTCOME = dict.fromkeys(field.name for field in dataclasses.fields(StressOutcome))
WHOLE: dict[str, Any] = RESULT | {
    "entries": [ENTRY],
    "comparison": {
        "ranking": ["model-1", "flat"],
        "winner": None,
        "differences": [_DIFFERENCE | {"corrected_p": 0.1, "real": False}],
    },
    "regimes": [{"regime": "RISING_CALM", "from": _DAY, "to": _DAY}],
    "by_regime": [
        {
            "regime": "RISING_CALM",
            "bars": 1,
            "entries": [{"key": "model-1", "total_return": 0.1, "sharpe": None}],
        }
    ],
    "scenarios": [
        {
            "scenario": "crash",
            "strength": 0.3,
            "entries": [{"key": "model-1", "worst": 0.1, "median": 0.1, "best": 0.1, "outcomes": [_OUTCOME]}],
        }
    ],
    "execution": {
        "orders": 2,
        "side": "sell",
        "quantity": 1.0,
        "horizon": 10,
        "entries": [{"key": "model-1", "name": "Agent", **_SHORTFALL}],
        "comparison": {
            "ranking": ["model-1", "twap"],
            "winner": None,
            "differences": [_DIFFERENCE | {"corrected_p": 0.1, "real": False}],
        },
    },
    "folds": [_FOLD],
    "walk": _WALK,
}
"""With something in each list."""
_AT = {"time": [NOON], "symbol": ["model-1"]}
FILES: dict[str, dict[str, list[Any]]] = {
    Part.SERIES.value: _AT | {each.value: [1.0] for each in SeriesName},
    Part.POSITIONS.value: _AT | {"position.AAA": [0.5]},
    trades_part("model-1"): {
        "time": [NOON],
        "symbol": ["AAA"],
        "side": ["buy"],
        "quantity": [1.0],
        "price": [10.0],
        "profit": [None],
    },
    Part.PRICES.value: {"time": [NOON], "symbol": ["AAA"], "price": [10.0]},
}


def an_account(*keys: str, days: int = 90) -> dict[str, list[Any]]:
    """The account of each key, day by day: the first one rises with a fall in between, each other one half as fast."""
    times = [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(days)]
    growth = [1.0 + (0.01 if day % 3 else -0.005) for day in range(days)]
    columns: dict[str, list[Any]] = {name: [] for name in ("time", "symbol", "split", "equity", "exposure")}
    for place, key in enumerate(keys):
        worth = [100.0 * prod(1.0 + (one - 1.0) / 2**place for one in growth[1 : day + 1]) for day in range(days)]
        rows = {"time": times, "symbol": [key] * days, "split": ["test"] * days, "equity": worth}
        for name, values in (rows | {"exposure": [0.5] * days}).items():
            columns[name] += values
    return columns


async def a_kept_account(factory: Factory, model: Model, **more: Any) -> None:
    """As its training keeps it."""
    content = await kept(factory, parquet(an_account("model", "buy_and_hold", **more)))
    async with factory.works() as work:
        await work.blobs.use(Owner(MODEL, model.id, ModelPart.SERIES.value), content)


def parquet(columns: dict[str, list[Any]]) -> bytes:
    file = BytesIO()
    pl.DataFrame(columns).write_parquet(file)
    return file.getvalue()


async def an_evaluation(factory: Factory, owner: Person, *models: Model, **values: Any) -> Evaluation:
    """One that is over, with files; `told` is what more its result has."""
    more = values.pop("told", {})
    about = {"dataset_id": values.pop("dataset_id", None), "strategy_id": values.pop("strategy_id", None)}
    job = await job_row(factory.works, owner, kind=JobKind.EVALUATION, status=JobStatus.COMPLETED, **about)
    told = [{"id": str(model.id), "key": f"model-{place + 1}"} for place, model in enumerate(models)]
    usual: dict[str, Any] = {
        "kind": EvaluationKind.BACKTEST,
        "name": "Backtest",
        "parameters": {"models": told},
        "result": None,
        "finished_at": None,
        "created_at": NOON,
        "updated_at": NOON,
    }
    evaluation = Evaluation(id=new_id(), owner_id=owner.user.id, job_id=job.id, **about, **usual | values)
    files = {part: await kept(factory, parquet(columns)) for part, columns in FILES.items()}
    async with factory.works() as work:
        await work.evaluations.add(evaluation, [model.id for model in models])
        entries = [ENTRY | {"key": one["key"]} for one in told]
        await work.evaluations.finish(
            evaluation.id, RESULT | {"entries": entries} | more, [FIGURES] * len(models), NOON
        )
        for part, content in files.items():
            await work.blobs.use(Owner(KIND, evaluation.id, part), content)
    return evaluation


async def a_judged_model(factory: Factory, owner: Person, folder: Path, **values: Any) -> tuple[Model, Dataset]:
    """A model with the files of a training in this folder, and its dataset."""
    dataset = await a_dataset_of(factory, owner, "PLANTED")
    model = await a_model(factory, owner, dataset_id=dataset.id, **values)
    data = await kept_file(factory, folder / "data.parquet")
    files = {
        ModelPart.WEIGHTS: await kept_file(factory, folder / "model.safetensors"),
        ModelPart.CARD: await kept_file(factory, folder / "card.json"),
    }
    async with factory.works() as work:
        await work.blobs.use(part_of(dataset, DatasetPart.CANONICAL), data)
        await work.datasets.save_papers(Papers(dataset.id))
        for part, content in files.items():
            await work.blobs.use(Owner(MODEL, model.id, part.value), content)
    return model, dataset


async def kept(factory: Factory, data: bytes) -> Content:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(data)
    return await _taken(factory, Path(file.name))


async def kept_file(factory: Factory, path: Path) -> Content:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        shutil.copy(path, file.name)
    return await _taken(factory, Path(file.name))


async def _taken(factory: Factory, path: Path) -> Content:
    content = content_of_file(path)
    await factory.transfers.blobs.keep(path, content)
    return content


def files_of(id: UUID) -> list[Owner]:
    return [Owner(KIND, id, part) for part in (Part.SERIES.value, Part.POSITIONS.value, trades_part("model-1"))]
