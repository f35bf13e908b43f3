"""A few measures of a few entries at once, and the figures themselves in a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.pictures.curves import empty
from domain.pictures.data import Scores
from domain.pictures.entries import Item, beneath, keys
from domain.pictures.names import Look, PictureKind
from domain.pictures.paper import Paper
from domain.pictures.scales import LARGEST
from domain.pictures.texts import DASH, LABEL, clean, widest, width
from domain.pictures.wording import number, share

_MOST_ENTRIES, _MOST_MEASURES = 4, 7
_LETTERS = "ABCD"
_CORNERS, _WIDEST_COLUMN = 3, 160.0
_SCALED = "Each measure from the worst of these, on the inner ring, to the best, on the rim."
_ALONE = "With nothing beside it, all measures lie on the rim."
_INNER = 0.2
"""Where the worst lies, as a part of the way to the rim: so that it is seen at all."""
# The figures to choose, in this order, where there are more than fit; whether less of it is better, and whether it is
# a share.
_MEASURES: Mapping[str, tuple[str, bool, bool]] = {
    "annual_return": ("Annual return", False, True),
    "sharpe": ("Sharpe", False, False),
    "max_drawdown": ("Max drawdown", False, True),
    "sortino": ("Sortino", False, False),
    "volatility": ("Volatility", True, True),
    "calmar": ("Calmar", False, False),
    "win_rate": ("Win rate", False, True),
    "total_return": ("Total return", False, True),
    "profit_factor": ("Profit factor", False, False),
    "conditional_value_at_risk": ("CVaR", False, True),
    "value_at_risk": ("VaR", False, True),
    "stability": ("Stability", False, False),
    "omega": ("Omega", False, False),
    "tail_ratio": ("Tail ratio", False, False),
    "alpha": ("Alpha", False, True),
    "information_ratio": ("Information ratio", False, False),
    "payoff": ("Payoff", False, False),
    "downside_deviation": ("Downside dev.", True, True),
    "turnover": ("Turnover", True, False),
    "costs": ("Costs", True, False),
    "tracking_error": ("Tracking error", True, True),
}


_OF_GAINS = frozenset({"calmar"})
"""Ratios to a fall: of what lost, they are the better, the deeper that was, so below 0 they are all as bad."""


@dataclass(frozen=True, slots=True)
class _Chart:
    paper: Paper
    entries: Sequence[Scores]
    keys: Sequence[str]
    measures: Sequence[str]
    x: float
    y: float
    radius: float

    def at(self, place: int, part: float) -> tuple[float, float]:
        angle = 2 * math.pi * place / len(self.measures)
        return self.x + math.sin(angle) * part * self.radius, self.y - math.cos(angle) * part * self.radius


def radar(scores: Sequence[Scores], look: Look, title: str) -> str:
    """Models come before baselines where there are more than four. Where all are equal, all lie on the rim."""
    chosen = sorted(scores, key=lambda entry: entry.is_baseline)[:_MOST_ENTRIES]
    measures = _measures(chosen)
    if not measures:
        return empty(Paper(PictureKind.RADAR, look, title))
    more = f" The first {_MOST_ENTRIES} of {number(len(scores))} entries." if len(scores) > _MOST_ENTRIES else ""
    below = f"{_scaling(chosen, measures)}{more}"
    paper = Paper(PictureKind.RADAR, look, title, below)
    wide = paper.room if paper.narrow else min(paper.room * 0.52, 520.0)
    labels = widest((word for name in measures for word in _MEASURES[name][0].split()), LABEL)
    radius = min(max((wide - 2 * labels - 20) / 2, 50.0), 165.0)
    chart = _Chart(paper, chosen, keys(chosen), measures, paper.left + wide / 2, paper.top + radius + 42, radius)
    return paper.done(_drawn(chart, wide) + 10, [*_told(chart), below])


def _drawn(chart: _Chart, wide: float) -> float:
    """The web needs three measures; fewer are only in the table."""
    paper = chart.paper
    if len(chart.measures) < _CORNERS:
        return _table(chart, paper.left, paper.top + 20)
    _web(chart)
    for place in reversed(range(len(chart.entries))):
        _entry(chart, place)
    bottom = chart.y + chart.radius + 36
    if paper.narrow:
        return _table(chart, paper.left, bottom + 12)
    return _table(chart, paper.left + wide + 14, paper.top + 24, bottom)


def _scaling(entries: Sequence[Scores], measures: Sequence[str]) -> str:
    if len(measures) < _CORNERS:
        return "The figures side by side: there are too few for a web."
    return _SCALED if len(entries) > 1 else _ALONE


def _measures(entries: Sequence[Scores]) -> list[str]:
    found = [name for name in _MEASURES if any(_tells(name, _known(entry, name)) for entry in entries)]
    return found[:_MOST_MEASURES]


def _tells(name: str, value: float | None) -> bool:
    return value is not None and (value > 0.0 or name not in _OF_GAINS)


def _known(entry: Scores, name: str) -> float | None:
    value = entry.values.get(name)
    return value if value is not None and abs(value) <= LARGEST else None


def _placed(entry: Scores, name: str) -> float | None:
    value = _known(entry, name)
    return max(value, 0.0) if value is not None and name in _OF_GAINS else value


def _part(chart: _Chart, entry: Scores, name: str) -> float | None:
    """How far out: the worst on the inner ring, the best on the rim."""
    value = _placed(entry, name)
    if value is None:
        return None
    all_known = [known for known in (_placed(other, name) for other in chart.entries) if known is not None]
    worst, best = min(all_known), max(all_known)
    if _MEASURES[name][1]:
        worst, best = best, worst
    return 1.0 if best == worst else _INNER + (1.0 - _INNER) * (value - worst) / (best - worst)


def _web(chart: _Chart) -> None:
    count = len(chart.measures)
    for part in (_INNER, 0.6, 1.0):
        corners = [chart.at(place, part) for place in range(count)]
        chart.paper.path(_closed(corners), "ring")
    for place, name in enumerate(chart.measures):
        x, y = chart.at(place, 1.0)
        chart.paper.line(chart.x, chart.y, x, y, "grid")
        _label(chart, place, _MEASURES[name][0])


def _label(chart: _Chart, place: int, words: str) -> None:
    x, y = chart.at(place, 1.0)
    side = x - chart.x
    anchor = "middle" if abs(side) < 1 else "start" if side > 0 else "end"
    away = 0 if abs(side) < 1 else math.copysign(8, side)
    lines = words.split()
    # The lowest line right above the rim at the top, the highest right beneath it at the bottom.
    up = (len(lines) - 1) * 14 * (chart.y + chart.radius - y) / (2 * chart.radius)
    down = 4 + (y - chart.y) / chart.radius * 12 - up
    for row, line in enumerate(lines):
        chart.paper.text(x + away, y + down + row * 14, line, "label", anchor)


def _closed(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z"


def _entry(chart: _Chart, place: int) -> None:
    entry, key = chart.entries[place], chart.keys[place]
    parts = [_part(chart, entry, name) for name in chart.measures]
    corners = [chart.at(spoke, part) for spoke, part in enumerate(parts) if part is not None]
    if len(corners) > 2:
        chart.paper.path(_closed(corners), f"area-{key}")
        chart.paper.path(_closed(corners), f"line-{key}")
    for x, y in corners:
        chart.paper.circle(x, y, 3.2, f"fill-{key}")


def _table(chart: _Chart, left: float, top: float, web: float = 0.0) -> float:
    """Measures down, entries across; where it ends, and the web as well. Where values have no room beside their name,
    they stand beneath; where a name has none over its values, a letter stands for it, and all names beneath."""
    paper, right, count = chart.paper, chart.paper.right, len(chart.entries)
    first = widest((_MEASURES[name][0] for name in chart.measures), LABEL) + 10
    needed = widest(_worded(entry, name) for entry in chart.entries for name in chart.measures) + 8
    is_high = (right - left - first) / count < needed
    first = 0.0 if is_high else first
    each = min((right - left - first) / count, _WIDEST_COLUMN)
    ends = [left + first + each * (place + 1) for place in range(count)]
    names = [entry.name for entry in chart.entries]
    is_lettered = any(width(clean(name), LABEL, bold=True) > each - 8 for name in names)
    _heads(chart, ends, each, top, _LETTERS[:count] if is_lettered else names)
    y = top + 28
    for name in chart.measures:
        paper.text(left, y, _MEASURES[name][0], "quiet")
        y += 17 if is_high else 0
        for end, entry in zip(ends, chart.entries, strict=True):
            paper.fitted(end, y, _worded(entry, name), "label", each - 4, anchor="end")
        paper.line(left, y + 7, ends[-1], y + 7, "grid")
        y += 24
    bottom = max(y - 8, web)
    if not is_lettered:
        return bottom
    told = [Item(key, f"{letter}: {name}") for key, letter, name in zip(chart.keys, _LETTERS, names, strict=False)]
    return beneath(paper, bottom + 12, told)


def _heads(chart: _Chart, ends: Sequence[float], each: float, y: float, names: Sequence[str]) -> None:
    for end, name, key in zip(ends, names, chart.keys, strict=True):
        chart.paper.fitted(end, y, name, f"text-{key}", each - 8, anchor="end")
        chart.paper.path(f"M{end - min(each - 8, 28):.1f} {y + 8:.1f}H{end:.1f}", f"line-{key}")


def _worded(entry: Scores, name: str) -> str:
    value = _known(entry, name)
    if value is None:
        return DASH
    return share(value, signed=False) if _MEASURES[name][2] else number(value, 2)


def _told(chart: _Chart) -> list[str]:
    return [
        f"{clean(entry.name)}: "
        + ", ".join(f"{_MEASURES[name][0]} {_worded(entry, name)}" for name in chart.measures)
        + "."
        for entry in chart.entries
    ]
