"""What was judged, on what, and under which conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from domain.evaluations.report import words
from domain.evaluations.report.html import Child, el
from domain.evaluations.told import Told

_MOST_SYMBOLS = 12
_PARTS = {
    "test": "TEST: bars that the models had not seen in training",
    "valid": "VALID: bars on which the models were chosen",
    "train": "TRAIN: bars that the models were trained on",
}


def facts(told: Told) -> ET.Element:
    rows = [el("tr", el("th", head, scope="row"), el("td", *cells)) for head, *cells in _rows(told)]
    return el("table", el("tbody", *rows), class_="facts")


def period(told: Told) -> str:
    first, last = (words.day(told.result.get(name), told.per_year) for name in ("first", "last"))
    return f"{first} to {last}"


def _rows(told: Told) -> Iterator[tuple[Child, ...]]:
    for model in told.parameters["models"]:
        yield "Model", *_model(told, model)
    yield from _data(told, told.parameters.get("dataset") or {})
    yield "Period", f"{period(told)} UTC, {words.plural(told.result['bars'], 'bar')}{_often(told)}"
    if part := _PARTS.get(told.parameters.get("split") or ""):
        yield "Part of the data", part
    if setup := told.parameters.get("setup"):
        yield _costs(setup)
        yield from () if told.execution else _conditions(setup)
    if walk := told.parameters.get("walk"):
        grow = "from the same beginning" if walk["anchored"] else "of equal length, rolling on"
        yield "Walk-forward", f"{walk['folds']} windows {grow}"
    if (tried := told.result.get("trials") or 0) > 1:
        yield "Tried before", f"{tried:,} models, these among them; the deflated likelihood allows for that"
    yield "Benchmark", told.name(told.benchmark)
    yield "Seed of chance", str(told.parameters.get("seed", 0))


def _model(told: Told, model: Mapping[str, Any]) -> Iterator[Child]:
    about = [str(model[name]).replace("_", " ") for name in ("task", "algorithm") if model.get(name)]
    yield str(model.get("name") or told.name(model["key"])) + (f" ({', '.join(about)})" if about else "")
    yield from _checksum(model)


def _data(told: Told, dataset: Mapping[str, Any]) -> Iterator[tuple[Child, ...]]:
    made_up = " (synthetic: made up by a generator)" if dataset.get("data_type") == "synthetic" else ""
    yield "Data", str(dataset.get("name", words.NONE)) + made_up, *_checksum(dataset)
    symbols = told.result.get("symbols") or ()
    more = f" and {len(symbols) - _MOST_SYMBOLS:,} more" if len(symbols) > _MOST_SYMBOLS else ""
    yield "Traded", f"{words.plural(len(symbols), 'symbol')}: {', '.join(symbols[:_MOST_SYMBOLS])}{more}"


def _checksum(of: Mapping[str, Any]) -> Iterator[Child]:
    if of.get("sha256"):
        yield el("br")
        yield el("code", f"sha256 {of['sha256']}")


def _often(told: Told) -> str:
    return f", {told.per_year:,.0f} a year" if told.per_year else ""


def _costs(setup: Mapping[str, Any]) -> tuple[Child, ...]:
    paid = f"{words.rate(setup['transaction_cost'])} of what is traded"
    return "Costs", f"{paid}, and {words.rate(setup['slippage'])} slippage"


def _conditions(setup: Mapping[str, Any]) -> Iterator[tuple[Child, ...]]:
    late = setup["latency_bars"]
    at_once = "at the close of the bar of the decision"
    yield "Carried out", f"{words.plural(late, 'bar')} after the decision" if late else at_once
    yield "Start capital", words.money(setup["start_capital"])
    if setup.get("max_position") is not None:
        yield "Largest position", f"{setup['max_position']:g} times the equity in one symbol"
