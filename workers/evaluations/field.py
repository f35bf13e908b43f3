"""Where models are judged: the bars of the data from the first decision to the last, and what models do there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from domain.analysis.backtest import Spread, Table
from domain.analysis.report import iso
from domain.analysis.scenarios import Stressed
from domain.analysis.series import Series, Times
from domain.datasets.columns import ADJUSTED_CLOSE, SYMBOL, TIME, ColumnKind, kind_of
from workers.data.frames import read_frame
from workers.engines.embedded.bars import Bars, Only, bars_of
from workers.engines.embedded.market import bars_per_year, of_symbol
from workers.engines.embedded.predict import Predictor
from workers.engines.embedded.registry import symbols_of
from workers.engines.embedded.shapes import BadInput
from workers.evaluations.request import Request

LEAST = 10
"""Bars: below that no figure means anything."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Data up to the last bar of the period; decisions begin at the place `first`, with nothing held."""

    frame: pl.DataFrame
    bars: Bars
    first: int
    per_year: float
    """Bars a year, counted over all of the data."""
    cost_factor: Series
    symbol: str | None
    """The one that was named."""

    @property
    def times(self) -> Times:
        return self.bars.times[self.first :]

    @property
    def prices(self) -> Table:
        """What is earned by: adjusted for splits and dividends where the data has it."""
        return self._prices(ADJUSTED_CLOSE if ADJUSTED_CLOSE in self.bars.prices else "close")

    @property
    def opens(self) -> Table | None:
        """Adjusted as the closes are."""
        if "open" not in self.bars.prices:
            return None
        return self._prices("open") * (self.prices / self._prices("close"))

    @property
    def quoted(self) -> NDArray[np.bool_]:
        return self.bars.quoted[self.first :]

    @property
    def dearer(self) -> Series:
        return self.cost_factor[self.first :]

    @property
    def spread(self) -> Spread | None:
        """What trading costs beyond the rate; None: nothing."""
        return None

    @property
    def papers(self) -> dict[str, Any]:
        """What a result tells of it."""
        return {
            "bars": len(self.times),
            "first": iso(self.times[0]),
            "last": iso(self.times[-1]),
            "bars_per_year": self.per_year,
            "symbols": list(self.bars.symbols),
        }

    def targets(self, predictor: Predictor, until: int | None = None) -> Table:
        """What the model would hold at each bar, of each symbol of the field; knowing none but the first `until`."""
        since = self.times[0].astype("datetime64[us]").item().replace(tzinfo=UTC)
        held = predictor.positions(self._seen_by(predictor, until), since)
        if held.height != len(self.times[:until]):
            raise BadInput("MISSING_BARS", "The model does not see all bars of the period. Choose another symbol.")
        places = {symbol: place for place, symbol in enumerate(self.bars.symbols)}
        wanted = np.zeros((held.height, len(places)))
        for symbol in held.columns[1:]:
            wanted[:, places[symbol]] = held.get_column(symbol).to_numpy()
        return wanted * self.quoted[: held.height]

    def under(self, stress: Stressed) -> Field:
        """The same field after something bad was done to it."""
        frame = _with_prices(self.frame, stress, self.bars)
        bars = bars_of(frame, _times(frame), "all")
        return replace(self, frame=frame, bars=bars, cost_factor=stress.cost_factor)

    def _seen_by(self, predictor: Predictor, until: int | None) -> pl.DataFrame:
        """One that trades one symbol, beside others that trade all, takes the one that was named, or its own."""
        frame = self._known(until)
        if _only(predictor) == "all" or len(self.bars.symbols) == 1:
            return frame
        return of_symbol(frame, self.symbol or predictor.card["market"]["symbols"][0])

    def _known(self, until: int | None) -> pl.DataFrame:
        if until is None:
            return self.frame
        last = self.times[until - 1].astype("datetime64[us]").item().replace(tzinfo=UTC)
        known = self.frame.filter(pl.col(TIME) <= last)
        # Whoever comes later has a place already, which is empty.
        later = self.frame.join(known, on=SYMBOL, how="anti").select(pl.col(SYMBOL).unique())
        at = pl.lit(last).cast(known.schema[TIME]).alias(TIME)
        return pl.concat([known, later.with_columns(at)], how="diagonal") if later.height else known

    def _prices(self, name: str) -> Table:
        return np.asarray(self.bars.prices[name][self.first :], dtype=np.float64)


def field_of(request: Request, predictors: list[Predictor]) -> Field:
    """Raises BadInput where a person has to choose otherwise."""
    frame, _ = read_frame(request.data)
    alone = all(_only(each) == "one" for each in predictors)
    if alone and request.symbol is not None:
        frame = of_symbol(frame, request.symbol)
    times = _times(frame)
    since, until = _period(request, predictors)
    if until is not None:
        frame = frame.filter(pl.col(TIME) < until)
    needed = max(each.bars_needed for each in predictors) - 1
    first = max(needed, 0 if since is None else int(times.search_sorted(since)))
    within = _times(frame)
    if (count := max(within.len() - first, 0)) < LEAST:
        message = (
            f"The period has {count:,} {'bar' if count == 1 else 'bars'} that the models can act at; it takes at least "
            f"{LEAST}. Choose a longer one: a model needs {needed:,} bars before its first decision."
        )
        raise BadInput("TOO_FEW_ROWS", message)
    bars = bars_of(frame, within, "one" if alone else "all")
    per_year = bars_per_year(times.dt.replace_time_zone(None).to_numpy())
    return Field(frame, bars, first, per_year, np.ones(len(bars.times)), request.symbol)


def _only(predictor: Predictor) -> Only:
    return symbols_of(predictor.card["task"])


def _times(frame: pl.DataFrame) -> pl.Series:
    return frame.get_column(TIME).unique().sort()


def _period(request: Request, predictors: list[Predictor]) -> tuple[datetime | None, datetime | None]:
    """As asked, or the times that all models know as this part of their data."""
    if request.split is None:
        return request.since, request.until
    parts = []
    for predictor in predictors:
        if predictor.card["data"]["sha256"] != request.data_sha256:
            message = "The data is not what the model was trained on, so it has no such part. Give a period instead."
            raise BadInput("OTHER_DATA", message)
        parts.append(predictor.card["market"]["splits"][request.split])
    since = max(datetime.fromisoformat(part["first"]) for part in parts)
    # Cards tell whole seconds.
    until = min(datetime.fromisoformat(part["last"]) for part in parts) + timedelta(seconds=1)
    return since, until


def _with_prices(frame: pl.DataFrame, stress: Stressed, bars: Bars) -> pl.DataFrame:
    """Columns of prices and volumes as they are under stress, in the rows that the data has."""
    changed = [name for name in frame.columns if kind_of(name) is ColumnKind.MARKET and name in stress.bars]
    at = pl.Series(TIME, bars.times).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    count = len(bars.symbols)
    grid = pl.DataFrame({TIME: pl.concat([at] * count)}).with_columns(
        pl.Series(SYMBOL, np.repeat(bars.symbols, len(at)).tolist()).cast(frame.schema[SYMBOL]),
        *(pl.Series(name, stress.bars[name].T.ravel()) for name in changed),
    )
    kept = frame.drop(changed)
    joined = kept.join(grid, on=(SYMBOL, TIME), how="left", maintain_order="left")
    return joined.select(frame.columns).with_columns(pl.col(changed).fill_nan(None))
