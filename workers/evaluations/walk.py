"""Walk-forward: an agent is trained anew on each window, and acts on the bars that come next."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import polars as pl

from domain.analysis.backtest import Backtest
from domain.analysis.performance import sharpe
from domain.analysis.report import iso
from domain.analysis.walk import by_fold, walked
from domain.datasets.columns import SYMBOL
from workers.engines.embedded import checkpoint
from workers.engines.embedded.model import ENGINE_VERSION, Card
from workers.engines.embedded.predict import Predictor
from workers.engines.embedded.registry import symbols_of
from workers.engines.embedded.shapes import BadInput
from workers.engines.embedded.voice import Voice
from workers.evaluations import walk_wording as wording
from workers.evaluations.field import Field, field_of
from workers.evaluations.folds import Fold, Plan, Trainer, fold_of, moment
from workers.evaluations.relay import Leg, Relay
from workers.evaluations.request import Request, Walk
from workers.evaluations.windows import windows

_VALID = ("total_return", "annual_return", "sharpe")


class WalkForward:
    """Its relay of agents acts on its field."""

    def __init__(self, request: Request, walk: Walk, model: Predictor, voice: Voice) -> None:
        self._request = replace(request, symbol=_symbol(request, model.card))
        self._card, self._voice = model.card, voice
        self._plan = _plan(request, walk, model.card)
        self._whole = field_of(self._request, [model])
        first, count = self._whole.first, len(self._whole.times)
        self._windows = windows(first, count, walk.folds, self._plan.gap, anchored=walk.anchored)
        self._trainer = Trainer(self._plan, self._whole, self._windows, voice)
        self._keeper = checkpoint.Keeper(request.out)
        self._folds: list[Fold] = []

    @property
    def field(self) -> Field:
        """All bars from the first test on."""
        return replace(self._whole, first=self._windows[0].stop)

    def relay(self) -> Relay:
        """Trains what is not trained yet."""
        if self._request.checkpoint is not None:
            self._restore(checkpoint.load(self._request.checkpoint))
        else:
            for line in wording.introduction(self._plan, self._windows):
                self._voice.log(*line)
        for number in range(len(self._folds), len(self._windows)):
            self._folds.append(self._trainer.train(number))
            self._save()
        legs = zip(self._windows, self._folds, strict=True)
        return Relay([Leg(moment(self._whole, window.stop), fold.model) for window, fold in legs])

    def told(self, runs: Mapping[str, Backtest]) -> dict[str, Any]:
        """What came of each window, and of all together. The first run is that of the relay."""
        own = next(iter(runs))
        starts = [window.stop - self._windows[0].stop for window in self._windows]
        edges = [*starts, len(runs[own].returns)]
        returns = {key: run.returns for key, run in runs.items()}
        others = {key: each for key, each in returns.items() if key != own}
        found = walked(returns[own], others, edges, self._valid(), self._whole.per_year)
        folds = [self._fold(number, edges, runs) for number in range(len(self._windows))]
        for number, fold in enumerate(folds, 1):
            self._voice.log(wording.fold_result(number, fold, own))
        for line in wording.verdict(found, sharpe(returns[own], self._whole.per_year), self._card):
            self._voice.log(*line)
        return {"folds": folds, "walk": asdict(found)}

    def _fold(self, number: int, edges: list[int], runs: Mapping[str, Backtest]) -> dict[str, Any]:
        window, best, times = self._windows[number], self._folds[number].best, self._whole.bars.times
        return {
            "from": iso(times[window.stop]),
            "to": iso(times[window.end - 1]),
            "bars": window.end - window.stop,
            "trained_from": iso(times[window.start]),
            "trained_to": iso(times[window.splits(self._plan.gap)["valid"].stop - 1]),
            "best_score": best.score,
            "valid": {name: best.measures["valid"][name] for name in _VALID},
            "entries": [self._entry(key, run, edges[number : number + 2]) for key, run in runs.items()],
        }

    def _entry(self, key: str, run: Backtest, edges: list[int]) -> dict[str, Any]:
        inside = run.returns[slice(*edges)]
        return {
            "key": key,
            "total_return": by_fold(run.returns, edges)[0],
            "sharpe": sharpe(inside, self._whole.per_year),
        }

    def _valid(self) -> list[tuple[float, int]]:
        """What was earned on each valid part, in how many steps."""
        counts = [len(window.splits(self._plan.gap)["valid"]) - 1 for window in self._windows]
        totals = [fold.best.measures["valid"]["total_return"] for fold in self._folds]
        return list(zip(totals, counts, strict=True))

    def _save(self) -> None:
        """One can do without: where it cannot be written, a break costs more."""
        step = self._trainer.steps_before(len(self._folds))
        folds = [fold.state() for fold in self._folds]
        try:
            path = self._keeper.keep({"of": self._mark, "next_n": self._voice.next_n, "folds": folds}, step)
        except Exception as error:  # noqa: BLE001 - safetensors has errors of its own
            print(f"no checkpoint at step {step}: {error}", file=sys.stderr)  # noqa: T201
        else:
            self._voice.checkpoint(path, step)

    def _restore(self, state: Mapping[str, Any]) -> None:
        if state["of"] != self._mark:
            message = "What is finished of it was made by another version of the engine. Retry it from the beginning."
            raise BadInput("OTHER_CHECKPOINT", message)
        self._voice.next_n = state["next_n"]
        self._folds = [fold_of(each) for each in state["folds"]]

    @property
    def _mark(self) -> str:
        """Equal for walks that must give equal results."""
        places = [asdict(window) for window in self._windows]
        asked = (ENGINE_VERSION, asdict(self._plan), self._request.symbol, self._request.data_sha256, places)
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _plan(request: Request, walk: Walk, card: Card) -> Plan:
    """As the model was trained, but for what was said otherwise. Costs are the same for training and acting."""
    costs = {"transaction_cost": request.setup.transaction_cost, "slippage": request.setup.slippage}
    epochs = {} if walk.epochs is None else {"epochs": walk.epochs}
    seed = int(card["seeds"][0]["seed"]) + request.seed
    return Plan(card["task"], card["algorithm"], {**card["config"], **costs, **epochs}, seed)


def _symbol(request: Request, card: Card) -> str | None:
    """Of several the one that the model traded, where none is named."""
    if request.symbol is not None or symbols_of(card["task"]) == "all":
        return request.symbol
    count: int = pl.scan_parquet(request.data).select(pl.col(SYMBOL).n_unique()).collect().item()
    return str(card["market"]["symbols"][0]) if count > 1 else None
