"""The columns of market data in canonical form, and what each of them is for."""

from __future__ import annotations

from enum import StrEnum

TIME = "time"
SYMBOL = "symbol"
SPLIT = "split"
BAR = ("open", "high", "low", "close")
VOLUME = "volume"
ADJUSTED_CLOSE = "adjusted_close"
BOOK_LEVELS = 5
BOOK = tuple(
    f"{side}_{what}_{level}"
    for side in ("bid", "ask")
    for what in ("price", "size")
    for level in range(1, BOOK_LEVELS + 1)
)
LABEL_PREFIX = "label_"

_MARKET = frozenset((*BAR, VOLUME, ADJUSTED_CLOSE, *BOOK))
_META = frozenset((TIME, SYMBOL, SPLIT))


class ColumnKind(StrEnum):
    """What a column may be used for."""

    META = "meta"
    """Says which row this is: time, symbol, part."""
    MARKET = "market"
    """What was traded and quoted. The market of a training is made of it."""
    FEATURE = "feature"
    """What an agent may see."""
    LABEL = "label"
    """Known only afterwards. Never shown to an agent."""


def kind_of(column: str) -> ColumnKind:
    """The name alone decides, so that no label can become a feature on its way through files."""
    if column in _META:
        return ColumnKind.META
    if column in _MARKET:
        return ColumnKind.MARKET
    return ColumnKind.LABEL if column.startswith(LABEL_PREFIX) else ColumnKind.FEATURE
