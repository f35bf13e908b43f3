"""Data to draw: made up, always the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from domain.analysis.series import Series, Times
from domain.pictures.data import (
    Cost,
    Curve,
    Difference,
    Fold,
    Histogram,
    Mark,
    Month,
    Scores,
    Spread,
    Stressed,
    Stretch,
)
from domain.pictures.styles import REGIMES

START = np.datetime64("2022-01-03", "s")
LONG = "Deep deterministic policy gradient with a very long and careful name, second attempt of the third of March"
ODD = "A<b>&\"quoted\" 'name' \x00\x1b\ud800\u202e<script>alert(1)</script>"
MODELS = ("PPO momentum", "DQN pairs", "SAC trend", "A2C", "TD3 carry", "DDPG", "EIIE", "DeepTrader", "SARL", "IMIT")
BASELINES = ("buy_and_hold", "equal_weight", "random", "flat")


def times(count: int, step: str = "D") -> Times:
    return START + np.arange(count) * np.timedelta64(1, step)


def walk(count: int, seed: int, drift: float = 0.0006, spread: float = 0.012) -> Series:
    slow = 1.0 if count <= 20_000 else 0.02
    moves = np.random.default_rng(seed).normal(drift * slow, spread * slow**0.5, max(count - 1, 0))
    return np.concatenate(([1.0], np.cumprod(1.0 + moves)))[:count]


def under(values: Series) -> Series:
    filled = np.where(np.isfinite(values), values, -np.inf)
    return values / np.maximum.accumulate(filled) - 1.0


def curves(models: int, baselines: int, count: int = 700, step: str = "D") -> list[Curve]:
    names = [*MODELS[:models], *BASELINES[:baselines]]
    return [Curve(name, times(count, step), walk(count, place), place >= models) for place, name in enumerate(names)]


def fallen(given: Sequence[Curve]) -> list[Curve]:
    return [replace(curve, values=under(curve.values)) for curve in given]


def holed(given: Sequence[Curve]) -> list[Curve]:
    found = []
    for curve in given:
        values = curve.values.copy()
        values[100:180] = np.nan
        values[300:302] = np.nan
        values[-40:] = np.nan
        values[400:420:2] = np.nan
        found.append(replace(curve, values=values))
    return found


def named(given: Sequence[Curve], name: str) -> list[Curve]:
    return [replace(curve, name=f"{name} {place}") for place, curve in enumerate(given)]


def scaled(given: Sequence[Curve], factor: float) -> list[Curve]:
    return [replace(curve, values=curve.values * factor) for curve in given]


def sharpes(models: int, baselines: int, count: int = 700) -> list[Curve]:
    found = []
    for place, curve in enumerate(curves(models, baselines, count)):
        values = np.cumsum(np.random.default_rng(place).normal(0, 0.12, count)) + 0.5
        values[: min(60, count - 1)] = np.nan
        found.append(replace(curve, values=values))
    return found


def months(first: int, last: int, spread: float = 0.03, seed: int = 3) -> list[Month]:
    rng = np.random.default_rng(seed)
    return [
        Month(year, month, float(rng.normal(0.006, spread)))
        for year in range(first, last + 1)
        for month in range(1, 13)
    ]


def histogram(name: str, seed: int, bins: int = 60, is_baseline: bool = False, spread: float = 0.012) -> Histogram:
    values = np.random.default_rng(seed).standard_t(4, 3_000) * spread
    counts, edges = np.histogram(values, bins=bins)
    return Histogram(name, edges, counts.astype(np.float64), float(np.quantile(values, 0.05)), is_baseline)


def price(count: int = 700, step: str = "D") -> Curve:
    return Curve("AAPL", times(count, step), 150.0 * walk(count, 5))


def marks(given: Curve, many: int, losing: bool = False) -> list[Mark]:
    rng = np.random.default_rng(8)
    places = np.sort(rng.choice(len(given.times), min(many, len(given.times)), replace=False))
    found = []
    for turn, place in enumerate(places):
        profit = None if turn % 2 == 0 else -5.0 if losing else float(rng.normal(5, 30))
        found.append(Mark(given.times[place], float(given.values[place]), turn % 2 == 0, profit))
    return found


def held(count: int, assets: int, short: bool = False, seed: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    raw = np.abs(np.cumsum(rng.normal(0, 0.1, (count, assets + 1)), axis=0)) + 0.2
    shares = raw / raw.sum(axis=1, keepdims=True)
    table = shares[:, :assets]
    if short:
        table = table * np.where(np.arange(assets) % 3 == 0, -1.0, 1.0)
    return table


def tickers(count: int) -> list[str]:
    return [f"{'ABCDEFGHIJ'[place % 10]}{'XYZ'[place // 10 % 3]}{place}" for place in range(count)]


def scores(name: str, seed: int, is_baseline: bool = False) -> Scores:
    rng = np.random.default_rng(seed)
    values: dict[str, float | None] = {
        "annual_return": float(rng.normal(0.1, 0.1)),
        "sharpe": float(rng.normal(1, 0.5)),
        "max_drawdown": -float(rng.uniform(0.05, 0.4)),
        "sortino": float(rng.normal(1.4, 0.5)),
        "volatility": float(rng.uniform(0.1, 0.3)),
        "calmar": float(rng.normal(0.8, 0.5)),
        "win_rate": float(rng.uniform(0.4, 0.6)),
    }
    return Scores(name, values, is_baseline)


def stretches(count: int, length: int, step: str = "D") -> list[Stretch]:
    at = times(count * length + 1, step)
    order = np.random.default_rng(3).integers(0, 6, count)
    return [Stretch(at[p * length], at[(p + 1) * length], REGIMES[int(order[p])]) for p in range(count)]


def differences(names: Sequence[str]) -> list[Difference]:
    rng, found = np.random.default_rng(6), []
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            value, half = float(rng.normal(0.05, 0.06)), float(rng.uniform(0.02, 0.1))
            found.append(Difference(first, second, value, value - half, value + half, abs(value) > half))
    return found


def stressed(names: Sequence[str], models: int) -> list[Stressed]:
    rng, found = np.random.default_rng(7), []
    for scenario, strength in (
        ("crash", 0.3),
        ("volatility", 2.0),
        ("gap", 0.1),
        ("drought", 5.0),
        ("costs", 3.0),
        ("reversal", 1.0),
        ("bootstrap", 20.0),
    ):
        spreads = []
        for place, name in enumerate(names):
            worst, median, best = sorted(rng.normal(0.0, 0.2, 3))
            spreads.append(Spread(name, float(worst), float(median), float(best), place >= models))
        found.append(Stressed(scenario, strength, spreads))
    return found


def costs(names: Sequence[str], models: int) -> list[Cost]:
    rng = np.random.default_rng(2)
    means = rng.uniform(1, 15, len(names))
    return [
        Cost(n, float(m), float(m - 1.2), float(m + 1.5), p >= models)
        for p, (n, m) in enumerate(zip(names, means, strict=True))
    ]


def fold(place: int, names: Sequence[str], models: int, days: int = 90) -> Fold:
    rng, day = np.random.default_rng(place), np.timedelta64(1, "D")
    since = START + (365 + place * days) * day
    entries = [(name, float(rng.normal(0.03, 0.08)), index >= models) for index, name in enumerate(names)]
    return Fold(since, since + days * day, START + place * days * day, since - day, entries)
