"""Trains the agent of one window of a walk-forward, by the engine's own code."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import polars as pl
import torch

from domain.datasets.columns import SYMBOL, TIME
from workers.engines.embedded.market import Market, market_split
from workers.engines.embedded.model import Card, Model, about_market
from workers.engines.embedded.pace import Pace
from workers.engines.embedded.registry import algorithm_of, symbols_of, task_of
from workers.engines.embedded.seeds import Best, SeedRun, best_of
from workers.engines.embedded.shapes import BadInput, Config, State, Task
from workers.engines.embedded.voice import Voice
from workers.evaluations import walk_wording as wording
from workers.evaluations.field import Field
from workers.evaluations.windows import Window

TRAINED = 0.95
"""The share of all work that is done when all agents are trained."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How all agents are trained alike."""

    task: str
    algorithm: str
    config: Config
    seed: int

    @property
    def gap(self) -> int:
        return int(self.config["lookback"])

    def steps(self, window: Window) -> int:
        """The last bar of a part is only there to pay for the one before."""
        return int(self.config["epochs"]) * (len(window.splits(self.gap)["train"]) - 1)


@dataclass(frozen=True, slots=True)
class Fold:
    """A window that is over: its best agent, and what it knows of its market."""

    best: Best
    card: Card

    @property
    def model(self) -> Model:
        return Model(self.card, self.best.weights)

    def state(self) -> State:
        return {"best": asdict(self.best), "card": self.card}


def fold_of(state: State) -> Fold:
    best = best_of(state["best"])
    assert best is not None  # noqa: S101 - a fold that is over has one
    return Fold(best, state["card"])


class Trainer:
    """One window after another; nothing of one is left when the next one begins, so memory does not grow."""

    def __init__(
        self, plan: Plan, field: Field, windows: list[Window], voice: Voice, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._plan, self._field, self._windows, self._voice, self._clock = plan, field, windows, voice, clock
        self._total = sum(map(plan.steps, windows))

    def train(self, number: int) -> Fold:
        """The window in this place."""
        market = self._market(self._windows[number])
        task = task_of(self._plan.task)(market, self._plan.config)
        self._voice.log(wording.fold_begins(number + 1, len(self._windows), market))
        best = self._best(task, number)
        self._voice.log(wording.fold_ends(number + 1, len(self._windows), task.score, best))
        about = {"task": self._plan.task, "algorithm": self._plan.algorithm, "config": dict(self._plan.config)}
        return Fold(best, {**about, **about_market(market)})

    def steps_before(self, number: int) -> int:
        """Over all windows before the one in this place."""
        return sum(map(self._plan.steps, self._windows[:number]))

    def _best(self, task: Task, number: int) -> Best:
        plan = self._plan
        run = SeedRun(task, algorithm_of(plan.task, plan.algorithm), plan.config, plan.seed)
        pace = Pace(self._clock, self._share(run, number), self._step(run, number))
        while not run.is_over:
            if run.prepares:
                run.prepare()
            else:
                run.advance()
            self._voice.progress(lambda: self._progress(run, number, pace))
        if run.best is None:
            raise BadInput("NO_TRAINING", "The training had no step to take. Give it more epochs or more data.")
        return run.best

    def _market(self, window: Window) -> Market:
        """What is known when the test ends; and of several symbols, those that are there when it begins."""
        frame = self._field.frame
        known = frame.filter(pl.col(TIME) < moment(self._field, window.stop)).get_column(SYMBOL).unique()
        if window.end < len(self._field.bars.times):
            frame = frame.filter(pl.col(TIME) < moment(self._field, window.end))
        frame = frame.filter(pl.col(SYMBOL).is_in(known.implode()))
        splits = replace(window, end=min(window.end, frame.get_column(TIME).n_unique())).splits(self._plan.gap)
        only = symbols_of(self._plan.task)
        return market_split(frame, splits, "the window", device=torch.device("cpu"), only=only)

    def _progress(self, run: SeedRun, number: int, pace: Pace) -> dict[str, float]:
        share, step = self._share(run, number), self._step(run, number)
        return {
            "share": TRAINED * share,
            "epoch": run.epoch,
            "epochs": self._plan.config["epochs"],
            "step": step,
            "steps": self._total,
            "steps_per_s": round(pace.steps_per_second(step), 1),
            "seconds_left": round(pace.seconds_left(share), 1),
        }

    def _share(self, run: SeedRun, number: int) -> float:
        """Of the training of all windows."""
        return (self.steps_before(number) + run.share * self._plan.steps(self._windows[number])) / self._total

    def _step(self, run: SeedRun, number: int) -> int:
        return self.steps_before(number) + min(run.steps, self._plan.steps(self._windows[number]))


def moment(field: Field, place: int) -> datetime:
    """The time of the bar in this place."""
    found: datetime = field.bars.times[place].astype("datetime64[us]").item()
    return found.replace(tzinfo=UTC)
