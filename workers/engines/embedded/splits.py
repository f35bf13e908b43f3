"""Train, valid and test: places in the order of time, never mixed."""

from __future__ import annotations

import polars as pl

from domain.datasets.columns import SPLIT, TIME
from workers.engines.embedded.shapes import SPLITS, BadInput, Split

LEAST: dict[Split, int] = {"train": 50, "valid": 10, "test": 10}
"""Bars: below that no figure means anything."""


def by_column(frame: pl.DataFrame, times: pl.Series, first: int) -> dict[Split, range]:
    """As the data says; places before `first` have no whole window before them."""
    part_of = frame.select(TIME, pl.col(SPLIT).cast(pl.String)).drop_nulls().unique().sort(TIME)
    if part_of.get_column(TIME).is_duplicated().any():
        raise _mixed("some times belong to two parts")
    if unknown := set(part_of.get_column(SPLIT)) - set(SPLITS):
        raise BadInput("UNKNOWN_SPLIT", f'The column split may say train, valid or test; it says "{min(unknown)}".')
    return _checked({name: _range(part_of, times, name, first) for name in SPLITS})


def by_time(count: int, gap: int, first: int) -> dict[Split, range]:
    """60, 20 and 20 percent, with a gap before valid and test as long as what an agent looks back on."""
    valid, test = count * 3 // 5, count * 4 // 5
    parts: dict[Split, range] = {
        "train": range(min(first, valid), max(valid - gap, 0)),
        "valid": range(valid, max(test - gap, valid)),
        "test": range(test, count),
    }
    return _checked(parts)


def of_window(start: int, stop: int, end: int, gap: int) -> dict[Split, range]:
    """From `start` up to `stop` to train on, its last quarter as valid, as in 60, 20 and 20 percent; from there up to
    `end` to test. Gaps as in `by_time`."""
    valid = start + (stop - start) * 3 // 4
    parts: dict[Split, range] = {
        "train": range(start, max(valid - gap, start)),
        "valid": range(valid, max(stop - gap, valid)),
        "test": range(stop, end),
    }
    return _checked(parts)


def _range(part_of: pl.DataFrame, times: pl.Series, name: Split, first: int) -> range:
    own = part_of.filter(pl.col(SPLIT) == name).get_column(TIME)
    if own.is_empty():
        raise BadInput("NO_SPLIT", f"The column split names no row {name}. Split the data into train, valid and test.")
    start, last = int(times.search_sorted(own[0])), int(times.search_sorted(own[-1]))
    if last - start + 1 != own.len():
        raise _mixed(f"rows of {name} lie among others")
    return range(max(start, first), last + 1)


def _checked(parts: dict[Split, range]) -> dict[Split, range]:
    before = 0
    for name in SPLITS:
        part = parts[name]
        if len(part) < LEAST[name]:
            message = (
                f"The part {name} has {len(part):,} usable bars; it takes at least {LEAST[name]}. "
                "Bring more data, or choose a shorter lookback."
            )
            raise BadInput("TOO_FEW_ROWS", message)
        if part.start < before:
            raise _mixed(f"{name} begins before the part before it ends")
        before = part.stop
    return parts


def _mixed(what: str) -> BadInput:
    message = f"The parts of the split are not one after the other: {what}. Make it train, then valid, then test."
    return BadInput("BAD_SPLIT", message)
