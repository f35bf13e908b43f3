"""Tables whose names stand in two lines, one of fields and one of symbols, as pandas writes them.

Each symbol has columns of its own there; they become rows of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.datasets.columns import SYMBOL
from domain.datasets.report import FindingCode, Place
from workers.data.inspection.aliases import PRICES, price_roles, ranked
from workers.data.inspection.limits import Limits
from workers.data.inspection.tables.refusals import too_many_rows
from workers.data.inspection.values import looks_like_value
from workers.data.inspection.voice import Voice

_ENOUGH_KNOWN = 0.5
# What a second line may name in place of symbols: what the numbers of a column count.
_UNITS = frozenset({"usd", "eur", "gbp", "jpy", "chf", "cny", "krw", "inr", "shares", "units", "lots"})


@dataclass(frozen=True, slots=True)
class Layers:
    height: int
    """Lines of names."""
    shared: tuple[tuple[int, str], ...]
    """Columns of all symbols, such as the times: their places and names."""
    symbol_name: str
    fields: tuple[str, ...]
    symbols: tuple[tuple[str, tuple[int | None, ...]], ...]
    """Each with the places of its fields, None for those that it has not."""

    @property
    def names(self) -> tuple[str, ...]:
        return (*(name for _, name in self.shared), self.symbol_name, *self.fields)


def layers_of(rows: Sequence[Sequence[str]]) -> Layers | None:
    """`rows` begin with the first line of names. None where the names stand in one line."""
    if len(rows) < 2 or len({len(row) for row in rows[:3]}) > 1:
        return None
    first, second = ([cell.strip() for cell in row] for row in rows[:2])
    names_index = len(rows) > 2 and _only_names_index(rows[2])
    index = rows[2][0].strip() if names_index else _only(first[0], second[0])
    shared = ((0, index), *((place, first[place]) for place in range(1, len(first)) if not second[place]))
    places = [place for place in range(len(first)) if place not in dict(shared)]
    if not places or not all(first[place] for place in places):
        return None
    fields, symbols = _told_apart(first, second, places)
    if not _are_fields(fields, symbols, places):
        return None
    # Lines that both have a name say which is which by it; else the third line shows that these are names.
    is_sure = _names_symbols(symbols[0]) or (names_index and not (first[0] and second[0]))
    if not is_sure and not (_is_grid(fields, symbols, places) and _are_words(symbols, places)):
        return None
    return Layers(
        height=3 if names_index else 2,
        shared=shared,
        symbol_name=symbols[0] if ranked(SYMBOL, [symbols[0]]) else "Symbol",
        fields=tuple(dict.fromkeys(fields[place] for place in places)),
        symbols=_places(fields, symbols, places),
    )


def unfolded(
    rows: Iterable[tuple[int, list[str]]], layers: Layers, limits: Limits, voice: Voice
) -> Iterator[tuple[int, list[str]]]:
    """From each row one for each symbol that has a value in it."""
    count = size = 0
    for line, cells in rows:
        shared = [cells[place] for place, _ in layers.shared]
        for symbol, places in layers.symbols:
            values = ["" if place is None else cells[place] for place in places]
            if any(map(str.strip, values)):
                count, size = count + 1, size + sum(map(len, (*shared, symbol)))
                yield line, [*shared, symbol, *values]
        if count > limits.rows:
            raise too_many_rows(limits, voice)
        if size > limits.unpacked_bytes:
            what = "its cells are too long to be written once for each symbol. Give it a row for each time and symbol."
            raise voice.bad(FindingCode.UNPACKS_TOO_LARGE, what, Place(line))


def _only_names_index(row: Sequence[str]) -> bool:
    """Date,,,,"""
    return bool(row[0].strip()) and not looks_like_value(row[0]) and not any(map(str.strip, row[1:]))


def _only(first: str, second: str) -> str:
    """The name of the index, unless it is two names, which are those of the lines."""
    return "" if first and second else first or second


def _names_symbols(label: str) -> bool:
    return bool(ranked(SYMBOL, [label, label.removesuffix("s")]))


def _told_apart(first: list[str], second: list[str], places: list[int]) -> tuple[list[str], list[str]]:
    """Fields and symbols. A symbol may be called C or LOW, so the line with more known fields has them."""
    if _names_symbols(first[0]) != _names_symbols(second[0]):
        return (second, first) if _names_symbols(first[0]) else (first, second)
    return (first, second) if _known(first, places) >= _known(second, places) else (second, first)


def _known(row: list[str], places: list[int]) -> float:
    words = list(dict.fromkeys(row[place] for place in places))
    return len(price_roles(words)) / len(words)


def _are_fields(fields: list[str], symbols: list[str], places: list[int]) -> bool:
    """There are prices among them, and no symbol has one of them twice."""
    words = list(dict.fromkeys(fields[place] for place in places))
    pairs = {(symbols[place], fields[place]) for place in places}
    has_prices = any(role in PRICES for role in price_roles(words))
    return has_prices and _known(fields, places) >= _ENOUGH_KNOWN and len(pairs) == len(places)


def _is_grid(fields: list[str], symbols: list[str], places: list[int]) -> bool:
    """Each symbol has every field."""
    return len({fields[place] for place in places}) * len({symbols[place] for place in places}) == len(places)


def _are_words(symbols: list[str], places: list[int]) -> bool:
    words = (symbols[0], *(symbols[place] for place in places))
    is_unit = (word.lower() in _UNITS or not any(map(str.isalnum, word)) for word in words if word)
    return not any(is_unit) and not any(map(looks_like_value, words))


def _places(fields: list[str], symbols: list[str], places: list[int]) -> tuple[tuple[str, tuple[int | None, ...]], ...]:
    at = {(symbols[place], fields[place]): place for place in places}
    words = dict.fromkeys(fields[place] for place in places)
    return tuple(
        (symbol, tuple(at.get((symbol, field)) for field in words))
        for symbol in dict.fromkeys(symbols[place] for place in places)
    )
