"""Whether regimes can be found in a dataset, as far as its papers tell. The worker looks at the data itself."""

from __future__ import annotations

from domain.datasets.columns import BAR
from domain.datasets.model import Papers
from domain.errors import Code, Problem, Refused
from domain.text import readable
from domain.trainings.suiting import Facts


def must_suit(papers: Papers, symbol: str | None) -> None:
    facts = Facts.of(papers)
    if problems := [*_columns(facts), *_symbols(facts, symbol)]:
        raise Refused(*problems)


def _columns(facts: Facts) -> list[Problem]:
    missing = [name for name in BAR if name not in facts.columns] if facts.columns else []
    if not missing:
        return []
    message = f"Regimes are found in bars, and the dataset lacks {', '.join(missing)}."
    return [Problem(Code.INVALID, message, ("dataset_id",))]


def _symbols(facts: Facts, symbol: str | None) -> list[Problem]:
    if symbol is None and (facts.symbol_count or 1) > 1:
        message = f"Regimes are those of one symbol, and the dataset has {facts.symbol_count:,}: name one."
        return [Problem(Code.REQUIRED, message, ("symbol",))]
    if symbol is not None and facts.all_symbols is not None and symbol not in facts.all_symbols:
        return [Problem(Code.UNKNOWN, f'The dataset has no symbol "{readable(symbol)}".', ("symbol",))]
    return []
