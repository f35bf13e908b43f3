"""What people ask for when they have an agent trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from domain.datasets.rules import clean_key
from domain.errors import Code, Problem, Refused
from domain.text import Problems, clean_text
from domain.trainings.engines import EMBEDDED

MAX_NAME = 200
MAX_SYMBOL = 100
MOST_SEEDS = 10
LARGEST_SEED = 2**31 - 1
LARGEST_PRIORITY = 10
USUAL_SEEDS = (0,)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingWish:
    strategy_id: UUID
    dataset_id: UUID | None = None
    """None: the engine has data of its own."""
    version: int | None = None
    """None: the present one."""
    parameters: object | None = None
    """Laid over the strategy's configuration."""
    symbol: str | None = None
    engine: str = EMBEDDED
    seeds: Sequence[int] | None = None
    """None: the usual one."""
    priority: int = 0
    name: str | None = None
    """None: made of the names of the strategy and the dataset."""
    key: str | None = None

    def cleaned(self) -> TrainingWish:
        with Problems() as problems:
            name = problems.take(_clean_name, self.name)
            symbol = problems.take(_clean_symbol, self.symbol)
            seeds = problems.take(clean_seeds, self.seeds)
            priority = problems.take(_clean_priority, self.priority)
            key = problems.take(clean_key, self.key)
        return replace(self, name=name, symbol=symbol, seeds=seeds, priority=priority, key=key)


def clean_seeds(seeds: Sequence[int] | None) -> tuple[int, ...]:
    if seeds is None:
        return USUAL_SEEDS
    if not 1 <= len(seeds) <= MOST_SEEDS:
        message = f"Give 1 to {MOST_SEEDS} seeds; these are {len(seeds)}."
        raise Refused.because(Code.TOO_LONG if seeds else Code.TOO_SHORT, message, "seeds")
    problems = [problem for place, seed in enumerate(seeds) if (problem := _problem(seeds, place, seed))]
    if problems:
        raise Refused(*problems)
    return tuple(seeds)


def _problem(seeds: Sequence[int], place: int, seed: int) -> Problem | None:
    path = ("seeds", str(place))
    if not 0 <= seed <= LARGEST_SEED:
        return Problem(Code.OUT_OF_RANGE, f"A seed must be from 0 to {LARGEST_SEED:,}.", path)
    if seed in seeds[:place]:
        return Problem(Code.INVALID, f"The seed {seed} is there twice, which would give the same run twice.", path)
    return None


def _clean_name(name: str | None) -> str | None:
    return None if name is None else clean_text(name, "name", maximum=MAX_NAME)


def _clean_symbol(symbol: str | None) -> str | None:
    return None if symbol is None else clean_text(symbol, "symbol", maximum=MAX_SYMBOL)


def _clean_priority(priority: int) -> int:
    if abs(priority) > LARGEST_PRIORITY:
        message = f"The priority must be from -{LARGEST_PRIORITY} to {LARGEST_PRIORITY}."
        raise Refused.because(Code.OUT_OF_RANGE, message, "priority")
    return priority
