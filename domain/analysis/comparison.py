"""Which of several is better, and whether that could be chance.

All are measured over the same periods, so each pair has a difference in each period. How far its mean could be off is
found by the stationary bootstrap (Politis and Romano 1994): periods are drawn in blocks of random length, 1000 times,
the same ones for all pairs, so that what hangs together in time stays together. Whoever compares many finds some that
look good: the p values are corrected by Holm's method, so that on pure noise a difference is called real in at most
`level` of all comparisons, however many pairs there are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from domain.analysis.series import Series

LEVEL = 0.05
_DRAWS = 1_000
_MOST_PERIODS = 4_000
_AT_ONCE = 4_000_000
"""Places that are drawn at once, so that memory stays small."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more the first earns than the second, in a year, as the sum of simple returns."""

    first: str
    second: str
    value: float
    low: float
    """With `high`: where the true difference lies, as likely as 1 - level, looked at alone."""
    high: float
    p: float
    """How likely at least such a difference would be by chance, looked at alone."""
    corrected_p: float
    """The same for one of so many comparisons."""
    real: bool
    """Whether chance does not explain it."""


@dataclass(frozen=True, slots=True)
class Comparison:
    ranking: tuple[str, ...]
    """By mean return, the best first."""
    differences: tuple[Difference, ...]
    winner: str | None
    """The best, where each of its differences is real; None: nobody can tell."""


def compare(series: Mapping[str, Series], per_year: float, *, seed: int = 0, level: float = LEVEL) -> Comparison:
    """Returns of the same periods, by name. Periods in which one is unknown are left out."""
    names = list(series)
    table = np.stack([series[name] for name in names]) if names else np.empty((0, 0))
    table = _fewer(table[:, np.isfinite(table).all(axis=0)])
    means = table.mean(axis=1) if table.shape[1] else np.zeros(len(names))
    order = tuple(names[place] for place in np.argsort(-means, kind="stable"))
    pairs = list(combinations(order, 2))
    if table.shape[1] < 2 or not pairs:
        return Comparison(order, (), None)
    drawn = _drawn_means(table, np.random.default_rng(seed))
    scale = per_year * table.shape[1] / max(_known(series), 1)
    found = [_pair(names.index(one), names.index(other), means, drawn, level) for one, other in pairs]
    corrected = holm([p for *_, p in found])
    differences = tuple(
        Difference(*pair, value * scale, low * scale, high * scale, p, right, right <= level)
        for pair, (value, low, high, p), right in zip(pairs, found, corrected, strict=True)
    )
    best = all(each.real for each in differences if each.first == order[0])
    return Comparison(order, differences, order[0] if best else None)


def mean_within(values: Series, *, seed: int = 0, level: float = LEVEL) -> tuple[float, float] | None:
    """Where the true mean of a series lies, as likely as 1 - level; None where there is too little to tell."""
    known = values[np.isfinite(values)][None]
    table = _fewer(known)
    if table.shape[1] < 2:
        return None
    mean, scale = float(table.mean()), table.shape[1] / known.shape[1]
    low, high = np.quantile(_drawn_means(table, np.random.default_rng(seed)) - mean, (level / 2, 1.0 - level / 2))
    return (mean - float(high)) * scale, (mean - float(low)) * scale


def holm(ps: list[float]) -> list[float]:
    """The smallest times as many as there are, the next times one fewer, and so on; none less than the one before."""
    corrected, highest = [1.0] * len(ps), 0.0
    for rank, place in enumerate(np.argsort(ps, kind="stable")):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        corrected[place] = highest
    return corrected


def stationary_places(count: int, length: float, draws: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """[draws, count]: places in a series, drawn in blocks whose lengths are random with this mean."""
    begins = chance.random((draws, count)) < 1.0 / length
    begins[:, 0] = True
    starts = chance.integers(0, count, (draws, count))
    at = np.maximum.accumulate(np.where(begins, np.arange(count), 0), axis=1)
    since = np.arange(count) - at
    return np.asarray((np.take_along_axis(starts, at, axis=1) + since) % count)


def _pair(
    one: int, other: int, means: Series, drawn: NDArray[np.float64], level: float
) -> tuple[float, float, float, float]:
    value = float(means[one] - means[other])
    off = drawn[:, one] - drawn[:, other] - value
    low, high = np.quantile(off, (level / 2, 1.0 - level / 2))
    # Equal but for rounding is as likely as can be.
    reached = int(np.count_nonzero(np.abs(off) >= abs(value) - 1e-15))
    return value, value - float(high), value - float(low), (1 + reached) / (1 + len(off))


def _drawn_means(table: NDArray[np.float64], chance: np.random.Generator) -> NDArray[np.float64]:
    """[draws, series]. Blocks miss some of the spread of the mean: what they miss is put back. And as many blocks as
    there are tell the spread only so well: each draw is widened as Student's distribution is."""
    count = table.shape[1]
    length = max(1.0, count ** (1 / 3))
    step = max(1, _AT_ONCE // count)
    means = table.mean(axis=1)
    drawn = []
    for done in range(0, _DRAWS, step):
        places = stationary_places(count, length, min(step, _DRAWS - done), chance)
        drawn.append(np.stack([row[places].mean(axis=1) for row in table], axis=1))
    missed = math.sqrt(count / max(count - 2.0 * length, 1.0))
    blocks = count / length
    widened = missed * np.sqrt(blocks / chance.chisquare(blocks, (_DRAWS, 1)))
    return np.asarray(means + widened * (np.concatenate(drawn) - means))


def _fewer(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where periods are very many, neighbours are summed up: the means stay, and what hangs together does."""
    count = table.shape[1]
    width = -(-count // _MOST_PERIODS) if count else 1
    if width == 1:
        return table
    whole = count // width * width
    return np.asarray(table[:, :whole].reshape(len(table), -1, width).sum(axis=2))


def _known(series: Mapping[str, Series]) -> int:
    return int(np.isfinite(np.stack(list(series.values()))).all(axis=0).sum())
