"""What may be asked of a walk-forward, and what it comes to: an agent is trained anew on each window, and acts on what
comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.catalogue import TaskType
from domain.errors import Code, Problem, Refused
from domain.evaluations.model import EvaluationKind
from domain.models.model import Model
from domain.text import readable

FEWEST_FOLDS, MOST_FOLDS = 2, 20
MOST_EPOCHS = 1_000
_WALKING = frozenset({TaskType.ALGORITHMIC_TRADING, TaskType.PORTFOLIO_MANAGEMENT})


@dataclass(frozen=True, slots=True)
class WalkWish:
    folds: int = 5
    anchored: bool = False
    """Whether windows grow from the same beginning, or roll on."""
    epochs: int | None = None
    """None: as many as the model had."""


def holds(beat_all: float, annual_return: float | None) -> bool:
    """It gains, and is ahead of all that needs no skill in more than half of the folds."""
    return beat_all > 0.5 and (annual_return or 0.0) > 0.0


def so_it_holds(beat_all: float, annual_return: float | None) -> str:
    if holds(beat_all, annual_return):
        return "this way of training holds from window to window."
    return "this way of training does not hold: what looked good on one split may have been luck."


def clean_walk(kind: EvaluationKind, given: WalkWish | None, split: str | None) -> WalkWish | None:
    if kind is not EvaluationKind.WALK_FORWARD:
        if given is not None:
            message = "Only a walk-forward has windows to walk over. Ask for one, or leave them out."
            raise Refused.because(Code.INVALID, message, "walk")
        return None
    walk = given or WalkWish()
    if problems := [*_problems(walk), *_of_split(split)]:
        raise Refused(*problems)
    return walk


def _problems(walk: WalkWish) -> list[Problem]:
    found = []
    if not FEWEST_FOLDS <= walk.folds <= MOST_FOLDS:
        message = f"A walk-forward has {FEWEST_FOLDS} to {MOST_FOLDS} folds."
        found.append(Problem(Code.OUT_OF_RANGE, message, ("walk", "folds")))
    if walk.epochs is not None and not 1 <= walk.epochs <= MOST_EPOCHS:
        message = f"Give 1 to {MOST_EPOCHS:,} epochs, or none: then each agent has as many as the model had."
        found.append(Problem(Code.OUT_OF_RANGE, message, ("walk", "epochs")))
    return found


def _of_split(split: str | None) -> list[Problem]:
    if split is None:
        return []
    message = "A walk-forward makes parts of its own. Give a period instead, or nothing for all of the data."
    return [Problem(Code.INVALID, message, ("split",))]


def walk_to_json(walk: WalkWish | None) -> dict[str, Any] | None:
    return None if walk is None else {"folds": walk.folds, "anchored": walk.anchored, "epochs": walk.epochs}


def unless_known(kind: EvaluationKind, problems: Iterable[Problem]) -> list[Problem]:
    """Without those that are none for a walk-forward: which symbol to trade, the model knows."""
    if kind is not EvaluationKind.WALK_FORWARD:
        return list(problems)
    return [each for each in problems if (each.code, each.field) != (Code.REQUIRED, ("symbol",))]


def must_walk(kind: EvaluationKind, model: Model) -> None:
    """Refuses a walk-forward of a model that cannot be trained in this way."""
    if kind is EvaluationKind.WALK_FORWARD and model.task_type not in _WALKING:
        message = (
            f'"{readable(model.name)}" is not for bars, so there is no walk-forward of it yet. Take a model for '
            "algorithmic trading or portfolio management, or ask for a backtest."
        )
        raise Refused.because(Code.INVALID, message, "model_ids")
