"""The return of each month: years down, months across."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.pictures.curves import empty
from domain.pictures.data import Month
from domain.pictures.names import Look, PictureKind
from domain.pictures.palette import LEVELS
from domain.pictures.paper import Paper
from domain.pictures.scales import LARGEST
from domain.pictures.texts import TICK, widest, width
from domain.pictures.wording import MONTHS, UNKNOWN, briefly, counted, number, share

_SIZES = ((12, 1), (11, 1), (10, 1), (11, 0), (10, 0), (9, 0))
"""Of letters, with how many decimals: the first at which most values fit."""
_SMALLER = ((11, 0), (10, 0), (9, 0), (8, 0))
"""For the few that do not fit as the others do."""
_USUAL = 0.9
"""The strongest colours are for what lies beyond this share of all months."""
_ROUND = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
_YEARLY = 3.0
"""Years have the same colours for so many times as much."""
_LETTERS = "JFMAMJJASOND"


@dataclass(frozen=True, slots=True)
class _Grid:
    paper: Paper
    left: float
    top: float
    cell: float
    year: float
    height: float
    size: int
    decimals: int
    limit: float

    def x(self, column: int) -> float:
        return self.left + column * self.cell + (4 if column == 12 else 0)


def monthly(months: Sequence[Month], look: Look, title: str) -> str:
    """The last column is the whole year: its months compounded."""
    found = {(month.year, month.month): month.value for month in months if 1 <= month.month <= 12}
    known = {key: value for key, value in found.items() if abs(value) <= LARGEST}
    if not known:
        return empty(Paper(PictureKind.MONTHLY, look, title))
    paper = Paper(PictureKind.MONTHLY, look, title, "Return of each month in %, and of each year")
    years = _years(known)
    grid = _grid(paper, known, years)
    _heads(grid)
    for row, year in enumerate(range(min(years), max(years) + 1)):
        _row(grid, row, year, known, years.get(year))
    bottom = grid.top + (max(years) - min(years) + 1) * grid.height
    return paper.done(_legend(grid, bottom + 12) + 10, _told(known, years))


def _years(known: dict[tuple[int, int], float]) -> dict[int, float]:
    found: dict[int, float] = {}
    for (year, _), value in known.items():
        found[year] = (1.0 + found.get(year, 0.0)) * (1.0 + value) - 1.0
    return found


def _grid(paper: Paper, known: dict[tuple[int, int], float], years: dict[int, float]) -> _Grid:
    left = paper.left + widest((str(year) for year in years), TICK) + 8
    across = paper.right - left - 4
    usual = float(np.quantile(np.abs(list(known.values())), _USUAL))
    cell = across / 13.6
    size, decimals = _fitting(list(known.values()), cell - 3)
    limit = _limit(max(usual, 1e-4))
    return _Grid(paper, left, paper.top + 28, cell, cell * 1.6, min(max(cell * 0.6, 22), 30), size, decimals, limit)


def _limit(usual: float) -> float:
    """The next one of a few round numbers."""
    power = 10.0 ** math.floor(math.log10(usual))
    return next((power * factor for factor in _ROUND if power * factor >= usual), power * 10.0)


def _fitting(values: Sequence[float], room: float) -> tuple[int, int]:
    for size, decimals in _SIZES:
        fits = sum(width(_words(value, decimals), size) <= room for value in values)
        if fits >= 0.97 * len(values):
            return size, decimals
    return _SIZES[-1]


def _words(value: float, decimals: int) -> str:
    return number(value * 100.0, decimals)


def _heads(grid: _Grid) -> None:
    short = widest(MONTHS, TICK) > grid.cell - 2
    for place, month in enumerate(MONTHS):
        words = _LETTERS[place] if short else month
        grid.paper.text(grid.x(place) + grid.cell / 2, grid.top - 8, words, "tick", "middle")
    grid.paper.text(grid.x(12) + grid.year / 2, grid.top - 8, "Year", "tick", "middle")


def _row(grid: _Grid, row: int, year: int, known: dict[tuple[int, int], float], whole: float | None) -> None:
    y = grid.top + row * grid.height
    grid.paper.text(grid.left - 8, y + grid.height / 2 + 4, str(year), "tick", "end")
    for place, month in enumerate(MONTHS):
        _cell(grid, (grid.x(place), y), known.get((year, place + 1)), f"{month} {year}")
    _cell(grid, (grid.x(12), y), whole, str(year), strong=True)


def _cell(grid: _Grid, at: tuple[float, float], value: float | None, when: str, strong: bool = False) -> None:
    x, y = at
    wide = grid.year if strong else grid.cell
    if value is None:
        grid.paper.rect(x + 1.5, y + 1.5, wide - 3, grid.height - 3, "unknown", says=f"{when}: {UNKNOWN}")
        return
    level = _level(value, grid.limit * (_YEARLY if strong else 1.0))
    grid.paper.rect(x + 1, y + 1, wide - 2, grid.height - 2, f"heat{level}", says=f"{when}: {share(value)}")
    for size, decimals in ((grid.size, grid.decimals), *_SMALLER):
        words = _words(value, decimals)
        if size <= grid.size and width(words, size) <= wide - 1:
            grid.paper.sized(x + wide / 2, y + grid.height / 2 + size * 0.36, words, f"on{level}", size)
            return


def _level(value: float, limit: float) -> int:
    """0 for what is nearly nothing, else which shade of gain or loss."""
    part = min(abs(value) / limit, 1.0)
    return round(math.copysign(max(math.ceil(part * LEVELS - 0.25), 0), value))


def _legend(grid: _Grid, y: float) -> float:
    paper, limit = grid.paper, grid.limit
    low, high = f"{briefly(-limit)} or less", f"{briefly(limit)} or more"
    left = paper.left if paper.narrow else grid.left
    room = paper.right - left - width(low, TICK) - width(high, TICK) - 12
    x, wide = left + width(low, TICK) + 6, min(room / (2 * LEVELS + 1), 18.0)
    paper.text(left, y + 10, low, "tick")
    for level in range(-LEVELS, LEVELS + 1):
        paper.rect(x, y, wide, 12, f"heat{level}")
        x += wide
    paper.text(x + 6, y + 10, high, "tick")
    years = f"Years: {briefly(-limit * _YEARLY)} or less to {briefly(limit * _YEARLY)} or more"
    paper.text(left, y + 27, years, "tick")
    return y + 31


def _told(known: dict[tuple[int, int], float], years: dict[int, float]) -> list[str]:
    best, worst = max(known, key=lambda key: (known[key], key)), min(known, key=lambda key: (known[key], key))
    gains = sum(value > 0 for value in known.values())
    told = [f"{year} {share(value)}" for year, value in sorted(years.items())]
    return [
        f"{counted(len(known), 'month', 'months')}, {number(gains)} of them with a gain.",
        f"The best month is {_month(best)} with {share(known[best])}.",
        f"The worst is {_month(worst)} with {share(known[worst])}.",
        f"By year: {', '.join(told)}.",
    ]


def _month(key: tuple[int, int]) -> str:
    return f"{MONTHS[key[1] - 1]} {key[0]}"
