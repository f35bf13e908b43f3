"""What would have been earned had the same data gone badly: from the worst to the best run of each scenario."""

from __future__ import annotations

from collections.abc import Sequence

from domain.analysis.names import Scenario
from domain.pictures import rows
from domain.pictures.curves import empty
from domain.pictures.data import Spread, Stressed
from domain.pictures.entries import keyed
from domain.pictures.names import Look, PictureKind
from domain.pictures.paper import Paper
from domain.pictures.rows import Group, Row
from domain.pictures.scales import percent
from domain.pictures.texts import clean
from domain.pictures.wording import UNKNOWN, briefly, number, share

_HEADINGS = {
    Scenario.CRASH: "Crash: prices fall by {share}",
    Scenario.GAP: "Gap: prices open {share} lower",
    Scenario.VOLATILITY: "Volatility: moves {times} as large",
    Scenario.DROUGHT: "Drought: trading {times} as dear, little volume",
    Scenario.COSTS: "Costs: {times} as high",
    Scenario.REVERSAL: "Reversal: all moves the other way",
    Scenario.BOOTSTRAP: "Shuffled: blocks of about {bars} bars",
}


def stress(scenarios: Sequence[Stressed], look: Look, title: str) -> str:
    """Each entry keeps its colour through all scenarios."""
    if not any(_known(entry) for given in scenarios for entry in given.entries):
        return empty(Paper(PictureKind.STRESS, look, title))
    below = "Total return: the median of all runs, and from the worst to the best. Hollow: baselines."
    paper = Paper(PictureKind.STRESS, look, title, below)
    colours = _colours(scenarios)
    groups = [
        Group(heading(given), [_row(entry, colours[entry.name]) for entry in given.entries]) for given in scenarios
    ]
    bottom = rows.draw(paper, paper.top + 4, groups, percent)
    return paper.done(bottom + 10, [_told(given) for given in scenarios])


def heading(given: Stressed) -> str:
    """What is done to the data, with its strength where it has one."""
    words = {str(scenario): words for scenario, words in _HEADINGS.items()}.get(given.scenario)
    if words is None or rows.known(given.strength) is None:
        return clean(given.scenario).replace("_", " ").capitalize()
    times = f"{number(given.strength, 0 if given.strength == round(given.strength) else 1)} times"
    return words.format(share=briefly(given.strength), times=times, bars=number(given.strength))


def _colours(scenarios: Sequence[Stressed]) -> dict[str, str]:
    entries = {entry.name: entry.is_baseline for given in scenarios for entry in given.entries}
    return dict(zip(entries, keyed(list(entries.values())), strict=True))


def _known(entry: Spread) -> bool:
    return any(rows.known(value) is not None for value in (entry.worst, entry.median, entry.best))


def _row(entry: Spread, key: str) -> Row:
    worst, median, best = (rows.known(value) for value in (entry.worst, entry.median, entry.best))
    return Row(clean(entry.name), key, worst, median, best, _words(worst, median, best), is_faint=entry.is_baseline)


def _words(worst: float | None, median: float | None, best: float | None) -> str:
    if worst is None and median is None and best is None:
        return UNKNOWN
    if worst is None or best is None or worst == best:
        return share(median)
    return f"{share(median)} ({share(worst)} to {share(best)})"


def _told(given: Stressed) -> str:
    told = "; ".join(f"{clean(entry.name)} {_words(entry.worst, entry.median, entry.best)}" for entry in given.entries)
    return f"{heading(given)}: {told}."
