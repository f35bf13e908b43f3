from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from domain.datasets.columns import SYMBOL, TIME
from domain.datasets.recipes import Group, read_recipe, step_kinds
from domain.errors import Refused
from tests.workers.data.markets import a_frame, applied, bars
from workers.data.frames import sha256_of, write_frame
from workers.data.preprocessing import ENGINE, apply

EVERYTHING: list[dict[str, Any]] = [
    {"kind": "resample", "rule": "4h"},
    {"kind": "fill_gaps", "calendar": "always", "period": "4h"},
    {"kind": "outliers", "threshold": 3},
    *({"kind": kind.name} for kind in step_kinds() if kind.group in {Group.FEATURES, Group.INDICATOR}),
    {"kind": "label"},
    {"kind": "split", "purge": 1},
    {"kind": "normalise"},
]


def a_file(folder: Path, frame: pl.DataFrame, **notes: str) -> Path:
    path = folder / "market.parquet"
    write_frame(frame, path, notes)
    return path


def run(folder: Path, path: Path, name: str = "out.parquet", steps: list[dict[str, Any]] | None = None) -> Any:
    return apply(read_recipe(steps or EVERYTHING), path, folder / name, lambda *_: None)


ELSEWHERE = """
import json, sys
from pathlib import Path
from domain.datasets.recipes import read_recipe
from workers.data.preprocessing import apply

manifest = apply(read_recipe(json.loads(sys.argv[3])), Path(sys.argv[1]), Path(sys.argv[2]), lambda *_: None)
print(json.dumps(manifest.to_json(), sort_keys=True))
"""


def test_equal_input_and_recipe_give_equal_bytes_and_papers_also_in_another_process(tmp_path: Path) -> None:
    path = a_file(tmp_path, bars(rows=2_000, step=timedelta(hours=1), book=True))
    first, again = run(tmp_path, path, "one.parquet"), run(tmp_path, path, "two.parquet")
    command = [sys.executable, "-c", ELSEWHERE, str(path), str(tmp_path / "three.parquet"), json.dumps(EVERYTHING)]
    environment = os.environ | {"POLARS_MAX_THREADS": "1", "PYTHONPATH": "."}
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    hashes = {sha256_of(tmp_path / name) for name in ("one.parquet", "two.parquet", "three.parquet")}
    assert hashes == {first.output_sha256}
    assert first == again
    assert json.loads(printed) == json.loads(json.dumps(first.to_json()))


def test_another_value_or_another_step_gives_other_bytes(tmp_path: Path) -> None:
    path = a_file(tmp_path, bars())
    steps = [{"kind": "sma", "window": 5}]
    first = run(tmp_path, path, steps=steps)
    assert run(tmp_path, path, steps=[{"kind": "sma", "window": 6}]).output_sha256 != first.output_sha256
    other = a_file(tmp_path, bars(seed=2))
    assert run(tmp_path, other, steps=steps).output_sha256 != first.output_sha256


def test_the_papers_say_all_that_is_needed(tmp_path: Path) -> None:
    path = a_file(tmp_path, bars(rows=50))
    steps: list[dict[str, Any]] = [{"kind": "sma", "window": 5}, {"kind": "label"}, {"kind": "split"}]
    manifest = run(tmp_path, path, steps=steps)
    papers = json.loads(json.dumps(manifest.to_json()))
    assert (papers["engine"], papers["synthetic"]) == (ENGINE, False)
    assert set(papers["libraries"]) == {"numpy", "polars", "TA-Lib"}
    assert papers["input_sha256"] == sha256_of(path)
    assert papers["output_bytes"] == (tmp_path / "out.parquet").stat().st_size
    assert (papers["input_rows"], papers["rows"], papers["symbols"]) == (100, 92, 2)
    assert (papers["first"], papers["last"]) == ("2024-01-05T00:00:00Z", "2024-02-19T00:00:00Z")
    assert (papers["features"], papers["labels"]) == (["mood", "sma_5"], ["label_return_1"])
    assert papers["columns"][0] == {"name": "time", "kind": "meta", "missing": 0}
    assert papers["columns"][-1] == {"name": "label_return_1", "kind": "label", "missing": 6}
    assert papers["changes"] == [{"step": 2, "what": "warm_up", "count": 8}]
    assert read_recipe(papers["recipe"]) == manifest.recipe


