"""What people ask for when they have models judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.analysis.names import BASELINES, BUY_AND_HOLD, RANGES, USUAL, Scenario
from domain.datasets.rules import clean_key
from domain.errors import Code, Problem, Refused
from domain.evaluations.model import EvaluationKind
from domain.evaluations.walk import WalkWish, clean_walk
from domain.text import Problems, clean_text, readable
from domain.trainings.wish import LARGEST_SEED, MAX_NAME, MAX_SYMBOL

MOST_MODELS = {
    EvaluationKind.BACKTEST: 1,
    EvaluationKind.STRESS_TEST: 5,
    EvaluationKind.COMPARISON: 10,
    EvaluationKind.WALK_FORWARD: 1,
}
LARGEST_COST = 0.1
LEAST_CAPITAL, MOST_CAPITAL = 1.0, 1e12
MOST_LATENCY = 100
LARGEST_POSITION = 10.0
MOST_RUNS = 50
MOST_RUNS_IN_ALL = 200
MOST_SCENARIOS = 20


@dataclass(frozen=True, slots=True)
class StressWish:
    scenario: Scenario
    strength: float | None = None
    """None: the usual one."""
    runs: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationWish:
    kind: EvaluationKind
    model_ids: tuple[UUID, ...]
    dataset_id: UUID | None = None
    """None: what the models were trained on."""
    symbol: str | None = None
    split: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    transaction_cost: float | None = None
    """None: as the first model was trained with; so for slippage."""
    slippage: float | None = None
    start_capital: float | None = None
    """None: as the first model was trained with."""
    latency_bars: int = 0
    max_position: float | None = None
    benchmark: str = BUY_AND_HOLD
    stress: tuple[StressWish, ...] = ()
    walk: WalkWish | None = None
    """None: of a walk-forward the usual one."""
    seed: int = 0
    name: str | None = None
    key: str | None = None

    def cleaned(self) -> EvaluationWish:
        with Problems() as problems:
            problems.take(_count, self.kind, self.model_ids)
            problems.take(_period, self)
            problems.take(_within, self.transaction_cost, "transaction_cost", 0.0, LARGEST_COST)
            problems.take(_within, self.slippage, "slippage", 0.0, LARGEST_COST)
            problems.take(_within, self.start_capital, "start_capital", LEAST_CAPITAL, MOST_CAPITAL)
            problems.take(_within, self.latency_bars, "latency_bars", 0, MOST_LATENCY)
            problems.take(_within, self.max_position, "max_position", 0.01, LARGEST_POSITION)
            problems.take(_within, self.seed, "seed", 0, LARGEST_SEED)
            problems.take(_benchmark, self.benchmark)
            stress = problems.take(_stress, self.kind, self.stress, len(self.model_ids))
            walk = problems.take(clean_walk, self.kind, self.walk, self.split)
            symbol = problems.take(_text, self.symbol, "symbol", MAX_SYMBOL)
            name = problems.take(_text, self.name, "name", MAX_NAME)
            key = problems.take(clean_key, self.key)
        return replace(self, stress=stress, walk=walk, symbol=symbol, name=name, key=key)


def _count(kind: EvaluationKind, ids: Sequence[UUID]) -> None:
    least, most = (2 if kind is EvaluationKind.COMPARISON else 1), MOST_MODELS[kind]
    if not least <= len(ids) <= most:
        wanted = f"{least}" if least == most else f"{least} to {most}"
        message = f"A {kind.value.replace('_', ' ')} is of {wanted} {'model' if most == 1 else 'models'}."
        raise Refused.because(Code.TOO_SHORT if len(ids) < least else Code.TOO_LONG, message, "model_ids")
    if len(set(ids)) < len(ids):
        raise Refused.because(Code.INVALID, "A model is there twice. Name each once.", "model_ids")


def _period(wish: EvaluationWish) -> None:
    if wish.split is not None and (wish.since is not None or wish.until is not None):
        raise Refused.because(Code.INVALID, "Give a part of the data or a period, not both.", "split")
    if wish.since is not None and wish.until is not None and wish.since >= wish.until:
        raise Refused.because(Code.INVALID, "The period is over before it begins. Let `to` be later than `from`.", "to")


def _within(value: float | None, field: str, low: float, high: float) -> None:
    # Not a number is not within anything.
    if value is not None and not low <= value <= high:
        message = f"{field.replace('_', ' ')} must be from {low:,.13g} to {high:,.13g}."
        raise Refused.because(Code.OUT_OF_RANGE, message[0].upper() + message[1:], field)


def _benchmark(name: str) -> None:
    if name not in BASELINES:
        message = f'There is no benchmark "{readable(name)}". Choose one of: {", ".join(BASELINES)}.'
        raise Refused.because(Code.UNKNOWN, message, "benchmark")


def _stress(kind: EvaluationKind, given: tuple[StressWish, ...], models: int) -> tuple[StressWish, ...]:
    if kind is not EvaluationKind.STRESS_TEST:
        if given:
            message = "Only a stress test has scenarios. Ask for one, or leave them out."
            raise Refused.because(Code.INVALID, message, "scenarios")
        return ()
    wanted = given or tuple(StressWish(scenario) for scenario in Scenario)
    problems = [problem for place, one in enumerate(wanted) for problem in _problems(place, one)]
    if len(wanted) > MOST_SCENARIOS or models * sum(one.runs for one in wanted) > MOST_RUNS_IN_ALL:
        message = (
            f"A stress test has at most {MOST_SCENARIOS} scenarios, and {MOST_RUNS_IN_ALL} runs of models in all of "
            "them. Ask for fewer."
        )
        problems.append(Problem(Code.TOO_LONG, message, ("scenarios",)))
    if problems:
        raise Refused(*problems)
    return tuple(replace(one, strength=USUAL[one.scenario] if one.strength is None else one.strength) for one in wanted)


def _problems(place: int, one: StressWish) -> list[Problem]:
    found, path = [], ("scenarios", str(place))
    low, high = RANGES[one.scenario]
    if one.strength is not None and not low <= one.strength <= high:
        found.append(Problem(Code.OUT_OF_RANGE, f"The strength must be from {low:g} to {high:g}.", (*path, "strength")))
    if not 1 <= one.runs <= MOST_RUNS:
        found.append(Problem(Code.OUT_OF_RANGE, f"Give 1 to {MOST_RUNS} runs.", (*path, "runs")))
    elif one.runs > 1 and one.scenario is not Scenario.BOOTSTRAP:
        message = "Only a bootstrap differs from run to run. Ask for one run."
        found.append(Problem(Code.INVALID, message, (*path, "runs")))
    return found


def _text(value: str | None, field: str, most: int) -> str | None:
    return None if value is None else clean_text(value, field, maximum=most)
