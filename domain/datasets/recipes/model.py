"""The words of a recipe: kinds of steps, steps, and the list of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.datasets.forms import Form, Values


class Group(StrEnum):
    """What a step is for, which also says where it may stand."""

    CLEANING = "cleaning"
    FEATURES = "features"
    INDICATOR = "indicator"
    LABEL = "label"
    SPLIT = "split"
    SCALING = "scaling"
    COLUMNS = "columns"


def _none(_: Values) -> tuple[str, ...]:
    return ()


def _never(_: Values) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind:
    """One thing that can be done to market data."""

    form: Form
    group: Group
    needs: Callable[[Values], tuple[str, ...]] = _none
    """The columns that it reads beside those that its fields name."""
    makes: Callable[[Values], tuple[str, ...]] = _none
    """The columns that it adds."""
    looks_ahead: Callable[[Values], bool] = _never
    """Whether what it writes into a row depends on later rows. True for labels, and for filling along a line."""

    @property
    def name(self) -> str:
        return self.form.name


@dataclass(frozen=True, slots=True)
class Step:
    """A kind of step with its values, complete and checked."""

    kind: str
    values: Values

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **self.values}


@dataclass(frozen=True, slots=True)
class Recipe:
    """Steps in their order."""

    steps: tuple[Step, ...]

    def to_json(self) -> dict[str, Any]:
        """The canonical form: read back, it is the same recipe."""
        return {"steps": [step.to_json() for step in self.steps]}
