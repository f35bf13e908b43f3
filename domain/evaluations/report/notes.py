"""What was assumed, and how each figure is counted."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from domain.evaluations.report.html import el
from domain.evaluations.report.measures import MEASURES, ORDERS
from domain.evaluations.told import Told

_OF_ACCOUNTS = (
    "At each bar a model says what to hold, in multiples of the equity, knowing that bar and those before it.",
    "The account trades as much as it likes at the price of the bar; its orders do not move the market.",
    "Nothing is paid or earned for cash, for what is borrowed, or for short positions. There are no taxes.",
    "Prices are adjusted for dividends and splits where the data says how.",
    "At the last bar nothing is traded. An account that lost everything is closed.",
    "The random trader is the middle one of nine that keep random shares for ten bars on average.",
)
_OF_BOOKS = "Prices are the middles of the book; who buys takes the asks and who sells the bids, level by level."
_OF_ORDERS = (
    "Orders come one after another, as large and as long as those that the models were trained on.",
    "They are filled on the book as it was; nobody reacts to them.",
    "What is not filled by then is filled at the last bar of its time, and counts.",
)
_OF_COMPARISON = (
    "Differences are of the same bars or orders. Their intervals come from the stationary bootstrap (blocks of random "
    "length, drawn 1,000 times); p values are corrected by Holm's method for comparing so many."
)
_OF_REGIMES = "Kinds of market are labelled afterwards, by slope and variation. Nobody could have traded on them."
_OF_STRESS = "Scenarios change the bars from the first decision on, and the models act anew on what they then see."
_OF_WALKS = "For each window an agent is trained anew on it, and acts on the bars that come next."


def assumed(told: Told) -> ET.Element:
    return el("ul", *(el("li", each) for each in _assumed(told)))


def _assumed(told: Told) -> Iterator[str]:
    if told.execution:
        yield from (*_OF_ORDERS, _OF_COMPARISON)
        return
    yield from _OF_ACCOUNTS
    if any(model.get("task") == "high_frequency_trading" for model in told.parameters["models"]):
        yield _OF_BOOKS
    if told.result.get("comparison"):
        yield _OF_COMPARISON
    for part, note in (("regimes", _OF_REGIMES), ("scenarios", _OF_STRESS), ("folds", _OF_WALKS)):
        if told.result.get(part):
            yield note


def counted(told: Told) -> ET.Element:
    pairs = ORDERS if told.execution else [(each.name, each.counted) for each in MEASURES]
    rows = (el("tr", el("th", name, scope="row"), el("td", how[0].upper() + how[1:])) for name, how in pairs)
    return el("table", el("tbody", *rows), class_="counted")
