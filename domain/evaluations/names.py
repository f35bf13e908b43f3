"""What the entries of an evaluation are called for people."""

from __future__ import annotations

from collections import Counter

from domain.analysis.names import ARRIVAL, BUY_AND_HOLD, EQUAL_WEIGHT, FLAT, RANDOM, TWAP, VWAP
from domain.evaluations.model import Evaluation

_BASELINES = {
    BUY_AND_HOLD: "Buy and hold",
    EQUAL_WEIGHT: "Equal weights",
    RANDOM: "Random trader",
    FLAT: "Cash",
    TWAP: "TWAP (evenly)",
    VWAP: "VWAP (as others trade)",
    ARRIVAL: "All at once",
}


def names_of(evaluation: Evaluation) -> dict[str, str]:
    """By key, in the order of the result. Two of one name have their keys before it, since ends are cut off; the data
    that all is about is no part of a name."""
    about = " on " + str((evaluation.parameters.get("dataset") or {}).get("name"))
    told = _entries(evaluation)
    names = {
        each["key"]: _BASELINES.get(each["key"]) or str(each.get("name") or each["key"]).removesuffix(about)
        for each in told
    }
    often = Counter(names.values())
    return {key: f"{key}: {name}" if often[name] > 1 else name for key, name in names.items()}


def model_keys(evaluation: Evaluation) -> list[str]:
    return [each["key"] for each in evaluation.parameters["models"]]


def _entries(evaluation: Evaluation) -> list[dict[str, str]]:
    found: list[dict[str, str]] = (evaluation.result or {}).get("entries") or evaluation.parameters["models"]
    return found
