"""What an evaluation tells, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from domain.analysis.names import BUY_AND_HOLD
from domain.evaluations.model import EntryWarning, Evaluation
from domain.evaluations.names import model_keys, names_of

_MOST_DIFFERENCES = 20


class Told:
    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.result: Mapping[str, Any] = evaluation.result or {}
        self.parameters: Mapping[str, Any] = evaluation.parameters

    @cached_property
    def names(self) -> dict[str, str]:
        """Of all entries, for people."""
        return names_of(self.evaluation)

    @cached_property
    def models(self) -> list[str]:
        return model_keys(self.evaluation)

    @cached_property
    def entries(self) -> dict[str, Mapping[str, Any]]:
        return {each["key"]: each for each in self.result.get("entries", ())}

    @property
    def execution(self) -> Mapping[str, Any] | None:
        return self.result.get("execution")

    @property
    def benchmark(self) -> str:
        return str(self.result.get("benchmark") or BUY_AND_HOLD)

    @property
    def per_year(self) -> float | None:
        return self.result.get("bars_per_year")

    @property
    def baselines(self) -> list[str]:
        return [key for key in self.names if self.is_baseline(key)]

    def name(self, key: str) -> str:
        return self.names.get(key, key)

    def spoken(self, key: str) -> str:
        """In a sentence, where the only model needs no name."""
        return "The model" if [key] == self.models else self.name(key)

    def is_baseline(self, key: str) -> bool:
        return key not in self.models

    def figure(self, key: str, name: str) -> float | None:
        """None where it has no meaning, or was not counted at that time."""
        entry = self.entries.get(key, {})
        for part in ("performance", "risk"):
            if name in (figures := entry.get(part) or {}):
                value: float | None = figures[name]
                return value
        return None

    def warned(self, warning: EntryWarning) -> list[str]:
        """The models of which it is true."""
        return [key for key in self.models if warning in (self.entries.get(key, {}).get("warnings") or ())]


def telling(told: Told) -> list[Mapping[str, Any]]:
    """Differences with a model in them; where these are many, those of the best one, and those with buying and
    holding."""
    found = told.result["comparison"]
    pairs = [each for each in found["differences"] if {each["first"], each["second"]} & set(told.models)]
    if len(pairs) <= _MOST_DIFFERENCES:
        return pairs
    of = {found["ranking"][0], BUY_AND_HOLD}
    return [each for each in pairs if of & {each["first"], each["second"]}]
