"""Which of several is better, with how far chance reaches: a range for each pair."""

from __future__ import annotations

from collections.abc import Sequence

from domain.pictures import rows
from domain.pictures.curves import empty
from domain.pictures.data import Difference
from domain.pictures.names import Look, PictureKind
from domain.pictures.paper import Paper
from domain.pictures.rows import Group, Row
from domain.pictures.scales import percent
from domain.pictures.texts import clean, shortened
from domain.pictures.wording import number, share

_MOST = 45
_NAME = 150.0
"""How wide a name in the ranking may be."""


def comparison(differences: Sequence[Difference], ranking: Sequence[str], look: Look, title: str) -> str:
    """Strong and filled where chance does not explain it, else pale and hollow. Of very many, the largest."""
    drawable = [found for found in differences if rows.known(found.value) is not None]
    shown = sorted(drawable, key=lambda found: -abs(found.value))[:_MOST] if len(drawable) > _MOST else drawable
    if not shown:
        return empty(Paper(PictureKind.COMPARISON, look, title), _nothing(ranking))
    more = f" The {_MOST} largest of {number(len(drawable))} differences." if len(drawable) > _MOST else ""
    below = f"Difference of the yearly return, with its 95% interval. Filled: chance does not explain it.{more}"
    paper = Paper(PictureKind.COMPARISON, look, title, below)
    bottom = rows.draw(paper, paper.top + 8, [Group("", [_row(found) for found in shown])], percent)
    if ranking:
        bottom = paper.note(bottom + 8, _ranked([shortened(clean(name), _NAME) for name in ranking]))
    return paper.done(bottom + 10, [*_told(shown), *([_ranked(ranking)] if ranking else [])])


def _nothing(ranking: Sequence[str]) -> str:
    alone = f" {_ranked(ranking)}" if ranking else ""
    return f"There are no two whose difference is known.{alone}"


def _row(found: Difference) -> Row:
    key, names = "c0" if found.real else "b0", (clean(found.first), clean(found.second))
    low, high = rows.known(found.low), rows.known(found.high)
    return Row(names[0], key, low, found.value, high, _words(found), is_faint=not found.real, second=names[1])


def _words(found: Difference) -> str:
    if rows.known(found.low) is None or rows.known(found.high) is None:
        return share(found.value)
    return f"{share(found.value)} ({share(found.low)} to {share(found.high)})"


def _ranked(ranking: Sequence[str]) -> str:
    return "By mean return: " + ", ".join(f"{place}. {clean(name)}" for place, name in enumerate(ranking, 1)) + "."


def _told(shown: Sequence[Difference]) -> list[str]:
    return [
        f"{clean(found.first)} earns {share(abs(found.value), signed=False)} a year "
        f"{'more' if found.value >= 0 else 'less'} than {clean(found.second)}, 95% interval {share(found.low)} to "
        f"{share(found.high)}: {'more than chance explains' if found.real else 'chance may explain it'}."
        for found in shown
    ]
