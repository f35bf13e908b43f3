"""Turns what was read into what is drawn. It needs numpy: import it late, and call it in a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from domain.analysis.names import BUY_AND_HOLD
from domain.analysis.series import Times
from domain.evaluations.model import POSITION, Evaluation, SeriesName
from domain.evaluations.pictures.material import Material, shown_keys
from domain.evaluations.pictures.offers import SERIES_OF, Offer
from domain.evaluations.told import Told, telling
from domain.pictures import data, drawing
from domain.pictures.names import Look, PictureKind

MOST_SCORES = 4
_NOT_KEPT = "not kept at that time; evaluate again"


def drawn(evaluation: Evaluation, offer: Offer, material: Material, look: Look) -> str:
    """The text of an SVG."""
    return _DRAWN[offer.kind](Told(evaluation), offer, material, look)


def _curves(told: Told, material: Material, name: SeriesName) -> list[data.Curve]:
    return [
        data.Curve(told.name(key), _times(line.times), np.array(line.values), told.is_baseline(key))
        for key, lines in material.lines.items()
        for line in lines
        if line.column == name.value
    ]


def _equity(told: Told, offer: Offer, material: Material, look: Look) -> str:
    beside = {told.name(key) for key in (*told.models, *([offer.key] if offer.key else []), BUY_AND_HOLD)}
    falls = [curve for curve in _curves(told, material, SeriesName.DRAWDOWN) if curve.name in beside]
    return drawing.equity(_curves(told, material, SeriesName.EQUITY), falls, look, offer.title)


def _rolling(told: Told, offer: Offer, material: Material, look: Look) -> str:
    curves = _curves(told, material, SERIES_OF[offer.kind])
    return drawing.rolling_sharpe(curves, look, offer.title)


def _monthly(told: Told, offer: Offer, _: Material, look: Look) -> str:
    months = told.entries.get(offer.key or "", {}).get("monthly", ())
    return drawing.monthly([data.Month(**each) for each in months], look, offer.title)


def _distribution(told: Told, offer: Offer, _: Material, look: Look) -> str:
    keys = shown_keys(told.evaluation, offer.key)
    shown = [*filter(told.models.__contains__, keys), BUY_AND_HOLD] if offer.key is None else keys
    found = [_histogram(told, key) for key in shown if told.entries.get(key, {}).get("distribution")]
    return drawing.distribution(found, look, offer.title if found else f"{offer.title} ({_NOT_KEPT})")


def _histogram(told: Told, key: str) -> data.Histogram:
    entry = told.entries[key]
    kept, at_risk = entry["distribution"], entry["risk"]["value_at_risk"]
    counts = np.array(kept["counts"], dtype=np.float64)
    return data.Histogram(told.name(key), np.array(kept["edges"]), counts, at_risk, told.is_baseline(key))


def _trades(_: Told, offer: Offer, material: Material, look: Look) -> str:
    line, rows = material.price, material.trades
    price = data.Curve(offer.symbol or "", _times(line.times if line else ()), np.array(line.values if line else ()))
    marks = [_mark(*row) for row in rows.rows] if rows else []
    title = offer.title if line else f"{offer.title} (prices {_NOT_KEPT})"
    if rows and rows.total > len(marks):
        title += f" ({len(marks):,} of {rows.total:,})"
    return drawing.trades(price, marks, look, title)


def _mark(time: str, price: float, side: str, profit: float | None) -> data.Mark:
    return data.Mark(_times([time])[0], price, side == "buy", profit)


def _weights(told: Told, offer: Offer, material: Material, look: Look) -> str:  # noqa: ARG001
    rows = material.held
    names = [column.name.removeprefix(POSITION) for column in rows.columns[1:]] if rows else []
    times = _times([row[0] for row in rows.rows] if rows else ())
    held = np.array([row[1:] for row in rows.rows] if rows else (), dtype=np.float64)
    return drawing.weights(times, names, held.reshape(len(times), len(names)), look, offer.title)


def _radar(told: Told, offer: Offer, _: Material, look: Look) -> str:
    """The best models beside the benchmark."""
    best = sorted(told.models, key=lambda key: -(told.entries[key]["performance"]["sharpe"] or -np.inf))
    keys = [*best[: MOST_SCORES - 1], BUY_AND_HOLD]
    scores = [
        data.Scores(told.name(key), told.entries[key]["performance"] | told.entries[key]["risk"], told.is_baseline(key))
        for key in keys
        if key in told.entries
    ]
    return drawing.radar(scores, look, offer.title)


def _regimes(told: Told, offer: Offer, material: Material, look: Look) -> str:
    curves = _curves(told, material, SeriesName.EQUITY)
    market = curves[0] if curves else data.Curve(told.name(BUY_AND_HOLD), _times(()), np.array(()), True)
    told_all = told.result["regimes"]
    # Each up to the next one, so that there is no gap between its last bar and the first of that.
    ends = [*(each["from"] for each in told_all[1:]), told_all[-1]["to"]]
    stretches = [
        data.Stretch(moment(each["from"]), moment(end), each["regime"].lower())
        for each, end in zip(told_all, ends, strict=True)
    ]
    return drawing.regimes(market, stretches, look, offer.title)


def _comparison(told: Told, offer: Offer, _: Material, look: Look) -> str:
    found = told.result["comparison"]
    ranking = [told.name(key) for key in found["ranking"]]
    differences = [
        data.Difference(
            told.name(each["first"]),
            told.name(each["second"]),
            *(each[name] for name in ("value", "low", "high", "real")),
        )
        for each in telling(told)
    ]
    return drawing.comparison(differences, ranking, look, offer.title)


def _stress(told: Told, offer: Offer, _: Material, look: Look) -> str:
    shown = [*told.models, BUY_AND_HOLD]
    scenarios = [
        data.Stressed(
            each["scenario"], each["strength"], [_spread(told, one) for one in each["entries"] if one["key"] in shown]
        )
        for each in told.result["scenarios"]
    ]
    return drawing.stress(scenarios, look, offer.title)


def _spread(told: Told, one: Mapping[str, Any]) -> data.Spread:
    worst, median, best = (one[name] for name in ("worst", "median", "best"))
    return data.Spread(told.name(one["key"]), worst, median, best, told.is_baseline(one["key"]))


def _shortfall(told: Told, offer: Offer, _: Material, look: Look) -> str:
    costs = [_cost(told, each) for each in told.result["execution"]["entries"]]
    return drawing.shortfall(costs, look, offer.title)


def _cost(told: Told, each: Mapping[str, Any]) -> data.Cost:
    """Of too few orders, nobody knows how far off the mean is."""
    mean, *within = (each[name] for name in ("mean", "low", "high"))
    low, high = (mean if value is None else value for value in within)
    return data.Cost(told.name(each["key"]), mean, low, high, told.is_baseline(each["key"]))


def _folds(told: Told, offer: Offer, _: Material, look: Look) -> str:
    return drawing.folds([_fold(told, each) for each in told.result["folds"]], look, offer.title)


def _fold(told: Told, each: Mapping[str, Any]) -> data.Fold:
    since, until, trained_since, trained_until = (
        moment(each[name]) for name in ("from", "to", "trained_from", "trained_to")
    )
    entries = [(told.name(one["key"]), one["total_return"], told.is_baseline(one["key"])) for one in each["entries"]]
    return data.Fold(since, until, trained_since, trained_until, entries)


def moment(text: str) -> np.datetime64:
    """Of a time with a zone: the same one in UTC, as numpy has it."""
    return np.datetime64(datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None), "us")


def _times(texts: Iterable[str]) -> Times:
    return np.array([text.removesuffix("Z") for text in texts], dtype="datetime64[us]")


_DRAWN: dict[PictureKind, Callable[[Told, Offer, Material, Look], str]] = {
    PictureKind.EQUITY: _equity,
    PictureKind.MONTHLY: _monthly,
    PictureKind.ROLLING_SHARPE: _rolling,
    PictureKind.DISTRIBUTION: _distribution,
    PictureKind.TRADES: _trades,
    PictureKind.WEIGHTS: _weights,
    PictureKind.RADAR: _radar,
    PictureKind.REGIMES: _regimes,
    PictureKind.COMPARISON: _comparison,
    PictureKind.STRESS: _stress,
    PictureKind.SHORTFALL: _shortfall,
    PictureKind.FOLDS: _folds,
}
