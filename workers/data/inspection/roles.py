"""Which columns are prices and volumes: told by their names, by their values, or by the person."""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from domain.datasets.columns import ADJUSTED_CLOSE, BAR, VOLUME
from domain.datasets.report import Correction, Finding, FindingCode, Place, Severity
from workers.data.inspection.aliases import ROLES, is_price, is_role, price_roles
from workers.data.inspection.tables.model import Table
from workers.data.inspection.voice import quoted

_ENOUGH = 0.99


def roles_of(
    table: Table, sample: pl.DataFrame, free: list[str], correction: Correction
) -> tuple[dict[str, str], list[Finding]]:
    """From the role to the column, among those that are neither time nor symbol."""
    chosen = _chosen(table, free, correction)
    findings: list[Finding] = []
    if table.header_row == 0 and not chosen:
        found = _by_values(sample.select(free))
        findings = _assumed(table, found) if found else []
    else:
        names = price_roles([table.name_of(source) for source in free])
        found = {role: table.source_of(name) for role, name in names.items()}
    taken = set(chosen.values())
    kept = {role: source for role, source in found.items() if role not in chosen and source not in taken}
    roles = kept | {role: source for role, source in chosen.items() if source}
    order = (*ROLES, *sorted(set(roles) - set(ROLES), key=_book_order))
    ordered = {role: roles[role] for role in order if role in roles}
    if not any(is_price(role) for role in ordered):
        findings.append(_no_prices(table, free))
    return ordered, findings


def _chosen(table: Table, free: list[str], correction: Correction) -> dict[str, str]:
    unknown = [role for role in correction.roles if not is_role(role)]
    if unknown:
        known = ", ".join((*BAR, VOLUME, ADJUSTED_CLOSE, "bid_price_1", "ask_size_1"))
        what = f"there is no role of the name {quoted(unknown[0])}. Choose one like {known}."
        raise table.voice.bad(FindingCode.CORRECTION, what)
    chosen = {role: table.source_of(name) if name else "" for role, name in correction.roles.items()}
    taken = [source for source in chosen.values() if source and source not in free]
    if taken:
        what = f"{quoted(table.name_of(taken[0]))} holds the times or the symbols and cannot be a price too."
        raise table.voice.bad(FindingCode.CORRECTION, f"{what} Choose another column.")
    return chosen


def _book_order(role: str) -> tuple[bool, str, int]:
    """Bids before asks, prices before sizes, the best first."""
    side, what, level = role.split("_")
    return side == "ask", what, int(level)


def _by_values(columns: pl.DataFrame) -> dict[str, str]:
    """Four columns side by side of which the second is never below and the third never above the other two."""
    numbers = columns.select(pl.all().cast(pl.Float64, strict=False))
    numeric = [name for name in numbers.columns if numbers.get_column(name).count() > numbers.height / 2]
    for place in range(len(numeric) - 3):
        four = numeric[place : place + 4]
        if _are_neighbours(four) and _are_bars(numbers.select(four)):
            roles = dict(zip(BAR, four, strict=True))
            after = numeric[place + 4 : place + 5]
            return roles | ({VOLUME: after[0]} if after and _are_neighbours([four[-1], *after]) else {})
    return {}


def _are_neighbours(sources: list[str]) -> bool:
    return all(int(right[1:]) - int(left[1:]) == 1 for left, right in pairwise(sources))


def _are_bars(four: pl.DataFrame) -> bool:
    opened, high, low, closed = map(pl.col, four.columns)
    fits = (high >= pl.max_horizontal(opened, closed)) & (low <= pl.min_horizontal(opened, closed))
    share, moves = four.select(fits.mean().alias("fits"), (high > low).any().alias("moves")).row(0)
    return bool(moves) and (share or 0) >= _ENOUGH


def _assumed(table: Table, roles: dict[str, str]) -> list[Finding]:
    shown = ", ".join(f"{quoted(table.name_of(source))} as {role}" for role, source in roles.items())
    what = "open, high, low and close were told by their values alone. Say which is which if that is wrong."
    place = Place(None, table.name_of(next(iter(roles.values()))))
    finding = table.voice.finding(
        Severity.WARNING, FindingCode.ROLES_ASSUMED, what, f"Taken were {shown}.", count=len(roles), places=[place]
    )
    return [finding]


def _no_prices(table: Table, free: list[str]) -> Finding:
    what = "no column of prices was recognised, so nothing can be traded on it. Say which columns hold them."
    if len(free) > 1:
        what += (
            " If each of them is a symbol, write them below each other, with columns for time, symbol and close:"
            " pandas does it with melt."
        )
    return table.voice.finding(Severity.WARNING, FindingCode.NO_PRICES, what, "All columns were kept as they are.")
