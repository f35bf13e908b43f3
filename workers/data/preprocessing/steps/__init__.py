"""What each kind of step does, one file per group."""

from __future__ import annotations

from collections.abc import Callable

from domain.datasets.forms import Values
from domain.datasets.recipes.model import Group
from domain.datasets.recipes.offer import step_kind
from workers.data.preprocessing.steps.bars import adjust, resample
from workers.data.preprocessing.steps.features import book_features, returns, trademaster_features, volatility
from workers.data.preprocessing.steps.gaps import fill_gaps
from workers.data.preprocessing.steps.indicators import indicator
from workers.data.preprocessing.steps.outliers import outliers
from workers.data.preprocessing.steps.scaling import normalise
from workers.data.preprocessing.steps.shape import drop, label, rename, select
from workers.data.preprocessing.steps.split import split
from workers.data.preprocessing.work import Work

STEPS: dict[str, Callable[[Work, Values], None]] = {
    "resample": resample,
    "fill_gaps": fill_gaps,
    "outliers": outliers,
    "adjust": adjust,
    "trademaster_features": trademaster_features,
    "returns": returns,
    "volatility": volatility,
    "book_features": book_features,
    "label": label,
    "split": split,
    "normalise": normalise,
    "select": select,
    "drop": drop,
    "rename": rename,
}


def run_step(kind: str, work: Work, values: Values) -> None:
    if step_kind(kind).group is Group.INDICATOR:
        indicator(work, kind, values)
    else:
        STEPS[kind](work, values)
