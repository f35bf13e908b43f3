"""Which pictures make sense for an evaluation, and what is wrong with a wish for another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.errors import Code, Refused
from domain.evaluations.model import Evaluation, SeriesName
from domain.evaluations.names import model_keys, names_of
from domain.pictures.names import NARROWEST, WIDEST, Look, PictureKind
from domain.text import readable

OF_MODELS = frozenset({PictureKind.TRADES, PictureKind.WEIGHTS})
OF_ONE = OF_MODELS | {PictureKind.MONTHLY}
"""They show one entry."""
OF_ONE_OR_ALL = frozenset({PictureKind.EQUITY, PictureKind.ROLLING_SHARPE, PictureKind.DISTRIBUTION})
"""They show one entry beside the benchmark, or all."""
SERIES_OF = {PictureKind.EQUITY: SeriesName.EQUITY, PictureKind.ROLLING_SHARPE: SeriesName.ROLLING_SHARPE}

TITLES = {
    PictureKind.EQUITY: "Equity and falls",
    PictureKind.MONTHLY: "Returns by month",
    PictureKind.ROLLING_SHARPE: "Rolling Sharpe ratio",
    PictureKind.DISTRIBUTION: "Returns of single bars",
    PictureKind.TRADES: "Trades",
    PictureKind.WEIGHTS: "What was held",
    PictureKind.RADAR: "Measures side by side",
    PictureKind.REGIMES: "When it was which kind of market",
    PictureKind.COMPARISON: "How much more one earns than another",
    PictureKind.STRESS: "Total return under each scenario",
    PictureKind.SHORTFALL: "Cost of carrying orders out",
    PictureKind.FOLDS: "Total return in each window",
}
_MISSING = {
    PictureKind.REGIMES: ("regimes", "This evaluation has too few bars to tell kinds of market apart."),
    PictureKind.COMPARISON: ("comparison", "Nothing is compared here. Start a COMPARISON of two models or more."),
    PictureKind.STRESS: ("scenarios", "This evaluation has no scenarios. Start a STRESS_TEST."),
    PictureKind.SHORTFALL: ("execution", "Only models for order execution have a shortfall. Ask for EQUITY."),
    PictureKind.FOLDS: ("folds", "This evaluation has one window. Start a WALK_FORWARD."),
}
"""What of the result each of these shows, and what to say where that is not there."""


@dataclass(frozen=True, slots=True)
class PictureWish:
    """What somebody wants to see; left out: what there is no choice of."""

    kind: PictureKind
    key: str | None = None
    symbol: str | None = None
    look: Look = field(default_factory=Look)


@dataclass(frozen=True, slots=True)
class Offer:
    """A picture that makes sense."""

    kind: PictureKind
    key: str | None
    """The entry that it shows; None: all, or none in particular."""
    symbol: str | None
    title: str


def pictures_of(evaluation: Evaluation) -> list[Offer]:
    """In the order in which to look at them. None before its end."""
    if evaluation.result is None:
        return []
    return [
        _offer(evaluation, kind, key)
        for kind in PictureKind
        if _why_not(evaluation, kind) is None
        for key in _keys(evaluation, kind)
    ]


def settled(evaluation: Evaluation, wish: PictureWish) -> Offer:
    """What is left out is filled in where there is no choice. Refuses what makes no sense."""
    must_fit(wish.look)
    if evaluation.result is None:
        raise Refused.because(Code.WRONG_STATE, "This evaluation has no result. Wait for its job, or retry it.", "id")
    if (reason := _why_not(evaluation, wish.kind)) is not None:
        raise Refused.because(Code.INVALID, reason, "kind")
    key = _checked_key(evaluation, wish.kind, wish.key)
    _check_symbol(evaluation, wish.kind, wish.symbol)
    return _offer(evaluation, wish.kind, key, wish.symbol)


def must_fit(look: Look) -> None:
    if not NARROWEST <= look.width <= WIDEST:
        raise Refused.because(Code.OUT_OF_RANGE, f"width must be from {NARROWEST:,} to {WIDEST:,}.", "width")


def _why_not(evaluation: Evaluation, kind: PictureKind) -> str | None:
    result = evaluation.result or {}
    if result.get("execution") and kind is not PictureKind.SHORTFALL:
        return "Models for order execution hold no account. Ask for SHORTFALL."
    if kind in _MISSING:
        told, reason = _MISSING[kind]
        alone = kind is PictureKind.COMPARISON and len(model_keys(evaluation)) < 2
        return reason if alone or not result.get(told) else None
    return None


def _keys(evaluation: Evaluation, kind: PictureKind) -> Iterator[str | None]:
    if kind in OF_ONE:
        yield from model_keys(evaluation)
    else:
        yield None


def _offer(evaluation: Evaluation, kind: PictureKind, key: str | None, symbol: str | None = None) -> Offer:
    if kind is PictureKind.TRADES:
        symbol = symbol or next(iter(symbols_of(evaluation)), None)
    parts = [TITLES[kind], *(([names_of(evaluation)[key]]) if key else []), *([symbol] if symbol else [])]
    return Offer(kind, key, symbol, ": ".join(parts[:2]) + "".join(f", {part}" for part in parts[2:]))


def symbols_of(evaluation: Evaluation) -> list[str]:
    return list((evaluation.result or {}).get("symbols", ()))


def _checked_key(evaluation: Evaluation, kind: PictureKind, key: str | None) -> str | None:
    models, everyone = model_keys(evaluation), list(names_of(evaluation))
    if key is None:
        if kind in OF_ONE and len(models) > 1:
            raise Refused.because(Code.REQUIRED, f"Say of which entry: {', '.join(models)}.", "key")
        return models[0] if kind in OF_ONE else None
    if kind not in OF_ONE | OF_ONE_OR_ALL:
        raise Refused.because(Code.INVALID, "This picture shows all entries. Leave the key out.", "key")
    known = models if kind in OF_MODELS else everyone
    if key not in known:
        reason = "No trades and positions are kept of" if key in everyone else "There is no entry"
        raise Refused.because(Code.UNKNOWN, f'{reason} "{readable(key)}". Choose one of: {", ".join(known)}.', "key")
    return key


def _check_symbol(evaluation: Evaluation, kind: PictureKind, symbol: str | None) -> None:
    if symbol is None:
        return
    if kind is not PictureKind.TRADES:
        raise Refused.because(Code.INVALID, "Only the picture of trades is of one symbol. Leave it out.", "symbol")
    if symbol not in symbols_of(evaluation):
        known = ", ".join(map(readable, symbols_of(evaluation)[:20]))
        raise Refused.because(Code.UNKNOWN, f'There is no symbol "{readable(symbol)}" here: {known}.', "symbol")
