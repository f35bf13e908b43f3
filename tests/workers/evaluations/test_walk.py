"""Walk-forward with agents that are really trained: as the engine trains, on the past alone, the same to the byte."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from domain.datasets.columns import SPLIT, SYMBOL, TIME
from tests.workers.engines.embedded.engine_child import request
from tests.workers.engines.embedded.trading_markets import written
from tests.workers.evaluations.trained import a_manager, a_quick_trader, a_trader_beside, asked, card_of, evaluated
from workers.engines.embedded import request as training
from workers.engines.embedded.predict import load
from workers.engines.embedded.run import run
from workers.engines.embedded.shapes import BadInput
from workers.engines.embedded.voice import Voice
from workers.evaluations.windows import Window, bars_needed, windows

WALK = {"folds": 3, "anchored": False, "epochs": 10}
FIRST = 22
"""Places before the first decision: 20 to warm up, and a lookback of 3."""


@pytest.fixture(scope="module")
def trader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_quick_trader(tmp_path_factory.mktemp("trader"))


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_manager(tmp_path_factory.mktemp("manager"))


def wanted(of: Path, out: Path, **more: Any) -> dict[str, Any]:
    return asked(of, out, **{"split": None, "walk": WALK} | more)


def numbered(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in said if "n" in line]


def test_windows_roll_on_or_grow() -> None:
    assert windows(100, 1_000, 4, 5, anchored=False) == [
        Window(100, 600, 725),
        Window(225, 725, 850),
        Window(350, 850, 975),
        Window(475, 975, 1_100),
    ]
    assert [window.start for window in windows(100, 1_000, 4, 5, anchored=True)] == [100] * 4
    assert windows(100, 1_000, 4, 5, anchored=False)[1].splits(5) == {
        "train": range(225, 595),
        "valid": range(600, 720),
        "test": range(725, 850),
    }


@pytest.mark.parametrize(("folds", "gap"), [(2, 1), (5, 3), (20, 60), (7, 500)])
def test_too_few_bars_are_told(folds: int, gap: int) -> None:
    needed = bars_needed(folds, gap)
    for count in range(needed, needed + 2 * folds):
        for window in windows(0, count, folds, gap, anchored=False):
            window.splits(gap)
    with pytest.raises(BadInput) as few:
        windows(0, needed - 1, folds, gap, anchored=False)
    assert few.value.code == "TOO_FEW_ROWS"
    assert f"at least {needed:,} bars" in few.value.message


def test_what_comes_of_it(trader: Path, tmp_path: Path) -> None:
    result, said = evaluated(wanted(trader, tmp_path))
    assert [each["key"] for each in result["entries"]] == ["model-1", "buy_and_hold", "equal_weight", "random", "flat"]
    folds = result["folds"]
    assert [each["bars"] for each in folds] == [79, 79, 79]
    assert result["bars"] == 3 * 79
    assert (result["first"], result["last"]) == (folds[0]["from"], folds[-1]["to"])
    times = pl.read_parquet(trader / "data.parquet").get_column(TIME)
    assert folds[0]["trained_from"][:10] == str(times[FIRST])[:10]
    assert folds[-1]["to"][:10] == str(times[-1])[:10]
    assert all(each["trained_from"] < each["trained_to"] < each["from"] < each["to"] for each in folds)
    for place, entry in enumerate(result["entries"]):
        earned = [fold["entries"][place]["total_return"] for fold in folds]
        assert np.prod(np.add(earned, 1)) - 1 == pytest.approx(entry["performance"]["total_return"], abs=1e-12)
    assert result["walk"]["annual_return"] == pytest.approx(result["entries"][0]["performance"]["annual_return"])
    assert result["walk"]["beat_all"] <= result["walk"]["beat_buy_and_hold"]
    assert result["entries"][0]["warnings"] == []
    assert result["entries"][0]["look"]["places"] == 3
    shares = [line["progress"]["share"] for line in said if "progress" in line]
    assert shares == sorted(shares)
    text = [line["log"]["message"] for line in said if "log" in line]
    assert text[0].startswith(
        "dqn for algorithmic trading is trained anew on 3 windows that roll on, 10 epochs each, from"
    )
    assert sum(line.startswith("Fold 2 of 3: learns from 177 bars") for line in text) == 1
    assert any(line.startswith("So this way of training") for line in text)


@pytest.mark.parametrize("anchored", [True, False])
def test_each_agent_is_the_one_that_the_engine_would_train(trader: Path, tmp_path: Path, *, anchored: bool) -> None:
    """On data that ends with the test, split by a column as the window is; with the costs and the seed of the wish."""
    costs = {"transaction_cost": 0.003, "slippage": 0.001}
    result, _ = evaluated(wanted(trader, tmp_path / "walk", walk=WALK | {"anchored": anchored}, setup=costs, seed=4))
    frame = pl.read_parquet(trader / "data.parquet")
    window = windows(FIRST, frame.height - FIRST, 3, 3, anchored=anchored)[1]
    own = tmp_path / "own"
    own.mkdir()
    config = card_of(trader)["config"] | costs | {"epochs": 10}
    asked_for = request(_split(frame, window, own), own, config=config, seeds=[5])
    trained = run(training.Request.of(asked_for), Voice(io.StringIO()))
    fold = result["folds"][1]
    assert fold["best_score"] == trained["best_score"]
    assert fold["valid"]["total_return"] == trained["measures"]["valid"]["total_return"]
    since = frame.get_column(TIME)[window.stop]
    held = load(own).positions(frame.head(window.end).drop(SPLIT, strict=False), since)
    shown = pl.read_parquet(tmp_path / "walk" / "positions.parquet").filter(
        pl.col(TIME).is_between(since, frame.get_column(TIME)[window.end - 1])
    )
    assert shown.get_column("position.PLANTED").to_list() == held.get_column("PLANTED").to_list()
    assert held.get_column("PLANTED").n_unique() > 1


def _split(frame: pl.DataFrame, window: Window, folder: Path) -> Path:
    part = np.full(frame.height, None, dtype=object)
    for name, places in window.splits(3).items():
        part[places.start : places.stop] = name
    named = frame.drop(SPLIT, strict=False).with_columns(pl.Series(SPLIT, part.tolist(), dtype=pl.String))
    return written(folder / "data.parquet", named.head(window.end))


def test_nothing_of_the_future_shows(trader: Path, tmp_path: Path) -> None:
    """What happens after the test of a window changes nothing of it."""
    calm, _ = evaluated(wanted(trader, tmp_path / "calm"))
    frame = pl.read_parquet(trader / "data.parquet")
    window = windows(FIRST, frame.height - FIRST, 3, 3, anchored=False)[1]
    wild = tmp_path / "wild"
    wild.mkdir()
    others = [name for name, kind in frame.schema.items() if kind.is_float()]
    later = pl.int_range(pl.len()) >= window.end
    changed = frame.with_columns(pl.when(later).then(pl.col(others) * 3.0).otherwise(pl.col(others)))
    data = written(wild / "data.parquet", changed)
    found, _ = evaluated(wanted(trader, wild, data=str(data)))
    for before, after in zip(calm["folds"][:2], found["folds"][:2], strict=True):
        assert {name: after[name] for name in ("best_score", "valid")} == {
            name: before[name] for name in ("best_score", "valid")
        }
    last = frame.get_column(TIME)[window.end - 1]
    one, other = (
        pl.read_parquet(tmp_path / name / "positions.parquet").filter(pl.col(TIME) <= last) for name in ("calm", "wild")
    )
    assert one.equals(other)
    assert one.get_column("position.PLANTED").n_unique() == 3


def test_the_same_again_gives_the_same_bytes_and_another_seed_others(trader: Path, tmp_path: Path) -> None:
    one, said = evaluated(wanted(trader, tmp_path / "one"))
    same, again = evaluated(wanted(trader, tmp_path / "same"))
    assert json.dumps(one) == json.dumps(same)
    assert numbered(said) == numbered(again)
    for name in one["files"].values():
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "same" / name).read_bytes()
    other, _ = evaluated(wanted(trader, tmp_path / "other", seed=1))
    assert other["folds"] != one["folds"]


@pytest.mark.parametrize("done", [1, 3])
def test_it_goes_on_after_the_windows_that_are_done(trader: Path, tmp_path: Path, done: int) -> None:
    whole, said = evaluated(wanted(trader, tmp_path / "whole"))
    (tmp_path / "broken").mkdir()
    kept = _broken_off(wanted(trader, tmp_path / "broken"), done)
    rest, more = evaluated(wanted(trader, tmp_path / "rest", checkpoint=str(kept)))
    assert json.dumps(rest) == json.dumps(whole)
    lines = numbered(said)
    assert numbered(more) == lines[1 + 2 * done :]
    for name in whole["files"].values():
        assert (tmp_path / "rest" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def _broken_off(plain: dict[str, Any], done: int) -> Path:
    """What it kept when so many windows were done."""

    class Off(Exception):
        pass

    class Pipe(io.StringIO):
        kept: Path | None = None
        count = 0

        def write(self, text: str) -> int:
            if "checkpoint" in (line := json.loads(text)):
                self.count += 1
                self.kept = Path(line["checkpoint"]["path"])
                if self.count == done:
                    raise Off
            return len(text)

    from workers.evaluations.run import evaluate_plain  # noqa: PLC0415

    pipe = Pipe()
    with pytest.raises(Off):
        evaluate_plain(plain, Voice(pipe))
    assert pipe.kept is not None
    return pipe.kept


def test_what_belongs_to_another_one_is_refused(trader: Path, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    kept = _broken_off(wanted(trader, tmp_path / "broken"), 1)
    with pytest.raises(BadInput) as other:
        evaluated(wanted(trader, tmp_path / "rest", checkpoint=str(kept), seed=1))
    assert other.value.code == "OTHER_CHECKPOINT"


def test_a_portfolio_that_others_join_later(manager: Path, tmp_path: Path) -> None:
    """An agent knows those that were there when its test began."""
    frame = pl.read_parquet(manager / "data.parquet")
    times = frame.get_column(TIME).unique().sort()
    count = len(times) - FIRST
    second = windows(FIRST, count, 3, 3, anchored=False)[1]
    # Within the first test, and even at times of its own.
    begin = times[second.stop - 20]
    late = frame.filter((pl.col(SYMBOL) == "S2") & (pl.col(TIME) >= begin)).with_columns(pl.lit("S3").alias(SYMBOL))
    joined = pl.concat([frame, late.cast({SYMBOL: frame.schema[SYMBOL]})]).sort(SYMBOL, TIME)
    folder = tmp_path / "data"
    folder.mkdir()
    data = written(folder / "data.parquet", joined)
    result, _ = evaluated(wanted(manager, tmp_path / "walk", data=str(data)))
    assert result["symbols"] == ["S0", "S1", "S2", "S3"]
    held = pl.read_parquet(tmp_path / "walk" / "positions.parquet")
    before = held.filter(pl.col(TIME) < times[second.stop]).get_column("position.S3")
    after = held.filter(pl.col(TIME) >= times[second.stop]).get_column("position.S3")
    assert before.to_list() == [0.0] * len(before)
    assert after.abs().sum() > 0
    assert held.get_column("position.S0").abs().sum() > 0


def test_the_account_pays_at_the_seams(trader: Path, tmp_path: Path) -> None:
    """Counted once more by hand, from what is held and the prices: one account, that never begins anew."""
    costs = {"transaction_cost": 0.002, "slippage": 0.001}
    result, _ = evaluated(wanted(trader, tmp_path, setup=costs))
    held = pl.read_parquet(tmp_path / "positions.parquet").sort(TIME)
    closes = held.join(pl.read_parquet(trader / "data.parquet"), on=TIME, how="left").get_column("close").to_list()
    wants = held.get_column("position.PLANTED").to_list()
    worth, drifted, shown = 100_000.0, 0.0, [100_000.0]
    for want, now, later in zip(wants, closes, closes[1:], strict=False):
        move = later / now - 1
        worth *= 1 + want * move - 0.003 * abs(want - drifted)
        drifted = want * (1 + move) / (1 + want * move)
        shown.append(worth)
    series = pl.read_parquet(tmp_path / "series.parquet").filter(pl.col(SYMBOL) == "model-1")
    assert series.get_column("equity").to_list() == pytest.approx(shown, rel=1e-12)
    assert len(set(wants)) == 3
    assert result["entries"][0]["performance"]["final_equity"] == pytest.approx(worth)


def test_the_symbol_of_the_model_is_traded_where_none_is_named(manager: Path, tmp_path: Path) -> None:
    (tmp_path / "trader").mkdir()
    trader = a_trader_beside(manager, tmp_path / "trader")
    own, _ = evaluated(wanted(trader, tmp_path / "own"))
    named, _ = evaluated(wanted(trader, tmp_path / "named", symbol="S1"))
    other, _ = evaluated(wanted(trader, tmp_path / "other", symbol="S2"))
    assert (own["symbols"], other["symbols"]) == (["S1"], ["S2"])
    assert own["folds"] == named["folds"] != other["folds"]


def test_a_period_and_one_that_is_too_short(trader: Path, tmp_path: Path) -> None:
    result, _ = evaluated(wanted(trader, tmp_path / "in", since="2020-06-01T00:00:00+00:00"))
    assert result["folds"][0]["trained_from"][:10] == "2020-06-01"
    short = wanted(trader, tmp_path / "out", since="2021-06-01T00:00:00+00:00")
    with pytest.raises(BadInput) as few:
        evaluated(short)
    assert few.value.code == "TOO_FEW_ROWS"
    assert f"at least {bars_needed(3, 3)} bars" in few.value.message
