"""Puts a report together: one page with all in it, and nothing of the moment at which it was made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from domain.evaluations.model import EvaluationKind
from domain.evaluations.pictures.offers import Offer
from domain.evaluations.report import notes, tables, verdict
from domain.evaluations.report.beware import warnings
from domain.evaluations.report.facts import facts, period
from domain.evaluations.report.html import el, inlined, page, paragraphs
from domain.evaluations.report.style import STYLE
from domain.evaluations.told import Told
from domain.pictures.names import PictureKind

_KINDS = {
    EvaluationKind.BACKTEST: "Backtest",
    EvaluationKind.STRESS_TEST: "Stress test",
    EvaluationKind.COMPARISON: "Comparison",
    EvaluationKind.WALK_FORWARD: "Walk-forward",
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the report, once as broad as the page and once as broad as a phone."""

    offer: Offer
    broad: str
    narrow: str


_Table = Callable[[Told], ET.Element]


@dataclass(frozen=True, slots=True)
class _Section:
    title: str
    kinds: tuple[PictureKind, ...]
    tables: Mapping[str, tuple[_Table, ...]]
    """By the part of the result that they are of."""


_SECTIONS = (
    _Section("Orders worked off", (PictureKind.SHORTFALL,), {"execution": (tables.shortfall, tables.cheaper)}),
    _Section("How it went", (PictureKind.EQUITY, PictureKind.ROLLING_SHARPE, PictureKind.DISTRIBUTION), {}),
    _Section("Against each other", (PictureKind.COMPARISON, PictureKind.RADAR), {"comparison": (tables.differences,)}),
    _Section("Month by month", (PictureKind.MONTHLY,), {}),
    _Section("What was done", (PictureKind.TRADES, PictureKind.WEIGHTS), {}),
    _Section("Window by window", (PictureKind.FOLDS,), {"folds": (tables.folds,)}),
    _Section("Kinds of market", (PictureKind.REGIMES,), {"by_regime": (tables.by_regime,)}),
    _Section("Under stress", (PictureKind.STRESS,), {"scenarios": (tables.scenarios,)}),
)


def report(told: Told, pictures: list[Shown]) -> str:
    name = told.evaluation.name
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        el("title", name),
        el("style", STYLE),
    )
    return page(el("html", head, el("body", el("main", *_parts(told, pictures))), lang="en"))


def _parts(told: Told, pictures: list[Shown]) -> Iterator[ET.Element]:
    yield _header(told)
    yield _verdict(told)
    for what, meaning in warnings(told):
        yield el("div", el("p", what), el("p", meaning), class_="warning", role="note")
    if not told.execution:
        yield _section("Key figures", tables.key_figures(told))
    yield _section("What was judged", facts(told))
    for section in _SECTIONS:
        yield from _shown(told, section, pictures)
    if not told.execution:
        yield _section("Deepest falls", *(tables.falls(told, key) for key in told.models))
        yield _section("All figures", *tables.all_figures(told))
    yield _section("What was assumed", notes.assumed(told))
    yield _section("How it is counted", notes.counted(told))
    yield el("footer", "What a model would have earned is no promise of what it will. Made with TradeMaster Web.")


def _header(told: Told) -> ET.Element:
    data = (told.parameters.get("dataset") or {}).get("name")
    return el(
        "header",
        el("p", _KINDS[told.evaluation.kind], class_="eyebrow"),
        el("h1", told.evaluation.name),
        el("p", " · ".join(filter(None, (data, period(told)))), class_="about"),
    )


def _verdict(told: Told) -> ET.Element:
    said = paragraphs(verdict.sentences(told))
    return el("section", el("p", verdict.headline(told), class_="headline"), *said, class_="verdict")


def _shown(told: Told, section: _Section, pictures: list[Shown]) -> Iterator[ET.Element]:
    drawn = [_figure(each) for each in pictures if each.offer.kind in section.kinds]
    made = [make(told) for part, makes in section.tables.items() if told.result.get(part) for make in makes]
    if drawn or made:
        yield _section(section.title, *drawn, *made)


def _figure(shown: Shown) -> ET.Element:
    figure = el("figure")
    for width, svg in (("broad", shown.broad), ("narrow", shown.narrow)):
        drawn = inlined(svg)
        drawn.set("class", f"{drawn.get('class', '')} {width}".strip())
        figure.append(drawn)
    return figure


def _section(title: str, *children: ET.Element) -> ET.Element:
    return el("section", el("h2", title), *children)