def test_the_written_file_is_canonical_again(tmp_path: Path) -> None:
    frame, _ = applied(tmp_path, bars(), *EVERYTHING[2:5], {"kind": "split"})
    assert frame.columns[:3] == ["time", "symbol", "split"]
    assert frame.schema[TIME] == pl.Datetime("us", "UTC")
    assert frame.schema[SYMBOL] == pl.String
    assert frame.equals(frame.sort(SYMBOL, TIME))


def test_what_is_synthetic_stays_labelled_so(tmp_path: Path) -> None:
    path = a_file(tmp_path, bars(), **{"trademaster.synthetic": "true", "trademaster.source": "synthetic"})
    manifest = run(tmp_path, path, steps=[{"kind": "obv"}])
    assert manifest.synthetic
    kept = pl.read_parquet_metadata(tmp_path / "out.parquet")
    assert (kept["trademaster.synthetic"], kept["trademaster.source"]) == ("true", "synthetic")


def test_rows_in_any_order_and_numbers_of_any_kind_are_read(tmp_path: Path) -> None:
    frame = pl.concat([a_frame("BBB", close=[1.0, 2.0]), a_frame("AAA", close=[3.0, float("nan")])]).reverse()
    untidy = frame.with_columns(pl.lit(5, pl.Int32).alias("count"), pl.lit("x").alias("remark"))
    read, manifest = applied(tmp_path, untidy.select("remark", "close", "symbol", "count", "time"), {"kind": "returns"})
    assert read.get_column("close").to_list() == [3.0, None, 1.0, 2.0]
    assert read.get_column("count").to_list() == [5.0] * 4
    assert manifest.ignored == ("remark",)


def test_a_recipe_that_does_not_fit_the_data_leaves_nothing_behind(tmp_path: Path) -> None:
    path = a_file(tmp_path, a_frame(close=[1.0, 2.0]))
    with pytest.raises(Refused) as caught:
        run(tmp_path, path, steps=[{"kind": "atr"}])
    assert [problem.field for problem in caught.value.problems] == [("steps", "0", "kind")]
    assert [file.name for file in tmp_path.iterdir()] == ["market.parquet"]


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    path = a_file(tmp_path, a_frame(close=[1.0, 2.0]))
    (tmp_path / "out.parquet").mkdir()
    with pytest.raises(OSError, match="directory"):
        run(tmp_path, path, steps=[{"kind": "returns"}])
    assert {file.name for file in tmp_path.iterdir()} == {"market.parquet", "out.parquet"}


def test_a_file_without_rows_is_refused_at_the_first_step(tmp_path: Path) -> None:
    path = a_file(tmp_path, a_frame(close=[1.0]).clear())
    with pytest.raises(Refused) as caught:
        run(tmp_path, path, steps=[{"kind": "returns"}, {"kind": "sma"}])
    assert [problem.field for problem in caught.value.problems] == [("steps", "0", "kind")]


def test_when_no_row_is_left_the_step_is_named(tmp_path: Path) -> None:
    path = a_file(tmp_path, a_frame(close=[1.0, 2.0], mood=[None, None]))
    steps: list[dict[str, Any]] = [{"kind": "returns"}, {"kind": "fill_gaps", "rules": {"mood": "drop"}}]
    with pytest.raises(Refused) as caught:
        run(tmp_path, path, steps=steps)
    assert [problem.field for problem in caught.value.problems] == [("steps", "1", "kind")]


def test_progress_grows_to_the_end_and_says_what_is_done(tmp_path: Path) -> None:
    path = a_file(tmp_path, bars())
    told: list[tuple[float, str]] = []
    recipe = read_recipe([{"kind": "rsi"}, {"kind": "split"}])
    apply(recipe, path, tmp_path / "out.parquet", lambda share, what: told.append((share, what)))
    assert [what for _, what in told] == ["Reading", "Relative strength index", "Split", "Writing", "Done"]
    shares = [share for share, _ in told]
    assert (shares, shares[0], shares[-1]) == (sorted(shares), 0.0, 1.0)
