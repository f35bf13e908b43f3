from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.datasets.sources import read_request
from domain.datasets.sources.offer import BUNDLED_STOCKS
from domain.errors import Unavailable
from workers.data.sources import fetch
from workers.data.sources.bundled import SkfolioSource


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """skfolio's files, as its wheel has them, with three days."""
    data = tmp_path / "skfolio" / "datasets" / "data"
    data.mkdir(parents=True)
    days = ("1990-01-02", "1990-01-03", "1990-01-04")
    prices = [",".join(f"{place + day:.3f}" for place in range(1, 21)) for day in range(3)]
    stocks = "\n".join(("Date," + ",".join(BUNDLED_STOCKS), *(",".join(row) for row in zip(days, prices, strict=True))))
    index = "Date,SP500\n1990-01-02,359.69\n1990-01-03,358.76\n1990-01-04,\n"
    (data / "sp500_dataset.csv.gz").write_bytes(gzip.compress(stocks.encode()))
    (data / "sp500_index.csv.gz").write_bytes(gzip.compress(index.encode()))
    return tmp_path / "skfolio"


def fetched(package: Path, **values: Any) -> Any:
    request = read_request({"source": "skfolio", **values})
    return fetch(SkfolioSource(lambda: package), request, package / "out.parquet", lambda *_: None)


def test_all_stocks_with_the_index(package: Path) -> None:
    got = fetched(package, index=True)
    assert got.symbols == tuple(sorted((*BUNDLED_STOCKS, "SP500")))
    assert (got.rows, got.synthetic) == (62, False)
    assert (got.first, got.last) == (datetime(1990, 1, 2, tzinfo=UTC), datetime(1990, 1, 4, tzinfo=UTC))


def test_some_stocks_of_some_days_are_closes_only(package: Path) -> None:
    request = {"symbols": ["XOM", "AAPL"], "start": "1990-01-03", "end": "1990-01-04"}
    port = SkfolioSource(lambda: package)
    frame = next(iter(port.frames(read_request({"source": "skfolio", **request}), lambda *_: None)))
    day = datetime(1990, 1, 3, tzinfo=UTC)
    assert frame.columns == ["time", "symbol", "close", "adjusted_close"]
    assert frame.sort("symbol").rows() == [(day, "AAPL", 2.0, 2.0), (day, "XOM", 21.0, 21.0)]


def test_a_package_that_was_changed_is_said_so(package: Path) -> None:
    (package / "datasets" / "data" / "sp500_dataset.csv.gz").unlink()
    with pytest.raises(Unavailable):
        fetched(package)


def test_it_is_there_or_not() -> None:
    assert not SkfolioSource(lambda: None).is_installed()
    assert SkfolioSource(lambda: Path("anywhere")).is_installed()
