"""The files of an evaluation. Equal runs give equal bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from domain.analysis.backtest import Backtest
from domain.analysis.drawdowns import under_water
from domain.analysis.rolling import rolling_sharpe, usual_window
from domain.analysis.round_trips import Trades
from domain.datasets.columns import SYMBOL, TIME
from domain.evaluations.model import POSITION, Part, SeriesName, trades_part
from workers.data.frames import write_frame
from workers.evaluations.field import Field


def write(out: Path, field: Field, runs: Mapping[str, Backtest], trades: Mapping[str, Trades]) -> dict[str, str]:
    """The names of the files, by the part that they are."""
    made = {
        Part.SERIES.value: pl.concat(_series(key, run, field.per_year) for key, run in sorted(runs.items())),
        Part.POSITIONS.value: pl.concat(_positions(key, runs[key], field) for key in sorted(trades)),
        **{trades_part(key): _trades(each, field.bars.symbols) for key, each in trades.items()},
        Part.PRICES.value: _prices(next(iter(runs.values())), field.bars.symbols),
    }
    for part, frame in made.items():
        write_frame(frame, out / f"{part}.parquet", {})
    return {part: f"{part}.parquet" for part in made}


def _series(key: str, run: Backtest, per_year: float) -> pl.DataFrame:
    rolling = rolling_sharpe(run.returns, usual_window(len(run.returns)), per_year)
    values = {
        SeriesName.EQUITY: run.equity,
        SeriesName.DRAWDOWN: under_water(run.returns),
        SeriesName.ROLLING_SHARPE: np.concatenate(([np.nan], rolling)),
        SeriesName.EXPOSURE: _led_out(np.abs(run.held).sum(axis=1)),
    }
    return _frame(key, run, {name.value: value for name, value in values.items()})


def _positions(key: str, run: Backtest, field: Field) -> pl.DataFrame:
    held = {f"{POSITION}{symbol}": _led_out(run.held[:, place]) for place, symbol in enumerate(field.bars.symbols)}
    return _frame(key, run, held)


def _frame(key: str, run: Backtest, columns: Mapping[str, np.ndarray]) -> pl.DataFrame:
    """One row for each bar, under the key of the entry."""
    times = _times(run.times)
    return pl.DataFrame({TIME: times, SYMBOL: [key] * len(times), **columns}).with_columns(
        pl.col(list(columns)).fill_nan(None)
    )


def _trades(made: Trades, symbols: tuple[str, ...]) -> pl.DataFrame:
    bought = made.quantities > 0.0
    return pl.DataFrame(
        {
            TIME: _times(made.times),
            SYMBOL: [symbols[place] for place in made.assets],
            "side": np.where(bought, "buy", "sell").tolist(),
            "quantity": np.abs(made.quantities),
            "price": made.prices,
            "cost": made.costs,
            "profit": made.profits,
        },
        schema_overrides={SYMBOL: pl.String, "side": pl.String},
    ).with_columns(pl.col("profit").fill_nan(None))


def _prices(run: Backtest, symbols: tuple[str, ...]) -> pl.DataFrame:
    """One row for each bar of each symbol; all accounts trade at the same prices."""
    times = _times(run.times)
    frames = (
        pl.DataFrame({TIME: times, "price": run.prices[:, place]}).select(TIME, pl.lit(name).alias(SYMBOL), "price")
        for place, name in enumerate(symbols)
    )
    return pl.concat(frames).filter(pl.col("price").is_finite())


def _times(times: np.ndarray) -> pl.Series:
    return pl.Series(TIME, times.astype("datetime64[us]")).dt.replace_time_zone("UTC")


def _led_out(values: np.ndarray) -> np.ndarray:
    """At the last bar nothing is decided any more: what was held stays."""
    return np.concatenate((values, values[-1:]))
