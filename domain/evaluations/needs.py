"""Whether models can act on a dataset, as far as the papers of both tell. The engine looks at the data itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from domain.catalogue import TaskType
from domain.errors import Code, Problem
from domain.evaluations.model import EvaluationKind
from domain.models.model import Model, TrainedOn
from domain.text import readable
from domain.trainings.suiting import Facts, unknown_symbol

_SHOWN = 5
COMPUTED: Mapping[str, tuple[str, ...]] = {
    "bars.return_1": (),
    "bars.return_5": (),
    "bars.return_20": (),
    "bars.range": ("high", "low"),
    "bars.close_in_range": ("high", "low"),
    "bars.volume": ("volume",),
    "book.spread": ("bid_size_1", "ask_size_1"),
    "book.imbalance": ("bid_size_1", "ask_size_1"),
    "book.depth_imbalance": ("bid_size_1", "ask_size_1"),
    "book.fair_price": ("bid_size_1", "ask_size_1"),
}
"""What the engine computes by itself where the data has these columns; see workers.engines.embedded.features."""


def problems(
    kind: EvaluationKind,
    models: Sequence[Model],
    trained_on: Mapping[UUID, TrainedOn],
    facts: Facts,
    symbol: str | None,
) -> Iterator[Problem]:
    """In a walk-forward agents are trained anew, on what there is."""
    if kind is EvaluationKind.WALK_FORWARD:
        return
    has_portfolio = any(model.task_type is TaskType.PORTFOLIO_MANAGEMENT for model in models)
    if has_portfolio and symbol is not None:
        yield from unknown_symbol(facts, symbol)
    for model in models:
        told = trained_on.get(model.id, TrainedOn())
        if facts.columns and (lacking := sorted(_columns(told) - facts.columns)):
            message = (
                f'"{readable(model.name)}" was trained with columns that the dataset lacks: {_listed(lacking)}. Choose '
                "one that has them, or make them with a recipe."
            )
            yield Problem(Code.INVALID, message, ("dataset_id",))
        if has_portfolio:
            yield from _symbol_problems(model, told, facts, symbol)


def _symbol_problems(model: Model, told: TrainedOn, facts: Facts, symbol: str | None) -> Iterator[Problem]:
    """Beside a portfolio, one that trades one symbol takes the one that was named, or its own."""
    lacking = [each for each in told.symbols if facts.all_symbols is not None and each not in facts.all_symbols]
    if not lacking:
        return
    name = readable(model.name)
    if model.task_type is TaskType.PORTFOLIO_MANAGEMENT:
        message = (
            f'"{name}" trades symbols that the dataset lacks: {_listed(lacking)}. Choose one that has all of them.'
        )
        yield Problem(Code.INVALID, message, ("dataset_id",))
    elif symbol is None:
        message = (
            f'"{name}" trades a symbol that the dataset lacks: {_listed(lacking)}. Name the one that it shall trade.'
        )
        yield Problem(Code.REQUIRED, message, ("symbol",))


def _columns(told: TrainedOn) -> set[str]:
    return {column for name in told.features for column in COMPUTED.get(name, (name,))}


def _listed(names: Sequence[str]) -> str:
    shown = [readable(name) for name in names[:_SHOWN]]
    if len(names) > _SHOWN:
        shown.append(f"{len(names) - _SHOWN:,} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
