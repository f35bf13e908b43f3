from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from domain.datasets.sources import FetchRequest, demo_datasets, read_request, source
from domain.errors import Code, Refused
from tests.workers.data.markets import a_frame
from workers.data.frames import sha256_of
from workers.data.preprocessing import apply
from workers.data.sources import Registry, default_registry, fetch
from workers.data.sources import fetching as fetching_module
from workers.data.sources.synthetic import SyntheticSource

REGIMES = {"source": "synthetic", "generator": "regimes", "rows": 200}


class Given:
    """A source that gives these frames."""

    source = source("yfinance")

    def __init__(self, *frames: pl.DataFrame, installed: bool = True) -> None:
        self._frames = frames
        self._installed = installed

    def is_installed(self) -> bool:
        return self._installed

    def frames(self, request: FetchRequest, on_progress: Any) -> Iterator[pl.DataFrame]:
        on_progress(0.5, "Halfway")
        yield from self._frames

    def notes(self, request: FetchRequest) -> dict[str, str]:
        return {}


YAHOO = read_request({"source": "yfinance", "symbols": ["AAPL"], "start": "2024-01-01"})


def test_a_made_up_market_says_so_wherever_it_goes(tmp_path: Path) -> None:
    request = read_request(REGIMES)
    got = default_registry().fetch(request, tmp_path / "out.parquet", lambda *_: None)
    notes = pl.read_parquet_metadata(tmp_path / "out.parquet")
    assert got.synthetic
    assert got.to_json()["synthetic"] is True
    assert (notes["trademaster.synthetic"], notes["trademaster.generator"]) == ("true", "regimes")
    assert read_request(json.loads(notes["trademaster.request"])) == request
    assert got.symbols == ("SYNTH",)
    assert json.loads(json.dumps(got.to_json()))["first"] == "2020-01-01T00:00:00Z"


def test_the_same_request_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    def made(name: str, **values: Any) -> str:
        request = read_request(REGIMES | values)
        return fetch(SyntheticSource(), request, tmp_path / name, lambda *_: None).sha256

    assert made("one") == made("two") == sha256_of(tmp_path / "one")
    assert made("three", seed=8) != made("one")


def test_pieces_become_one_ordered_file_without_doubles(tmp_path: Path) -> None:
    late, early = a_frame("BBB", close=[1.0, 2.0]), a_frame("AAA", close=[3.0], mood=[4.0])
    got = fetch(Given(late, early, late.head(1)), YAHOO, tmp_path / "out", lambda *_: None)
    frame = pl.read_parquet(tmp_path / "out")
    assert got.rows == 3
    assert frame.get_column("symbol").to_list() == ["AAA", "BBB", "BBB"]
    assert frame.get_column("mood").to_list() == [4.0, None, None]


def test_what_is_real_is_not_called_synthetic(tmp_path: Path) -> None:
    got = fetch(Given(a_frame(close=[1.0])), YAHOO, tmp_path / "out", lambda *_: None)
    assert not got.synthetic
    assert pl.read_parquet_metadata(tmp_path / "out")["trademaster.synthetic"] == "false"


@pytest.mark.parametrize("frames", [(), (a_frame(close=[1.0]).clear(),)])
def test_nothing_is_refused_and_leaves_nothing(tmp_path: Path, frames: tuple[pl.DataFrame, ...]) -> None:
    with pytest.raises(Refused) as caught:
        fetch(Given(*frames), YAHOO, tmp_path / "out", lambda *_: None)
    assert caught.value.problems[0].code is Code.NOT_FOUND
    assert list(tmp_path.iterdir()) == []


def test_too_much_is_refused_while_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching_module, "MOST_ROWS", 3)
    pieces = (a_frame(close=[1.0, 2.0]), a_frame("BBB", close=[1.0, 2.0]))
    with pytest.raises(Refused) as caught:
        fetch(Given(*pieces), YAHOO, tmp_path / "out", lambda *_: None)
    assert caught.value.problems[0].code is Code.TOO_LONG


def test_progress_grows_to_the_end(tmp_path: Path) -> None:
    told: list[float] = []
    fetch(Given(a_frame(close=[1.0])), YAHOO, tmp_path / "out", lambda share, _: told.append(share))
    assert told == [0.45, 0.95, 1.0]


def test_a_source_without_its_package_is_refused_with_the_remedy(tmp_path: Path) -> None:
    registry = Registry((Given(installed=False), SyntheticSource()))
    missing, there = registry.availability()
    assert (missing.available, missing.remedy) == (False, "pip install yfinance")
    assert (there.available, there.remedy) == (True, None)
    with pytest.raises(Refused) as caught:
        registry.fetch(YAHOO, tmp_path / "out", lambda *_: None)
    assert [(problem.code, problem.field) for problem in caught.value.problems] == [(Code.WRONG_STATE, ("source",))]


def test_every_source_is_in_the_registry() -> None:
    names = [each.source.name for each in default_registry().availability()]
    assert names == ["synthetic", "skfolio", "yfinance", "akshare", "ccxt"]


@pytest.mark.parametrize("demo", demo_datasets(), ids=lambda demo: demo.slug)
def test_each_demo_is_made_prepared_and_small(tmp_path: Path, demo: Any) -> None:
    raw, prepared = tmp_path / "raw", tmp_path / "prepared"
    got = default_registry().fetch(demo.request, raw, lambda *_: None)
    manifest = apply(demo.recipe, raw, prepared, lambda *_: None)
    assert max(got.bytes, manifest.output_bytes) < 2_000_000
    assert manifest.synthetic
    assert [part.name for part in manifest.parts] == ["train", "valid", "test"]
    assert min(part.times for part in manifest.parts) >= 150
    assert sum(column.missing for column in manifest.columns) == 0
    assert len(manifest.to_json()["features"]) >= 10
