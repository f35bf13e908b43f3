"""Whether a dataset suits a task, as far as its papers tell. The engine looks at the data itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.catalogue import TaskType
from domain.datasets.model import Papers
from domain.errors import Code, Problem
from domain.text import readable

_BEST = ("bid_price_1", "ask_price_1")
_BOOK = (*_BEST, "bid_size_1", "ask_size_1")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Facts:
    """None, or nothing: the papers do not tell."""

    columns: frozenset[str]
    symbol_count: int | None
    symbols: tuple[str, ...]
    """The first of them by name."""

    @classmethod
    def of(cls, papers: Papers) -> Facts:
        report, manifest = papers.report or {}, papers.manifest or {}
        columns = manifest.get("columns") or report.get("columns") or ()
        return cls(
            columns=frozenset(column["name"] for column in columns),
            symbol_count=manifest.get("symbols", report.get("symbol_count")),
            symbols=tuple(each["symbol"] for each in report.get("symbols", ())),
        )

    @property
    def all_symbols(self) -> tuple[str, ...] | None:
        return self.symbols if len(self.symbols) == self.symbol_count else None


def problems(task: TaskType, facts: Facts, symbol: str | None) -> Iterator[Problem]:
    """What stands in the way of training on such data."""
    if facts.columns:
        yield from _column_problems(task, facts)
    if task is TaskType.PORTFOLIO_MANAGEMENT:
        yield from _problems_of_many(facts, symbol)
    else:
        yield from _problems_of_one(facts, symbol)


def _column_problems(task: TaskType, facts: Facts) -> Iterator[Problem]:
    if task is TaskType.HIGH_FREQUENCY_TRADING:
        missing = [name for name in _BOOK if name not in facts.columns]
        if missing:
            message = (
                f"This task trades on an order book, and the dataset lacks {', '.join(missing)}. Choose one with "
                "order books, or correct the roles of its columns."
            )
            yield Problem(Code.INVALID, message, ("dataset_id",))
    elif "close" not in facts.columns and not facts.columns.issuperset(_BEST):
        message = (
            "The dataset has no column close, and no best bid and ask prices. Choose one with prices, or correct the "
            "roles of its columns."
        )
        yield Problem(Code.INVALID, message, ("dataset_id",))


def _problems_of_many(facts: Facts, symbol: str | None) -> Iterator[Problem]:
    if symbol is not None:
        message = "This task spreads money over all symbols of the dataset. Leave the symbol out."
        yield Problem(Code.INVALID, message, ("symbol",))
    if facts.symbol_count is not None and facts.symbol_count < 2:
        message = "This task needs at least two symbols, and the dataset has one. Choose one with more."
        yield Problem(Code.INVALID, message, ("dataset_id",))


def _problems_of_one(facts: Facts, symbol: str | None) -> Iterator[Problem]:
    if facts.symbol_count is None:
        return
    if symbol is None:
        if facts.symbol_count > 1:
            message = (
                f"This task trades one symbol, and the dataset has {facts.symbol_count:,}: name one. {_some(facts)}"
            )
            yield Problem(Code.REQUIRED, message, ("symbol",))
    else:
        yield from unknown_symbol(facts, symbol)


def unknown_symbol(facts: Facts, symbol: str) -> Iterator[Problem]:
    if facts.all_symbols is not None and symbol not in facts.all_symbols:
        message = f'The dataset has no symbol "{readable(symbol)}". {_some(facts)}'
        yield Problem(Code.UNKNOWN, message, ("symbol",))


def _some(facts: Facts) -> str:
    names = ", ".join(readable(symbol) for symbol in facts.symbols[:_SHOWN])
    return f"It has {names}{' and others' if (facts.symbol_count or 0) > _SHOWN else ''}." if names else ""
