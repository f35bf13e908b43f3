"""A market in tensors: prices, features that know only the past, and the three parts of its time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from torch import Tensor

from domain.datasets.columns import ADJUSTED_CLOSE, SPLIT, SYMBOL, TIME, ColumnKind, kind_of
from workers.data.frames import read_frame
from workers.engines.embedded.features import RECIPE, WARM_UP, computed
from workers.engines.embedded.shapes import SPLITS, BadInput, Split
from workers.engines.embedded.splits import by_column, by_time

Only = Literal["one", "all"]
Times = npt.NDArray[np.datetime64]
_LIMIT = 10.0
_YEAR = 365.25 * 86_400


@dataclass(frozen=True, slots=True)
class Normalisation:
    """(value - mean) / std by symbol and feature, [N, F], taken from the train split alone."""

    mean: Tensor
    std: Tensor


@dataclass(frozen=True, slots=True)
class Market:
    """T times, N symbols, F features. Whatever stands in row t was known at the close of bar t."""

    times: Times
    symbols: tuple[str, ...]
    prices: dict[str, Tensor]
    """open, high, low, close, volume, the columns of the order book: [T, N] float32, gaps filled with what was last,
    and not a number before a symbol's first bar."""
    returns: Tensor
    """From the close before to this one, [T, N] float64; adjusted where the data has it. 0 in the first row."""
    features: Tensor
    """[T, N, F] float32: normalised, within +-10, 0 where unknown."""
    feature_names: tuple[str, ...]
    recipe: str
    """Which features were computed from the bars, by name of the recipe."""
    normalisation: Normalisation
    splits: dict[Split, range]
    """Places in `times`, in order, without overlap; the first one has a whole window of features before it."""
    split_by: str
    """Where the split comes from, in words."""
    bars_per_year: float
    device: torch.device

    def windows(self, lookback: int) -> Tensor:
        """[T - lookback + 1, lookback, N, F] as a view: the row t - lookback + 1 is the window that ends with t."""
        times, symbols, features = self.features.shape
        one = symbols * features
        shape = (times - lookback + 1, lookback, symbols, features)
        return self.features.as_strided(shape, (one, one, features, 1))


def read_market(
    path: Path,
    *,
    lookback: int,
    device: torch.device | str = "cpu",
    only: Only = "one",
    symbol: str | None = None,
) -> Market:
    """The canonical file as a market, of this symbol alone where one is wanted and one is named. Raises BadInput where
    a person has to mend the data."""
    frame, _ = read_frame(path)
    if only == "one" and symbol is not None:
        frame = _of_symbol(frame, symbol)
    return market_of(frame, lookback=lookback, device=torch.device(device), only=only)


def _of_symbol(frame: pl.DataFrame, symbol: str) -> pl.DataFrame:
    own = frame.filter(pl.col(SYMBOL).cast(pl.String) == symbol)
    if own.is_empty():
        known = ", ".join(frame.get_column(SYMBOL).cast(pl.String).unique().sort()[:10])
        raise BadInput("UNKNOWN_SYMBOL", f'The data has no symbol "{symbol}". Choose one of: {known}.')
    return own


def market_of(frame: pl.DataFrame, *, lookback: int, device: torch.device, only: Only) -> Market:
    """A market to train on, with its split: that of the column, or by time where there is none."""
    times = frame.get_column(TIME).unique().sort()
    first = lookback - 1 + WARM_UP
    if SPLIT in frame.columns:
        splits, split_by = by_column(frame, times, first), "the column split"
    else:
        splits, split_by = by_time(times.len(), lookback, first), "time: 60 % train, 20 % valid, 20 % test"
    raw = _raw_of(frame, times, only)
    return _market(raw, _fitted(raw.features, splits["train"]), splits, split_by, device)


def market_to_act_on(
    frame: pl.DataFrame, names: tuple[str, ...], normalisation: Normalisation, *, lookback: int, only: Only
) -> Market:
    """A market for a trained agent: all of it is the test split, and nothing is fitted to it."""
    times = frame.get_column(TIME).unique().sort()
    first = lookback - 1 + WARM_UP
    if times.len() <= first:
        message = f"The agent needs at least {first + 1:,} bars to act; there are {times.len():,}. Give it more."
        raise BadInput("TOO_FEW_ROWS", message)
    raw = _raw_of(frame, times, only)
    if missing := [name for name in names if name not in raw.names]:
        message = f"The agent was trained with the columns {', '.join(missing)}, which are not there. Add them."
        raise BadInput("MISSING_FEATURES", message)
    order = [raw.names.index(name) for name in names]
    raw = _Raw(raw.times, raw.symbols, raw.prices, raw.returns, raw.features[:, :, order], names)
    if raw.features.shape[1:] != normalisation.mean.shape:
        count = normalisation.mean.shape[0]
        raise BadInput("WRONG_SYMBOLS", f"The agent was trained on {count} symbols; here are {len(raw.symbols)}.")
    nothing, everything = range(first, first), range(first, len(raw.times))
    splits: dict[Split, range] = {"train": nothing, "valid": nothing, "test": everything}
    return _market(raw, normalisation, splits, "nothing: all of it is new", torch.device("cpu"))


