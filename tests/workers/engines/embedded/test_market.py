"""From a file to tensors: what is in them, what they know, and what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from domain.datasets.columns import SPLIT, ColumnKind, kind_of
from domain.evaluations.needs import COMPUTED
from tests.workers.data.markets import a_frame, bars, days
from tests.workers.engines.embedded.trading_markets import made, written
from workers.data.frames import ordered
from workers.engines.embedded.features import WARM_UP, computed
from workers.engines.embedded.market import Market, Only, market_of, read_market
from workers.engines.embedded.shapes import BadInput


def of(frame: pl.DataFrame, lookback: int = 3, only: Only = "one") -> Market:
    return market_of(ordered(frame), lookback=lookback, device=torch.device("cpu"), only=only)


def refused(frame: pl.DataFrame, **how: Any) -> tuple[str, str]:
    with pytest.raises(BadInput) as caught:
        of(frame, **how)
    return caught.value.code, caught.value.message


def line(rows: int = 200, **columns: Any) -> pl.DataFrame:
    return a_frame(close=[100.0 + row for row in range(rows)], **columns)


def parts(**counts: int) -> list[str | None]:
    return [None if name.startswith("none") else name for name, count in counts.items() for _ in range(count)]


def test_a_row_knows_the_return_that_led_to_it() -> None:
    returns = of(line()).returns
    assert returns[:3, 0].tolist() == [0.0, pytest.approx(0.01), pytest.approx(1 / 101)]


def test_returns_are_those_of_the_adjusted_close_where_there_is_one() -> None:
    market = of(line(adjusted_close=[50.0] * 100 + [100.0] * 100))
    assert market.returns[:, 0].nonzero().flatten().tolist() == [100]
    assert float(market.returns[100, 0]) == 1.0
    assert float(market.prices["close"][100, 0]) == 200.0


def test_features_are_those_of_the_data_and_those_of_the_bars() -> None:
    market = of(bars(("AAA",), rows=200))
    assert market.feature_names == (
        "mood",
        "bars.return_1",
        "bars.return_5",
        "bars.return_20",
        "bars.range",
        "bars.close_in_range",
        "bars.volume",
    )
    book = of(made("order_book", rows=300))
    assert {"book.spread", "book.imbalance", "book.depth_imbalance", "book.fair_price"} < set(book.feature_names)


def test_what_is_computed_of_which_columns_is_known_where_evaluations_are_asked_for() -> None:
    book = made("order_book", rows=60).with_columns(close=10.0, high=11.0, low=9.0, volume=1.0)
    prices = {
        name: book.get_column(name).to_numpy()[:, None] for name in book.columns if kind_of(name) is ColumnKind.MARKET
    }
    assert set(computed(prices)) == set(COMPUTED)
    for name, columns in COMPUTED.items():
        for column in columns:
            assert name not in computed({key: values for key, values in prices.items() if key != column})
    assert set(computed({"close": prices["close"]})) == {name for name, columns in COMPUTED.items() if not columns}


def test_labels_and_prices_are_never_features() -> None:
    market = of(line(label_future=[1.0] * 200, mood=[float(row % 7) for row in range(200)]))
    assert market.feature_names == ("mood", "bars.return_1", "bars.return_5", "bars.return_20")


def test_features_are_normalised_by_the_train_split_alone() -> None:
    mood = [float(row % 2) for row in range(120)] + [1e6] * 80
    market = of(line(mood=mood))
    train = market.splits["train"]
    seen = market.features[train.start : train.stop, 0, 0]
    assert float(seen.mean()) == pytest.approx(0, abs=0.02)
    assert float(seen.std()) == pytest.approx(1, abs=0.02)
    assert market.features[-1, 0, 0] == 10.0


def test_what_never_moves_and_what_is_unknown_is_nought() -> None:
    still = [0.1] * 200
    gaps = [float(row) if row % 3 else float("nan") for row in range(200)]
    market = of(line(still=still, gaps=gaps))
    assert market.features[:, 0, 0].abs().max() < 1e-12
    assert bool((market.features[::3, 0, 1] == 0).all())


def test_windows_end_with_their_bar() -> None:
    market = of(bars(("AAA", "BBB"), rows=200), only="all")
    windows = market.windows(4)
    assert windows.shape == (197, 4, 2, 7)
    assert torch.equal(windows[10], market.features[10:14])


def test_without_a_split_time_splits_with_a_gap_as_long_as_the_lookback() -> None:
    market = of(line(200), lookback=5)
    first = 5 - 1 + WARM_UP
    assert market.splits == {"train": range(first, 115), "valid": range(120, 155), "test": range(160, 200)}
    assert market.split_by.startswith("time")


def test_the_split_of_the_data_is_kept() -> None:
    frame = line(200).with_columns(pl.Series(SPLIT, parts(train=100, none1=10, valid=40, test=50)))
    market = of(frame, lookback=1)
    assert market.splits == {"train": range(WARM_UP, 100), "valid": range(110, 150), "test": range(150, 200)}
    assert market.split_by == "the column split"


@pytest.mark.parametrize(
    ("column", "code"),
    [
        (parts(valid=100, train=50, test=50), "BAD_SPLIT"),
        (parts(train=70, valid=40, none1=1, valid2=0, test=89)[:110] + ["train"] + ["test"] * 89, "BAD_SPLIT"),
        (parts(train=150, valid=50), "NO_SPLIT"),
        (parts(train=100, valid=50, exam=50), "UNKNOWN_SPLIT"),
        (parts(train=60, valid=100, test=40), "TOO_FEW_ROWS"),
        (parts(train=150, valid=45, test=5), "TOO_FEW_ROWS"),
    ],
)
def test_a_split_that_cannot_be_used_is_refused(column: list[str | None], code: str) -> None:
    assert refused(line(200).with_columns(pl.Series(SPLIT, column)))[0] == code


def test_a_refusal_says_what_to_do() -> None:
    code, message = refused(line(60))
    assert code == "TOO_FEW_ROWS"
    assert message.endswith("Bring more data, or choose a shorter lookback.")


def test_one_symbol_is_one_symbol() -> None:
    assert refused(bars(("AAA", "BBB"), rows=200))[0] == "MANY_SYMBOLS"


def test_of_several_symbols_one_can_be_named(tmp_path: Path) -> None:
    path = written(tmp_path / "data.parquet", bars(("AAA", "BBB"), rows=200))
    assert read_market(path, lookback=1, symbol="BBB").symbols == ("BBB",)
    assert read_market(path, lookback=1, symbol="BBB", only="all").symbols == ("AAA", "BBB")
    with pytest.raises(BadInput, match="Choose one of: AAA, BBB") as caught:
        read_market(path, lookback=1, symbol="CCC")
    assert caught.value.code == "UNKNOWN_SYMBOL"


def test_prices_must_be_there_and_above_nought() -> None:
    assert refused(a_frame(mood=[1.0] * 200))[0] == "NO_PRICES"
    assert refused(a_frame(close=[0.0] + [1.0] * 199))[0] == "BAD_PRICES"
    assert refused(a_frame(close=[float("nan")] + [1.0] * 199))[0] == "BAD_PRICES"


def test_a_missing_price_is_the_last_known_one() -> None:
    closes = [100.0] * 100 + [float("nan")] + [110.0] * 99
    market = of(a_frame(close=closes))
    assert market.prices["close"][99:102, 0].tolist() == [100.0, 100.0, 110.0]
    assert market.returns[100:102, 0].tolist() == [0.0, pytest.approx(0.1)]


def test_a_symbol_that_begins_later_has_no_price_until_then() -> None:
    late = a_frame("BBB", times=days(200)[50:], close=[5.0] * 150)
    market = of(pl.concat([line(200), late]), only="all")
    assert market.symbols == ("AAA", "BBB")
    assert bool(market.prices["close"][:50, 1].isnan().all())
    assert market.prices["close"][50:, 1].unique().tolist() == [5.0]
    assert market.returns[:, 1].abs().max() == 0


def test_a_symbol_has_a_price_to_trade_at_from_its_first_bar_until_some_bars_after_its_last() -> None:
    early = a_frame("BBB", close=[5.0] * 100)
    late = a_frame("CCC", times=days(200)[50:80] + days(200)[85:], close=[5.0] * 145)
    market = of(pl.concat([line(200), early, late]), only="all")
    assert bool(market.quoted[:, 0].all())
    assert market.quoted[:, 1].nonzero().flatten().tolist() == list(range(110))
    assert market.quoted[:, 2].nonzero().flatten().tolist() == list(range(50, 200))


def test_an_order_book_alone_has_a_price() -> None:
    book = {"bid_price_1": [99.0] * 200, "ask_price_1": [101.0] * 200}
    assert of(a_frame(**book)).prices["close"].unique().tolist() == [100.0]


@pytest.mark.parametrize(
    ("step", "per_day", "expected"),
    [(timedelta(days=1), 1, 365.25), (timedelta(hours=1), 24, 8_766), (timedelta(minutes=1), 1_440, 525_960)],
)
def test_bars_of_a_year_are_counted(step: timedelta, per_day: int, expected: float) -> None:
    frame = a_frame(times=days(300, step=step), close=[1.0] * 300)
    assert of(frame).bars_per_year == pytest.approx(expected)


def test_weekends_and_holes_do_not_count() -> None:
    weekdays = [day for day in days(420) if day.weekday() < 5]
    assert of(a_frame(times=weekdays, close=[1.0] * 300)).bars_per_year == pytest.approx(261, abs=1)
    hole = [*days(150), *days(150, datetime(2030, 1, 1, tzinfo=days(1)[0].tzinfo))]
    assert of(a_frame(times=hole, close=[1.0] * 300)).bars_per_year == pytest.approx(365.25)


@pytest.mark.parametrize(
    ("form", "only"), [("planted_signal", "one"), ("order_book", "one"), ("correlated_assets", "all")]
)
def test_no_feature_knows_what_comes_after_it(form: str, only: Only) -> None:
    """Everything after a bar of valid is shuffled, and the file is read anew: what was before stays, bit by bit."""
    frame = made(form, rows=400)
    before, after = of(frame, only=only), of(_shuffled_after(frame, 270), only=only)
    assert torch.equal(before.features[:270], after.features[:270])
    assert torch.equal(before.returns[:270], after.returns[:270])
    assert not torch.equal(before.features[270:], after.features[270:])


def test_a_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = written(tmp_path / "data.parquet", bars(("AAA",), rows=200))
    market = read_market(path, lookback=2)
    assert market.times[0] == np.datetime64("2024-01-01")
    assert len(market.times) == 200


def _shuffled_after(frame: pl.DataFrame, place: int) -> pl.DataFrame:
    values = [name for name in frame.columns if name not in {"time", "symbol"}]
    rng = np.random.default_rng(1)
    order = np.concatenate((np.arange(place), place + rng.permutation(400 - place)))
    each = [part.with_columns(part.select(values)[order]) for part in frame.partition_by("symbol", maintain_order=True)]
    return pl.concat(each)
