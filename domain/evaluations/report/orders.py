"""What came out for models that work orders off, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.analysis.names import TWAP
from domain.evaluations.report import words
from domain.evaluations.told import Told


def headline(told: Told, compared: Mapping[str, Any]) -> str:
    if compared["winner"]:
        return f"{told.spoken(compared['winner'])} works orders off cheaper than each other one, beyond chance."
    cheapest = told.spoken(compared["ranking"][0])
    if beaten := _beaten(told, compared):
        than = words.listed([told.name(key) for key in beaten])
        return f"{cheapest} works orders off cheaper than {than}, beyond chance; than others, chance may explain it."
    return f"Nobody is shown to be best. {cheapest} was the cheapest, but chance may explain that."


def sentences(told: Told, execution: Mapping[str, Any]) -> Iterator[str]:
    costs = {each["key"]: each for each in execution["entries"]}
    beside = f"; even slices (TWAP) cost {words.basis(costs[TWAP]['mean'])}" if TWAP in costs else ""
    for key in told.models:
        own = costs[key]
        yield (
            f"{told.spoken(key)} paid {words.basis(own['mean'])} basis points on average, against the price when each "
            f"order came{beside}. Less than 0 is a gain. Its dearest orders cost {words.basis(own['worst'])}."
        )
    yield (
        f"There were {words.plural(execution['orders'], 'order')} to {execution['side']} {execution['quantity']:,g} "
        f"within {words.plural(execution['horizon'], 'bar')} each."
    )


def _beaten(told: Told, compared: Mapping[str, Any]) -> list[str]:
    """By the cheapest, where that is a model."""
    best = compared["ranking"][0]
    found = [each["second"] for each in compared["differences"] if each["first"] == best and each["real"]]
    return [] if told.is_baseline(best) else found