@dataclass(frozen=True, slots=True)
class _Raw:
    times: Times
    symbols: tuple[str, ...]
    prices: dict[str, npt.NDArray[np.float64]]
    returns: npt.NDArray[np.float64]
    features: npt.NDArray[np.float64]
    names: tuple[str, ...]


def _raw_of(frame: pl.DataFrame, times: pl.Series, only: Only) -> _Raw:
    symbols = tuple(frame.get_column(SYMBOL).cast(pl.String).unique().sort())
    if only == "one" and len(symbols) != 1:
        message = f"The data has {len(symbols):,} symbols; this task trades one. Say which."
        raise BadInput("MANY_SYMBOLS", message)
    grid = _on_grid(frame, times)
    columns = [name for name in grid.columns if name not in {TIME, SYMBOL, SPLIT}]
    values = {name: grid.get_column(name).to_numpy().reshape(len(symbols), len(times)).T for name in columns}
    prices = _prices(values, only)
    paid = _filled(values[ADJUSTED_CLOSE]) if ADJUSTED_CLOSE in values else prices["close"]
    own = {name: values[name] for name in columns if kind_of(name) is ColumnKind.FEATURE}
    all_features = own | computed(prices)
    stacked = np.stack(list(all_features.values()), axis=2)
    return _Raw(times.dt.replace_time_zone(None).to_numpy(), symbols, prices, _returns(paid), stacked, (*all_features,))


def _on_grid(frame: pl.DataFrame, times: pl.Series) -> pl.DataFrame:
    """One row for each symbol and time, by symbol and time; empty where a symbol has no bar."""
    symbols = frame.get_column(SYMBOL).unique().sort()
    every = pl.DataFrame({SYMBOL: symbols}).join(pl.DataFrame({TIME: times}), how="cross")
    if every.height == frame.height:
        return frame
    return every.join(frame, on=(SYMBOL, TIME), how="left", maintain_order="left")


def _prices(values: dict[str, npt.NDArray[np.float64]], only: Only) -> dict[str, npt.NDArray[np.float64]]:
    prices = {name: _filled(value) for name, value in values.items() if kind_of(name) is ColumnKind.MARKET}
    if "close" not in prices and {"bid_price_1", "ask_price_1"} <= prices.keys():
        prices["close"] = (prices["bid_price_1"] + prices["ask_price_1"]) / 2
    if "close" not in prices:
        raise BadInput("NO_PRICES", "The data has no column close and no order book. Say which column is the price.")
    # One of many symbols may begin later than the others; it has no price until then.
    unknown = np.isnan(prices["close"]) if only == "all" else np.zeros(prices["close"].shape, bool)
    if not (unknown | (prices["close"] > 0)).all():
        message = "Some prices are 0, negative, or missing at the start. Drop those rows or fill the gaps."
        raise BadInput("BAD_PRICES", message)
    return prices


def _filled(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Empty ones take the last known value: what could have been known then."""
    place = np.where(np.isnan(values), 0, np.arange(len(values))[:, None])
    return np.take_along_axis(values, np.maximum.accumulate(place, axis=0), axis=0)


def _returns(price: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    returns = np.zeros_like(price)
    with np.errstate(divide="ignore", invalid="ignore"):
        returns[1:] = price[1:] / price[:-1] - 1
    return np.nan_to_num(returns, nan=0.0, posinf=0.0, neginf=0.0)


def _fitted(features: npt.NDArray[np.float64], train: range) -> Normalisation:
    part = torch.from_numpy(features[train.start : train.stop])
    known = ~part.isnan()
    count = known.sum(dim=0).clamp(min=1)
    mean = part.nan_to_num().sum(dim=0) / count
    spread = ((part - mean).nan_to_num().square().sum(dim=0) / count).sqrt()
    # A column that never moves would be blown up by the rounding of its mean.
    return Normalisation(mean, torch.where(spread > 1e-9 * mean.abs().clamp(min=1e-9), spread, 1.0))


def _market(raw: _Raw, by: Normalisation, splits: dict[Split, range], split_by: str, device: torch.device) -> Market:
    features = (torch.from_numpy(raw.features) - by.mean) / by.std
    return Market(
        times=raw.times,
        symbols=raw.symbols,
        prices={name: torch.tensor(value, dtype=torch.float32, device=device) for name, value in raw.prices.items()},
        returns=torch.from_numpy(raw.returns).to(device),
        features=features.nan_to_num().clamp(-_LIMIT, _LIMIT).to(device, torch.float32).contiguous(),
        feature_names=raw.names,
        recipe=RECIPE,
        normalisation=by,
        splits={name: splits[name] for name in SPLITS},
        split_by=split_by,
        bars_per_year=_bars_per_year(raw.times),
        device=device,
    )


def _bars_per_year(times: Times) -> float:
    """Counted, so that holidays and hours of trade need no calendar. A hole in the data is not a quiet time."""
    steps = np.diff(times).astype("timedelta64[us]").astype(np.float64) / 1e6
    if not len(steps):
        return 1.0
    usual = float(np.median(steps))
    steps[steps > max(10 * usual, 10 * 86_400)] = usual
    return float(len(steps) / steps.sum() * _YEAR)
