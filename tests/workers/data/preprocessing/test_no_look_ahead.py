"""What comes later may never change what stands in an earlier row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from domain.datasets.columns import SPLIT, SYMBOL, TIME
from domain.datasets.recipes import Group, step_kinds
from tests.workers.data.markets import applied, bars, days, done

ROWS, CUT = 120, 70
NOW = days(ROWS)[CUT]
NUMBERS = pl.selectors.float()

Change = Callable[[pl.DataFrame], pl.DataFrame]


def _later(frame: pl.DataFrame) -> pl.Expr:
    return pl.col(TIME) > NOW


def shuffled(frame: pl.DataFrame) -> pl.DataFrame:
    """The later rows of each symbol in another order, under the old times."""
    before, after = frame.filter(~_later(frame)), frame.filter(_later(frame))
    order = np.random.default_rng(3).permutation(ROWS - CUT - 1)
    mixed = after.with_columns(NUMBERS.gather(pl.Series(order)).over(SYMBOL))
    return pl.concat([before, mixed]).sort(SYMBOL, TIME)


def blown_up(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.when(_later(frame)).then(NUMBERS * 1_000 + 7).otherwise(NUMBERS).name.keep())


def emptied(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.when(~_later(frame)).then(NUMBERS).name.keep())


def cut_off(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(~_later(frame))


CHANGES = [shuffled, blown_up, emptied, cut_off]
STEPS: list[dict[str, Any]] = [
    *({"kind": kind.name} for kind in step_kinds() if kind.group in {Group.FEATURES, Group.INDICATOR}),
    *({"kind": kind.name, "relative": True} for kind in step_kinds() if kind.form.field("relative")),
    {"kind": "adjust"},
    {"kind": "resample", "rule": "1d"},
    {"kind": "outliers", "columns": ["close", "mood"], "threshold": 2},
    {"kind": "outliers", "columns": ["close", "mood"], "threshold": 2, "action": "drop"},
    {"kind": "outliers", "method": "quantile", "lower": 0.2, "upper": 0.8},
    {"kind": "fill_gaps"},
    {"kind": "fill_gaps", "calendar": "always"},
    {"kind": "fill_gaps", "calendar": "shared", "rules": {"mood": "zero", "volume": "drop"}},
]


def a_market() -> pl.DataFrame:
    """With holes, both in values and in rows, before and after now."""
    rng = np.random.default_rng(5)
    frame = bars(rows=ROWS, book=True)
    holes = pl.Series(rng.uniform(size=frame.height) < 0.05)
    gone = pl.Series(rng.uniform(size=frame.height) < 0.05) & (frame[TIME] != NOW)
    return frame.with_columns(pl.when(~holes).then(NUMBERS).name.keep()).filter(~gone)


def _name(step: dict[str, Any]) -> str:
    return "-".join(str(value) for value in step.values())


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("step", STEPS, ids=_name)
def test_no_step_lets_the_future_into_the_past(step: dict[str, Any], change: Change) -> None:
    market = a_market() if change is not shuffled else bars(rows=ROWS, book=True)
    whole, other = done(market, step), done(change(market), step)
    expected, found = (each.filter(pl.col(TIME) <= NOW) for each in (whole, other))
    assert expected.height > CUT
    assert_frame_equal(found, expected, check_exact=True)


def test_a_bar_of_a_week_knows_only_its_own_days() -> None:
    market = bars(rows=ROWS)
    weekly = {"kind": "resample", "rule": "1w"}
    whole, other = done(market, weekly), done(blown_up(market), weekly)
    over = pl.col(TIME) < NOW.replace(day=1)
    assert_frame_equal(other.filter(over), whole.filter(over), check_exact=True)


@pytest.mark.parametrize(
    "leaky",
    [{"kind": "label"}, {"kind": "fill_gaps", "limit": 1, "rules": {"mood": "linear"}}],
    ids=_name,
)
def test_the_test_would_see_a_leak(leaky: dict[str, Any]) -> None:
    market = bars(rows=ROWS).with_columns(mood=pl.when(pl.col(TIME) != NOW).then("mood"))
    past = pl.col(TIME) <= NOW
    assert not done(market, leaky).filter(past).equals(done(blown_up(market), leaky).filter(past))


PIPELINE: list[dict[str, Any]] = [
    {"kind": "fill_gaps"},
    {"kind": "trademaster_features", "windows": [5, 10]},
    {"kind": "rsi"},
    {"kind": "label", "horizon": 3},
    {"kind": "split", "train": 0.5, "valid": 0.25, "purge": 2},
    {"kind": "normalise", "method": "robust"},
]


@pytest.mark.parametrize(("first_changed", "untouched"), [("valid", ["train"]), ("test", ["train", "valid"])])
def test_no_part_knows_a_later_one_not_even_by_its_scale_or_labels(
    tmp_path: Path, first_changed: str, untouched: list[str]
) -> None:
    market = bars(rows=ROWS)
    whole, manifest = applied(tmp_path, market, *PIPELINE)
    begin = next(part.first for part in manifest.parts if part.name == first_changed)
    changed = market.with_columns(pl.when(pl.col(TIME) >= begin).then(NUMBERS * 50 + 3).otherwise(NUMBERS).name.keep())
    other, _ = applied(tmp_path, changed, *PIPELINE)
    kept = pl.col(SPLIT).is_in(untouched)
    assert_frame_equal(other.filter(kept), whole.filter(kept), check_exact=True)


def test_what_looks_ahead_is_said_in_the_papers(tmp_path: Path) -> None:
    _, manifest = applied(tmp_path, bars(), {"kind": "fill_gaps", "rules": {"mood": "linear"}}, {"kind": "label"})
    assert manifest.looks_ahead == ("steps.0.fill_gaps",)
