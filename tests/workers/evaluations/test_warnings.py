"""A strategy that knows the next bar is caught, and whoever reads its figures is told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from app.factory import Factory
from domain.datasets.columns import TIME
from domain.evaluations.model import EvaluationKind
from domain.evaluations.wish import EvaluationWish
from graph.ids import encode
from tests.support.api import Api
from tests.support.datasets import jobs_done
from tests.support.evaluations import a_judged_model
from tests.support.people import a_person
from tests.workers.engines.embedded.trading_markets import made
from tests.workers.evaluations.trained import (
    a_manager,
    a_trader,
    a_trader_beside,
    a_trader_on,
    a_worker,
    asked,
    card_of,
    evaluated,
)
from workers.engines.embedded.predict import Predictor, load
from workers.evaluations import run

SUSPECTED = "would earn so much less one bar later"
QUICK: dict[str, Any] = {"epochs": 20, "lookback": 1, "allow_short": True, "transaction_cost": 0.0, "slippage": 0.0}


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """There is nothing to learn but from a column that tells the next return."""
    frame = made("noise", rows=1_200, features=0)
    tip = (pl.col("close").shift(-1) / pl.col("close") - 1).fill_null(0.0).alias("tip")
    return a_trader_on(tmp_path_factory.mktemp("leaky"), frame.with_columns(tip), **QUICK)


def warned(said: list[dict[str, Any]]) -> list[str]:
    return [line["log"]["message"] for line in said if "log" in line and line["log"]["level"] == "warning"]


def test_a_column_that_tells_the_next_return(leaky: Path, tmp_path: Path) -> None:
    result, said = evaluated(asked(leaky, tmp_path))
    assert result["entries"][0]["performance"]["sharpe"] > 8
    assert [entry["warnings"] for entry in result["entries"]] == [["suspicious"], [], [], [], []]
    assert [SUSPECTED in line for line in warned(said)] == [True]


def test_a_walk_forward_is_suspected_as_well(leaky: Path, tmp_path: Path) -> None:
    walk = {"folds": 2, "anchored": True, "epochs": None}
    result, said = evaluated(asked(leaky, tmp_path, split=None, walk=walk))
    assert result["walk"]["beat_all"] == 1.0
    assert result["entries"][0]["warnings"] == ["suspicious"]
    assert any(SUSPECTED in line for line in warned(said))


def test_an_honest_one_is_not(tmp_path: Path) -> None:
    result, said = evaluated(asked(a_trader(tmp_path), tmp_path, split="train"))
    assert result["entries"][0]["performance"]["trades"] > 0
    assert result["entries"][0]["warnings"] == ["trained_on"]
    assert [SUSPECTED in line for line in warned(said)] == [False]


@pytest.fixture(scope="module")
def trader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_trader(tmp_path_factory.mktemp("trader"))


def bars_of(trader: Path, split: str) -> dict[str, Any]:
    told: dict[str, Any] = card_of(trader)["market"]["splits"][split]
    return told


PERIODS = {
    "all of it": ("train", "test", None, "trained on 372 of these 477 bars, or chosen by them"),
    "train": ("train", "train", "train", "trained on 275 of these 275 bars, or chosen by them"),
    "valid": ("valid", "valid", "valid", "trained on 97 of these 97 bars, or chosen by them"),
    "test": ("test", "test", "test", None),
    "a period inside test": ("test", "test", None, None),
}


@pytest.mark.parametrize("case", PERIODS)
def test_who_was_trained_on_what_it_is_judged_on(trader: Path, tmp_path: Path, case: str) -> None:
    first, last, split, words = PERIODS[case]
    period = {} if split else {"since": bars_of(trader, first)["first"], "until": bars_of(trader, last)["last"]}
    result, said = evaluated(asked(trader, tmp_path, split=split, **period))
    assert [entry["warnings"] for entry in result["entries"]] == [["trained_on"] if words else [], [], [], [], []]
    assert [words in line for line in warned(said) if words] == ([True] if words else [])
    assert len(warned(said)) == (1 if words else 0)


def test_other_data_and_other_symbols_were_not_trained_on(tmp_path: Path, trader: Path) -> None:
    (tmp_path / "several").mkdir()
    (tmp_path / "one").mkdir()
    of_one = a_trader_beside(a_manager(tmp_path / "several"), tmp_path / "one", symbol="S1")
    for asked_for, expected in (
        (asked(trader, tmp_path / "other", split=None, data_sha256="cd" * 32), []),
        (asked(of_one, tmp_path / "its", split=None, symbol="S1"), ["trained_on"]),
        (asked(of_one, tmp_path / "another", split=None, symbol="S0"), []),
    ):
        result, _ = evaluated(asked_for)
        assert result["entries"][0]["warnings"] == expected


def test_in_a_walk_forward_nobody_acts_on_what_he_was_trained_on(trader: Path, tmp_path: Path) -> None:
    walk = {"folds": 2, "anchored": True, "epochs": 1}
    result, _ = evaluated(asked(trader, tmp_path, split=None, walk=walk))
    assert result["entries"][0]["warnings"] == []


def test_who_works_off_orders_is_warned_of_as_well(tmp_path: Path) -> None:
    result, said = evaluated(asked(a_worker(tmp_path), tmp_path, split="train"))
    assert result["entries"][0]["warnings"] == ["trained_on"]
    assert any("or chosen by them" in line for line in warned(said))


def test_decisions_that_change_when_the_future_is_cut_off(
    leaky: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Peeking(Predictor):
        """Holds the more, the later the last bar is that it sees."""

        def positions(self, history: pl.DataFrame, since: datetime | None = None) -> pl.DataFrame:
            held = super().positions(history, since)
            return held.with_columns(pl.col(held.columns[1:]) + history.get_column(TIME).n_unique() / 1_000)

    monkeypatch.setattr(run, "load", lambda folder: Peeking(load(folder)._model))
    result, said = evaluated(asked(leaky, tmp_path))
    assert result["entries"][0]["warnings"] == ["looks_ahead", "suspicious"]
    assert result["entries"][0]["look"]["leak"] is not None
    assert "Do not trust any figure of it." in warned(said)[0]


async def test_whoever_reads_the_evaluation_is_told(api: Api, factory: Factory, leaky: Path) -> None:
    ann = await a_person(factory, "ann")
    model, _ = await a_judged_model(factory, ann, leaky)
    wish = EvaluationWish(kind=EvaluationKind.BACKTEST, model_ids=(model.id,))
    started = await factory.use.evaluations.service.start(ann.viewer, wish)
    await jobs_done(factory)
    document = """query($id: ID!) { node(id: $id) { ... on Evaluation {
      entries { key warnings } job { status logs(last: 20) { nodes { level message } } } } } }"""
    found = (await api.data(document, ann, id=encode("Evaluation", started.id)))["node"]
    assert found["job"]["status"] == "COMPLETED"
    assert {each["key"]: each["warnings"] for each in found["entries"]} == {
        "model-1": ["SUSPICIOUS"],
        "buy_and_hold": [],
        "equal_weight": [],
        "random": [],
        "flat": [],
    }
    told = [line["message"] for line in found["job"]["logs"]["nodes"] if line["level"] == "WARNING"]
    assert [SUSPECTED in line for line in told] == [True]
