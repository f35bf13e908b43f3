"""Small markets of several assets, made by hand or from numpy: no file, no feature that was not put there."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from domain.catalogue import complete
from workers.engines.embedded.market import Market, Normalisation

Array = npt.NDArray[np.float64]


def market_of_returns(returns: Array, features: Array, splits: tuple[int, int] | None = None) -> Market:
    """`returns[t]` leads from bar t - 1 to bar t. `splits` says where valid and test begin."""
    bars, assets = returns.shape
    close = 100 * np.cumprod(1 + returns, axis=0)
    valid, test = splits or (bars * 3 // 5, bars * 4 // 5)
    count = features.shape[2]
    return Market(
        times=np.datetime64("2015-01-01", "us") + np.arange(bars) * np.timedelta64(86_400_000_000, "us"),
        symbols=tuple(f"A{place}" for place in range(assets)),
        prices={"close": torch.tensor(close)},
        quoted=torch.ones(bars, assets, dtype=torch.bool),
        returns=torch.tensor(returns),
        features=torch.tensor(features, dtype=torch.float32),
        feature_names=tuple(f"f{place}" for place in range(count)),
        recipe="none",
        normalisation=Normalisation(torch.zeros(assets, count), torch.ones(assets, count)),
        splits={"train": range(valid), "valid": range(valid, test), "test": range(test, bars)},
        split_by="hand",
        bars_per_year=252.0,
        device=torch.device("cpu"),
    )


def planted(seed: int = 1, *, bars: int = 2_000, assets: int = 6, signal: float = 0.25, noise: int = 3) -> Market:
    """The first feature of each asset tells, dimly, its next return; the others tell nothing. Within each split every
    asset earns nothing on average, so that holding them all earns nothing either."""
    rng = np.random.default_rng(seed)
    told = _slow(rng, bars, assets, 0.8)
    chance = rng.standard_normal((bars, assets))
    chance[1:] = signal * told[:-1] + np.sqrt(1 - signal**2) * chance[1:]
    valid, test = bars * 3 // 5, bars * 4 // 5
    for part in (slice(0, valid), slice(valid, test), slice(test, bars)):
        chance[part] -= chance[part].mean(axis=0)
    others = rng.standard_normal((bars, assets, noise))
    return market_of_returns(0.02 * chance, np.concatenate((told[..., None], others), axis=2))


def pure_noise(seed: int, *, bars: int = 2_000, assets: int = 6) -> Market:
    return planted(seed, bars=bars, assets=assets, signal=0.0)


def config(name: str, **changes: Any) -> dict[str, Any]:
    """The defaults of the catalogue, with these changes."""
    return dict(complete("portfolio_management", name, changes))


def _slow(rng: np.random.Generator, bars: int, assets: int, kept: float) -> Array:
    shocks = rng.standard_normal((bars, assets))
    values = np.zeros_like(shocks)
    values[0] = shocks[0]
    for row in range(1, bars):
        values[row] = kept * values[row - 1] + np.sqrt(1 - kept**2) * shocks[row]
    return values
