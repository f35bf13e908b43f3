"""What carrying orders out cost, with a 95 % interval."""

from __future__ import annotations

from collections.abc import Sequence

from domain.pictures import rows
from domain.pictures.curves import empty
from domain.pictures.data import Cost
from domain.pictures.entries import keys
from domain.pictures.names import Look, PictureKind
from domain.pictures.paper import Paper
from domain.pictures.rows import Group, Row
from domain.pictures.scales import plain
from domain.pictures.texts import clean
from domain.pictures.wording import UNKNOWN, number, points


def shortfall(costs: Sequence[Cost], look: Look, title: str) -> str:
    """In basis points; the cheapest is told, the order stays as it is."""
    if not any(rows.known(cost.mean) is not None for cost in costs):
        return empty(Paper(PictureKind.SHORTFALL, look, title))
    below = "Mean cost of an order in basis points (bps), with its 95% interval. Less is better. Hollow: baselines."
    paper = Paper(PictureKind.SHORTFALL, look, title, below)
    found = [_row(cost, key) for cost, key in zip(costs, keys(costs), strict=True)]
    bottom = rows.draw(paper, paper.top + 8, [Group("", found)], plain)
    return paper.done(bottom + 10, _told(costs))


def _row(cost: Cost, key: str) -> Row:
    low, mean, high = (rows.known(value) for value in (cost.low, cost.mean, cost.high))
    return Row(clean(cost.name), key, low, mean, high, _words(cost), is_faint=cost.is_baseline)


def _words(cost: Cost) -> str:
    low, mean, high = (rows.known(value) for value in (cost.low, cost.mean, cost.high))
    if mean is None:
        return UNKNOWN
    return points(mean) if low is None or high is None else f"{points(mean)} ({number(low, 1)} to {number(high, 1)})"


def _told(costs: Sequence[Cost]) -> list[str]:
    cheapest = min((cost for cost in costs if rows.known(cost.mean) is not None), key=lambda cost: cost.mean)
    told = [f"{clean(cost.name)} costs {_words(cost)}." for cost in costs]
    return [*told, f"The cheapest is {clean(cheapest.name)}."] if len(costs) > 1 else told
