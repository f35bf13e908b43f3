"""A market in tensors: prices, features that know only the past, and the three parts of its time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import torch
from torch import Tensor

from domain.datasets.columns import SPLIT, SYMBOL, TIME
from workers.data.frames import read_frame
from workers.engines.embedded.bars import Bars, Only, Times, bars_of
from workers.engines.embedded.features import RECIPE, WARM_UP, Array
from workers.engines.embedded.shapes import SPLITS, BadInput, Split
from workers.engines.embedded.splits import by_column, by_time

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
    quoted: Tensor
    """[T, N]: whether the symbol has a price to trade at: one of its own, at most ten bars old."""
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
        frame = of_symbol(frame, symbol)
    return market_of(frame, lookback=lookback, device=torch.device(device), only=only)


def of_symbol(frame: pl.DataFrame, symbol: str) -> pl.DataFrame:
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
    return market_split(frame, splits, split_by, device=device, only=only)


def market_split(
    frame: pl.DataFrame, splits: dict[Split, range], split_by: str, *, device: torch.device, only: Only
) -> Market:
    """A market to train on, with this split."""
    raw = bars_of(frame, frame.get_column(TIME).unique().sort(), only)
    return _market(raw, _fitted(raw.features, splits["train"]), splits, split_by, device)


def market_to_act_on(
    frame: pl.DataFrame,
    names: tuple[str, ...],
    normalisation: Normalisation,
    *,
    lookback: int,
    only: Only,
    since: datetime | None = None,
) -> Market:
    """A market for a trained agent: all of it, or all since then, is the test split, and nothing is fitted to it."""
    times = frame.get_column(TIME).unique().sort()
    first = lookback - 1 + WARM_UP
    if times.len() <= first:
        message = f"The agent needs at least {first + 1:,} bars to act; there are {times.len():,}. Give it more."
        raise BadInput("TOO_FEW_ROWS", message)
    raw = bars_of(frame, times, only)
    if missing := [name for name in names if name not in raw.names]:
        message = f"The agent was trained with the columns {', '.join(missing)}, which are not there. Add them."
        raise BadInput("MISSING_FEATURES", message)
    order = [raw.names.index(name) for name in names]
    raw = replace(raw, features=raw.features[:, :, order], names=names)
    if raw.features.shape[1:] != normalisation.mean.shape:
        count = normalisation.mean.shape[0]
        message = f"The agent was trained on {count} symbols, and the data has {len(raw.symbols)} of them."
        raise BadInput("WRONG_SYMBOLS", f"{message} Choose data that has all.")
    start = first if since is None else min(max(first, int(times.search_sorted(since))), len(raw.times))
    nothing, everything = range(start, start), range(start, len(raw.times))
    splits: dict[Split, range] = {"train": nothing, "valid": nothing, "test": everything}
    return _market(raw, normalisation, splits, "nothing: all of it is new", torch.device("cpu"))


def _fitted(features: Array, train: range) -> Normalisation:
    part = torch.from_numpy(features[train.start : train.stop])
    known = ~part.isnan()
    count = known.sum(dim=0).clamp(min=1)
    mean = part.nan_to_num().sum(dim=0) / count
    spread = ((part - mean).nan_to_num().square().sum(dim=0) / count).sqrt()
    # A column that never moves would be blown up by the rounding of its mean.
    return Normalisation(mean, torch.where(spread > 1e-9 * mean.abs().clamp(min=1e-9), spread, 1.0))


def _market(raw: Bars, by: Normalisation, splits: dict[Split, range], split_by: str, device: torch.device) -> Market:
    features = (torch.from_numpy(raw.features) - by.mean) / by.std
    return Market(
        times=raw.times,
        symbols=raw.symbols,
        prices={name: torch.tensor(value, dtype=torch.float32, device=device) for name, value in raw.prices.items()},
        quoted=torch.from_numpy(raw.quoted).to(device),
        returns=torch.from_numpy(raw.returns).to(device),
        features=features.nan_to_num().clamp(-_LIMIT, _LIMIT).to(device, torch.float32).contiguous(),
        feature_names=raw.names,
        recipe=RECIPE,
        normalisation=by,
        splits={name: splits[name] for name in SPLITS},
        split_by=split_by,
        bars_per_year=bars_per_year(raw.times),
        device=device,
    )


def bars_per_year(times: Times) -> float:
    """Counted, so that holidays and hours of trade need no calendar. A hole in the data is not a quiet time."""
    steps = np.diff(times).astype("timedelta64[us]").astype(np.float64) / 1e6
    if not len(steps):
        return 1.0
    usual = float(np.median(steps))
    steps[steps > max(10 * usual, 10 * 86_400)] = usual
    return float(len(steps) / steps.sum() * _YEAR)
