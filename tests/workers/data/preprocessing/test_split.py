from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from domain.datasets.columns import SPLIT, TIME
from domain.datasets.recipes import Manifest
from domain.errors import Refused
from tests.workers.data.markets import a_frame, applied, bars, days, done, values, worked

SPLIT_STEP: dict[str, Any] = {"kind": "split", "train": 0.6, "valid": 0.2}


def counts(frame: pl.DataFrame) -> dict[str, int]:
    return dict(frame.get_column(SPLIT).value_counts().iter_rows())


def refused(frame: pl.DataFrame, *steps: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        done(frame, *steps)
    (problem,) = caught.value.problems
    return problem.code.value, ".".join(problem.field)


def line(rows: int = 100) -> pl.DataFrame:
    return a_frame(close=[float(place) for place in range(1, rows + 1)])


def test_parts_follow_each_other_in_time() -> None:
    frame = done(line(), SPLIT_STEP)
    assert values(frame, SPLIT) == ["train"] * 60 + ["valid"] * 20 + ["test"] * 20


def test_a_time_is_in_one_part_for_all_symbols() -> None:
    late = a_frame("BBB", times=days(100)[50:], close=[1.0] * 50)
    frame = done(pl.concat([line(), late]), SPLIT_STEP)
    per_time = frame.group_by(TIME).agg(pl.col(SPLIT).n_unique())
    assert per_time.get_column(SPLIT).max() == 1
    assert counts(frame) == {"train": 70, "valid": 40, "test": 40}


def test_dates_are_where_parts_begin() -> None:
    step = {"kind": "split", "by": "dates", "valid_from": "2024-02-01", "test_from": "2024-03-01"}
    assert counts(done(line(), step)) == {"train": 31, "valid": 29, "test": 40}


@pytest.mark.parametrize(("purge", "unit"), [(5, "rows"), (5, "days"), (5 * 24, "hours"), (5 * 24 * 60, "minutes")])
def test_a_purge_gap_is_taken_from_the_end_of_train_and_valid(purge: int, unit: str) -> None:
    work = worked(line(), SPLIT_STEP | {"purge": purge, "purge_unit": unit})
    assert counts(work.frame) == {"train": 55, "valid": 15, "test": 20}
    closes = values(work.frame, "close")
    assert closes == [*range(1, 56), *range(61, 76), *range(81, 101)]
    assert [(change.what, change.count) for change in work.changes] == [("purged", 10)]


def test_a_label_never_reaches_into_another_part_even_without_a_gap() -> None:
    frame = done(line(), {"kind": "label", "horizon": 3}, SPLIT_STEP)
    empty = [place for place, label in enumerate(values(frame, "label_return_3")) if label is None]
    assert empty == [57, 58, 59, 77, 78, 79, 97, 98, 99]


def test_a_renamed_label_is_watched_as_well() -> None:
    renamed = {"kind": "rename", "names": {"label_return_3": "label_next"}}
    frame = done(line(), {"kind": "label", "horizon": 3}, renamed, SPLIT_STEP)
    assert values(frame, "label_next").count(None) == 9


def test_with_a_gap_as_long_as_the_horizon_no_label_is_lost() -> None:
    frame = done(line(), {"kind": "label", "horizon": 3}, SPLIT_STEP | {"purge": 3})
    assert frame.filter(pl.col(SPLIT) != "test").get_column("label_return_3").null_count() == 0


def test_rows_without_enough_past_leave_before_the_cut_and_are_never_filled() -> None:
    work = worked(line(), {"kind": "sma", "window": 21}, SPLIT_STEP)
    assert counts(work.frame) == {"train": 48, "valid": 16, "test": 16}
    assert values(work.frame, "close")[0] == 21.0
    assert [(change.what, change.count) for change in work.changes] == [("warm_up", 20)]


def test_or_they_stay_empty() -> None:
    frame = done(line(), {"kind": "sma", "window": 21}, SPLIT_STEP | {"warm_up": "keep"})
    assert values(frame, "sma_21")[:21] == [None] * 20 + [11.0]


def test_a_hole_later_on_does_not_cost_a_row() -> None:
    frame = line().with_columns(mood=pl.when(pl.col("close") != 50.0).then(1.0))
    assert done(frame, SPLIT_STEP).height == 100


def test_a_feature_that_is_always_empty_is_refused_by_name_of_the_step() -> None:
    frame = line().with_columns(mood=pl.lit(None, pl.Float64))
    assert refused(frame, SPLIT_STEP) == ("INVALID", "steps.0.kind")


@pytest.mark.parametrize(
    "step",
    [
        {"kind": "split", "by": "dates", "valid_from": "2030-01-01", "test_from": "2031-01-01"},
        {"kind": "split", "by": "dates", "valid_from": "2024-02-01", "test_from": "2031-01-01"},
        {"kind": "split", "by": "dates", "valid_from": "2000-02-01", "test_from": "2024-02-01"},
        SPLIT_STEP | {"purge": 60},
        SPLIT_STEP | {"purge": 30},
        SPLIT_STEP | {"purge": 1_000, "purge_unit": "days"},
    ],
)
def test_no_part_may_be_empty(step: dict[str, Any]) -> None:
    assert refused(line(), step) == ("INVALID", "steps.0.kind")


def test_two_rows_cannot_be_three_parts() -> None:
    assert refused(line(2), SPLIT_STEP) == ("INVALID", "steps.0.kind")


SCALED = [{"kind": "split", "train": 0.6, "valid": 0.2}]


@pytest.mark.parametrize(
    ("method", "center", "scale"),
    [("zscore", 29.5, np.arange(60).std()), ("minmax", 0.0, 59.0), ("robust", 29.5, 29.5)],
)
def test_the_scale_is_that_of_the_training_part_alone(tmp_path: Path, method: str, center: float, scale: float) -> None:
    frame = line().with_columns(mood=pl.col("close") - 1)
    scaled, manifest = applied(tmp_path, frame, *SCALED, {"kind": "normalise", "method": method})
    assert values(scaled, "mood") == pytest.approx((np.arange(100) - center) / scale)
    (kept,) = manifest.scales
    assert (kept.column, kept.symbol, kept.method) == ("mood", "AAA", method)
    assert (kept.center, kept.scale) == (pytest.approx(center), pytest.approx(scale))


def two_symbols() -> pl.DataFrame:
    return pl.concat([line().with_columns(mood=pl.col("close")), a_frame("BBB", close=[1.0] * 100, mood=[5.0] * 100)])


def test_each_symbol_has_a_scale_of_its_own_or_all_share_one(tmp_path: Path) -> None:
    own, manifest = applied(tmp_path, two_symbols(), *SCALED, {"kind": "normalise"})
    assert [(kept.symbol, kept.scale) for kept in manifest.scales] == [
        ("AAA", pytest.approx(17.3181, rel=1e-5)),
        ("BBB", 1.0),
    ]
    assert set(values(own, "mood", "BBB")) == {0.0}
    _, shared = applied(tmp_path, two_symbols(), *SCALED, {"kind": "normalise", "per_symbol": False})
    assert [(kept.symbol, kept.center) for kept in shared.scales] == [(None, pytest.approx((30.5 + 5) / 2))]


def test_a_symbol_that_comes_after_the_training_part_has_no_scale(tmp_path: Path) -> None:
    late = a_frame("BBB", times=days(100)[70:], close=[1.0] * 30, mood=[2.0] * 30)
    market = pl.concat([line().with_columns(mood=pl.col("close")), late])
    with pytest.raises(Refused) as caught:
        applied(tmp_path, market, *SCALED, {"kind": "normalise"})
    assert [problem.field for problem in caught.value.problems] == [("steps", "1", "per_symbol")]
    assert not (tmp_path / "out.parquet").exists()


def test_only_features_are_scaled_unless_a_copy_is_wanted(tmp_path: Path) -> None:
    steps: list[dict[str, Any]] = [
        {"kind": "label"},
        *SCALED,
        {"kind": "normalise"},
        {"kind": "normalise", "columns": ["volume"], "suffix": "_z"},
    ]
    scaled, manifest = applied(tmp_path, bars(), *steps)
    assert {kept.column for kept in manifest.scales} == {"mood", "volume"}
    assert values(scaled, "volume") != values(scaled, "volume_z")


def facts(manifest: Manifest) -> list[tuple[str, int, int]]:
    return [(part.name, part.rows, part.times) for part in manifest.parts]


def test_the_papers_know_the_parts(tmp_path: Path) -> None:
    _, manifest = applied(tmp_path, bars(rows=100), SPLIT_STEP | {"purge": 1})
    assert facts(manifest) == [("train", 118, 59), ("valid", 38, 19), ("test", 40, 20)]
    train, valid, _ = manifest.parts
    assert (valid.first - train.last) == timedelta(days=2)
