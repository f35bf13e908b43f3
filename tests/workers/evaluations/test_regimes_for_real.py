"""Results by regime, from a market whose trends are known to what a client reads, counted once more by hand."""

from __future__ import annotations

import io
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from app.factory import Factory
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.datasets import jobs_done
from tests.support.evaluations import a_judged_model
from tests.support.people import Person, a_person
from tests.workers.engines.embedded.trading_markets import made
from tests.workers.evaluations.trained import a_trader_on

COST, SLIPPAGE = 0.001, 0.0005
READ = """query($id: ID!) { node(id: $id) { ... on Evaluation {
  bars from to regimes { regime from to } byRegime { regime bars entries { key totalReturn sharpe } }
  entries { key performance { totalReturn } } } } }"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trends that are stronger than the noise, each for about 120 days; this seed has as many of both."""
    market = made("regimes", rows=900, seed=4, regime_length=120, trend=2.0, volatility=0.2)
    return a_trader_on(tmp_path_factory.mktemp("regimes"), market, epochs=10)


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def judged(api: Api, factory: Factory, ann: Person, folder: Path) -> tuple[str, JSON]:
    model, _ = await a_judged_model(factory, ann, folder)
    wish = {"kind": "BACKTEST", "modelIds": [encode("Model", model.id)], "from": "2020-01-01"}
    costs = {"transactionCost": COST, "slippage": SLIPPAGE}
    started = await api.do("startEvaluation", ann, wish | costs, "evaluation { id } errors { code }")
    assert started["errors"] == []
    await jobs_done(factory)
    id_: str = started["evaluation"]["id"]
    return id_, (await api.data(READ, ann, id=id_))["node"]


async def positions(api: Api, ann: Person, id: str) -> pl.DataFrame:
    wish = {"id": id, "part": "POSITIONS"}
    payload = await api.do("requestEvaluationDownload", ann, wish, "link { url } errors { code }")
    fetched = await api.client.get(payload["link"]["url"])
    return pl.read_parquet(io.BytesIO(fetched.content))


def gains(held: list[float], prices: list[float]) -> list[float]:
    """From each bar to the next, of an account that brings what the market made of its holding to what it wants."""
    found, drifted = [], 0.0
    for bar, want in enumerate(held[:-1]):
        move = prices[bar + 1] / prices[bar] - 1
        found.append(want * move - (COST + SLIPPAGE) * abs(want - drifted))
        drifted = want * (1 + move) / (1 + want * move)
    return found


async def test_results_by_regime(api: Api, factory: Factory, ann: Person, folder: Path) -> None:
    id_, found = await judged(api, factory, ann, folder)
    table = await positions(api, ann, id_)
    market = pl.read_parquet(folder / "data.parquet").join(table.select("time"), on="time", how="semi").sort("time")
    times, closes = market.get_column("time").to_list(), market.get_column("close").to_list()
    earned = {
        "model-1": gains(table.get_column("position.SYNTH").to_list(), closes),
        "buy_and_hold": gains([1.0] * len(closes), closes),
        "flat": [0.0] * (len(closes) - 1),
    }
    assert (found["bars"], _time(found["from"]), _time(found["to"])) == (len(times), times[0], times[-1])
    assert sum(each["bars"] for each in found["byRegime"]) == len(times) - 1
    assert len(found["byRegime"]) >= 4
    label_of = _labels(found["regimes"], times)
    for each in found["byRegime"]:
        inside = [bar for bar in range(1, len(times)) if label_of[bar] == each["regime"]]
        assert each["bars"] == len(inside)
        shown = {entry["key"]: entry for entry in each["entries"]}
        for key, series in earned.items():
            own = np.array([series[bar - 1] for bar in inside])
            assert shown[key]["totalReturn"] == pytest.approx(math.prod(1 + own) - 1, abs=1e-9)
            assert shown[key]["sharpe"] == _sharpe(own)
    for entry in found["entries"]:
        parts = [
            one["totalReturn"] for each in found["byRegime"] for one in each["entries"] if one["key"] == entry["key"]
        ]
        assert math.prod(1 + part for part in parts) - 1 == pytest.approx(entry["performance"]["totalReturn"])
    _as_known(label_of, market.get_column("label_regime").to_list())


def _labels(stretches: list[Any], times: list[datetime]) -> list[str]:
    """Stretches lie one after the other and cover all bars."""
    found = [each["regime"] for time in times for each in stretches if _time(each["from"]) <= time <= _time(each["to"])]
    assert len(found) == len(times)
    return found


def _sharpe(returns: np.ndarray) -> Any:
    deviation = returns.std(ddof=1)
    return pytest.approx(returns.mean() / deviation * math.sqrt(365.25), rel=1e-9) if deviation > 1e-15 else None


def _as_known(labels: list[str], ruling: list[float]) -> None:
    """What was labelled afterwards from prices agrees with what made them, but for a few days."""
    for start, sign in (("RISING", 1.0), ("FALLING", -1.0)):
        told = [rule for label, rule in zip(labels, ruling, strict=True) if label.startswith(start)]
        assert np.mean(np.array(told) == sign) > 0.95


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
