"""The tables of a report."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from domain.evaluations.report import words
from domain.evaluations.report.html import Child, el, table
from domain.evaluations.report.measures import BY_KEY, MAIN, MEASURES
from domain.evaluations.told import Told, telling

_AT_ONCE = 6
_FALLS = 5


def key_figures(told: Told) -> ET.Element:
    heads = ["", *(BY_KEY[name].name for name in MAIN)]
    rows = [[told.name(key), *(BY_KEY[name].written(told.figure(key, name)) for name in MAIN)] for key in told.names]
    return table(heads, rows, "Models first, then what needs no skill.")


def all_figures(told: Told) -> Iterator[ET.Element]:
    """So many entries beside each other as there is room for."""
    keys = list(told.names)
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        rows = [
            [each.name, *(each.written(told.figure(key, each.key)) for key in some)]
            for each in MEASURES
            if any(told.figure(key, each.key) is not None for key in some)
        ]
        yield table(["", *map(told.name, some)], rows, f"Beside the benchmark: {told.name(told.benchmark)}.")


def falls(told: Told, key: str) -> ET.Element:
    found = (told.entries.get(key, {}).get("drawdowns") or ())[:_FALLS]
    if not found:
        return el("p", f"{told.name(key)} never fell below a peak.")
    rows = [
        [words.share(each["depth"]), *(words.day(each[name], told.per_year) for name in ("peak", "trough", "recovery"))]
        for each in found
    ]
    return table(["How deep", "From", "Deepest", "Made good"], rows, f"The deepest falls of {told.name(key)}.")


def by_regime(told: Told) -> ET.Element:
    keys = list(told.names)
    rows: list[list[Child]] = []
    for each in sorted(told.result["by_regime"], key=lambda one: str(one["regime"])):
        earned = {one["key"]: one["total_return"] for one in each["entries"]}
        kind = each["regime"].replace("_", ", ").capitalize()
        rows.append([kind, words.count(each["bars"]), *(words.share(earned.get(key)) for key in keys)])
    return table(["", "Bars", *map(told.name, keys)], rows, "Total return over all bars of each kind.")


def scenarios(told: Told) -> ET.Element:
    keys = list(told.names)
    rows: list[list[Child]] = []
    for each in told.result["scenarios"]:
        came = {one["key"]: one for one in each["entries"]}
        name = f"{each['scenario'].upper()} {each['strength']:g}"
        rows.append([name, *(_spread(came.get(key)) for key in keys)])
    caption = "Total return under each scenario; where it was run several times: the middle one, then worst to best."
    return table(["", *map(told.name, keys)], rows, caption)


def differences(told: Told) -> ET.Element:
    rows = [
        [
            f"{told.name(each['first'])} over {told.name(each['second'])}",
            words.share(each["value"]),
            f"{words.share(each['low'])} to {words.share(each['high'])}",
            f"{each['corrected_p']:.3f}",
            "no" if each["real"] else "yes",
        ]
        for each in telling(told)
    ]
    heads = ["", "A year", "95% interval", "Corrected p", "May be chance?"]
    return table(heads, rows, "By how much the first earned more in a year, as a sum of simple returns.")


def folds(told: Told) -> ET.Element:
    keys = list(told.names)
    rows: list[list[Child]] = []
    for each in told.result["folds"]:
        earned = {one["key"]: one["total_return"] for one in each["entries"]}
        times = (words.day(each[name]) for name in ("from", "to", "trained_from", "trained_to"))
        since, until, trained_since, trained_until = times
        rows.append(
            [
                f"{since} to {until}",
                f"{trained_since} to {trained_until}",
                *(words.share(earned.get(key)) for key in keys),
            ]
        )
    return table(["Acted on", "Trained on", *map(told.name, keys)], rows, "Total return in each window.")


def shortfall(told: Told) -> ET.Element:
    rows = [
        [
            told.name(each["key"]),
            words.basis(each["mean"]),
            f"{words.basis(each['low'])} to {words.basis(each['high'])}" if each["low"] is not None else words.NONE,
            *(words.basis(each[name]) for name in ("median", "worst")),
            words.money(each["cost"]),
            *(words.part(each[name]) for name in ("filled", "beats_twap", "beats_vwap")),
        ]
        for each in (told.execution or {})["entries"]
    ]
    heads = ["", "Mean cost", "95% interval", "Median", "Worst 5%", "In money", "Filled", "Beats TWAP", "Beats VWAP"]
    return table(heads, rows, "Basis points beyond the price when the order came: less is better.")


def cheaper(told: Told) -> ET.Element:
    rows = [
        [
            f"{told.name(each['first'])} before {told.name(each['second'])}",
            words.basis(each["value"]),
            f"{words.basis(each['low'])} to {words.basis(each['high'])}",
            f"{each['corrected_p']:.3f}",
            "no" if each["real"] else "yes",
        ]
        for each in (told.execution or {})["comparison"]["differences"]
        if {each["first"], each["second"]} & set(told.models)
    ]
    heads = ["", "Cheaper by", "95% interval", "Corrected p", "May be chance?"]
    return table(heads, rows, "By how many basis points an order was cheaper on average.")


def _spread(one: dict[str, float | None] | None) -> Child:
    if one is None:
        return words.NONE
    middle = words.share(one["median"])
    if one["worst"] == one["best"]:
        return middle
    between = f"{words.share(one['worst'])} to {words.share(one['best'])}"
    return el("span", middle, el("br"), el("small", between))
