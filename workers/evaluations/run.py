"""A whole evaluation: models act on the field, beside what needs no model; then figures, comparison and stress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from domain.analysis.backtest import Backtest, backtest
from domain.analysis.baselines import baselines
from domain.analysis.comparison import compare
from domain.analysis.distribution import edges_of, histogram
from domain.analysis.lookahead import first_leak, knows_the_next_bar
from domain.analysis.names import BUY_AND_HOLD
from domain.analysis.performance import sharpe, total_return
from domain.analysis.regimes import WINDOW, regimes
from domain.analysis.report import iso, report
from domain.analysis.round_trips import Trades, trades_of
from domain.analysis.scenarios import stressed
from domain.analysis.series import Series
from workers.engines.embedded.predict import Predictor, load
from workers.engines.embedded.voice import Voice
from workers.evaluations import artefacts, wording
from workers.evaluations.field import Field
from workers.evaluations.high_frequency import fitting_field
from workers.evaluations.orders import evaluate_orders, works_off_orders
from workers.evaluations.request import Request, Stress
from workers.evaluations.walk import WalkForward
from workers.evaluations.warned import bars_seen, warnings_of

_LOOKS = 3
_FEW_BARS = 20_000
"""Beyond that, asking a model again with the future cut off would take longer than the evaluation."""
_SHOWN = ("total_return", "annual_return", "sharpe", "volatility", "costs")


def evaluate(request: Request, voice: Voice) -> dict[str, Any]:
    """The result. Raises BadInput where a person has to choose otherwise."""
    torch.set_num_threads(1)
    predictors = {each.key: load(each.folder) for each in request.models}
    if works_off_orders(predictors.values()):
        return evaluate_orders(request, predictors, voice)
    if request.walk is not None:
        (key, model) = next(iter(predictors.items()))
        walk = WalkForward(request, request.walk, model, voice)
        return _Evaluation(request, {key: walk.relay()}, voice, walk).whole()
    return _Evaluation(request, predictors, voice).whole()


def evaluate_plain(plain: Mapping[str, Any], voice: Voice) -> dict[str, Any]:
    """For the child process."""
    return evaluate(Request.of(plain), voice)


class _Evaluation:
    def __init__(
        self,
        request: Request,
        predictors: Mapping[str, Predictor],
        voice: Voice,
        walk: WalkForward | None = None,
    ) -> None:
        self._request, self._voice, self._predictors = request, voice, predictors
        self._names = {each.key: each.name for each in request.models}
        self._walk = walk
        self._field = walk.field if walk else fitting_field(request, list(predictors.values()))
        self._steps = len(self._predictors) * (1 + sum(each.runs for each in request.stress)) + 1
        self._step = 0
        self._looks: dict[str, dict[str, Any]] = {}
        self._seen = {} if walk else {key: self._bars_seen(each) for key, each in predictors.items()}

    def whole(self) -> dict[str, Any]:
        request, field = self._request, self._field
        self._voice.log(wording.introduction(request, field))
        for key, seen in self._seen.items():
            if seen:
                self._voice.log(wording.trained_on(self._names[key], seen, len(field.times)), "warning")
        runs = self._runs(field, look=True)
        made = {key: trades_of(run) for key, run in runs.items()}
        result = self._papers() | {"entries": [self._entry(key, runs, made[key]) for key in runs]}
        self._add_distributions(result["entries"], runs)
        result |= self._regimes(runs)
        if request.compare:
            result |= self._comparison(runs)
        if request.stress:
            result["scenarios"] = [self._stressed(each) for each in request.stress]
        if self._walk:
            result |= self._walk.told(runs)
        for line in wording.verdicts(self._names, runs, field.per_year):
            self._voice.log(line)
        files = artefacts.write(request.out, field, runs, {key: made[key] for key in self._predictors})
        return result | {"files": files}

    def _bars_seen(self, predictor: Predictor) -> int:
        return bars_seen(predictor.card, self._request, self._field.times)

    def _papers(self) -> dict[str, Any]:
        tried = self._request.tried
        return self._field.papers | {"benchmark": self._request.benchmark, "trials": tried.count if tried else None}

    def _runs(self, field: Field, *, look: bool = False) -> dict[str, Backtest]:
        """Of each model, then of each baseline."""
        found = {}
        for key, predictor in self._predictors.items():
            targets = field.targets(predictor)
            found[key] = self._run(field, targets)
            if look:
                self._look(key, predictor, targets)
            self._moved()
        return found | baselines(
            field.times,
            field.prices,
            self._request.setup,
            opens=field.opens,
            cost_factor=field.dearer,
            quoted=field.quoted,
            spread=field.spread,
        )

    def _run(self, field: Field, targets: np.ndarray) -> Backtest:
        return backtest(
            field.times,
            field.prices,
            targets,
            self._request.setup,
            opens=field.opens,
            cost_factor=field.dearer,
            spread=field.spread,
        )

    def _look(self, key: str, predictor: Predictor, targets: np.ndarray) -> None:
        """Whether it knows what comes after: asked again with the future cut off, it must say the same."""
        field, count = self._field, len(targets)
        look: dict[str, Any] = {"places": 0, "leak": None, "suspicious": False}
        if count <= _FEW_BARS:
            places = np.linspace(count // 4, count - 2, _LOOKS).astype(int).tolist()
            leak = first_leak(lambda until: field.targets(predictor, until), targets, places)
            look |= {"places": len(places), "leak": None if leak is None else iso(field.times[leak])}
            self._voice.log(*wording.looked(self._names[key], len(places), leak))
        if knows_the_next_bar(field.times, field.prices, targets):
            look["suspicious"] = True
            self._voice.log(wording.suspicion(self._names[key]), "warning")
        self._looks[key] = look

    def _entry(self, key: str, runs: Mapping[str, Backtest], made: Trades) -> dict[str, Any]:
        run = runs[key]
        tried = self._request.tried if key in self._names else None
        found = report(run, made, self._field.per_year, runs[self._request.benchmark].returns, tried)
        look = self._looks.get(key)
        told = {"look": look, "warnings": warnings_of(look, trained_on=self._seen.get(key, 0) > 0)}
        return {"key": key, "name": self._names.get(key, key), **asdict(found), **told}

    def _add_distributions(self, entries: list[dict[str, Any]], runs: Mapping[str, Backtest]) -> None:
        edges = edges_of([run.returns for run in runs.values()])
        for entry in entries:
            entry["distribution"] = histogram(runs[entry["key"]].returns, edges)

    def _regimes(self, runs: Mapping[str, Backtest]) -> dict[str, Any]:
        """By the market as buying and holding has it; results of each bar under the regime that it ended in."""
        market = runs[BUY_AND_HOLD].equity
        # Of very many bars, so many in a window that nobody has to read thousands of stretches.
        window = max(WINDOW, len(market) // 100)
        stretches = regimes(market, window, window // 2) if market.min() > 0.0 else ()
        times = self._field.times
        shown = [
            {"regime": each.regime.name, "from": iso(times[each.start]), "to": iso(times[each.stop - 1])}
            for each in stretches
        ]
        masks: dict[str, Series] = {}
        for each in stretches:
            mask = masks.setdefault(each.regime.name, np.zeros(len(times), dtype=bool))
            mask[each.start : each.stop] = True
        by_regime = [
            {"regime": regime, "bars": int(mask[1:].sum()), "entries": self._inside(runs, mask[1:])}
            for regime, mask in masks.items()
        ]
        return {"regimes": shown, "by_regime": by_regime}

    def _inside(self, runs: Mapping[str, Backtest], mask: Series) -> list[dict[str, Any]]:
        return [
            {
                "key": key,
                "total_return": total_return(run.returns[mask]),
                "sharpe": sharpe(run.returns[mask], self._field.per_year),
            }
            for key, run in runs.items()
        ]

    def _comparison(self, runs: Mapping[str, Backtest]) -> dict[str, Any]:
        found = compare({key: run.returns for key, run in runs.items()}, self._field.per_year, seed=self._request.seed)
        self._voice.log(wording.compared(self._names, found))
        return {"comparison": asdict(found)}

    def _stressed(self, wanted: Stress) -> dict[str, Any]:
        outcomes: dict[str, list[dict[str, Any]]] = {}
        for turn in range(wanted.runs):
            field = self._field
            done = stressed(wanted.scenario, field.bars.prices, field.first, wanted.strength, self._request.seed + turn)
            harsher = field.under(done)
            for key, run in self._runs(harsher).items():
                figures = report(run, trades_of(run), field.per_year, None)
                all_figures = figures.performance | figures.risk
                outcomes.setdefault(key, []).append({name: all_figures[name] for name in (*_SHOWN, "max_drawdown")})
        entries = [{"key": key, "outcomes": each, **_spread(each)} for key, each in outcomes.items()]
        self._voice.log(wording.under_stress(self._names, wanted, entries))
        return {"scenario": wanted.scenario.value, "strength": wanted.strength, "entries": entries}

    def _moved(self) -> None:
        # Of a walk-forward, training is nearly all of the work.
        if self._walk:
            return
        self._step += 1
        facts = {"share": self._step / self._steps, "step": self._step, "steps": self._steps, "steps_per_s": 0.0}
        self._voice.progress(lambda: facts)


def _spread(outcomes: list[dict[str, Any]]) -> dict[str, Any]:
    """The worst, the middle and the best of what came out."""
    found = sorted(each["total_return"] for each in outcomes if each["total_return"] is not None)
    if not found:
        return {"worst": None, "median": None, "best": None}
    return {"worst": found[0], "median": float(np.median(found)), "best": found[-1]}
