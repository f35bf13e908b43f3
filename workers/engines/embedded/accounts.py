"""The account of the agent that is kept, and those of the baselines, bar by bar. Equal runs give equal bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from torch import Tensor

from domain.analysis.looks import BARS_PER_YEAR, CHANGES, KEPT, OWN, TURNOVER
from domain.datasets.columns import SPLIT, SYMBOL, TIME
from domain.evaluations.model import SeriesName
from workers.data.frames import UTC_TIME, write_frame
from workers.engines.embedded.evaluation.measures import equity_of
from workers.engines.embedded.market import Market
from workers.engines.embedded.shapes import Account, KeepsAccounts, Policy, Split, Task

SERIES = "series.parquet"


def write(folder: Path, market: Market, task: Task, policy: Policy) -> str | None:
    """The name of the file; None where the task has no accounts."""
    if not isinstance(task, KeepsAccounts):
        return None
    frames = [_frame(market, split, key, account) for split in KEPT for key, account in _accounts(task, policy, split)]
    write_frame(pl.concat(frames), folder / SERIES, {BARS_PER_YEAR: repr(market.bars_per_year)})
    return SERIES


def _accounts(task: KeepsAccounts, policy: Policy, split: Split) -> Iterator[tuple[str, Account]]:
    yield OWN, task.account(policy, split)
    for key, several in sorted(task.plain_accounts(split).items()):
        yield key, _middle(list(several()))


def _middle(several: list[Account]) -> Account:
    """The one in the middle by what it came to."""
    return sorted(several, key=lambda account: float(equity_of(account)[-1]))[len(several) // 2]


def _frame(market: Market, split: Split, key: str, account: Account) -> pl.DataFrame:
    """A row for each bar; the last one only pays for the decision before it."""
    equity = equity_of(account).numpy()
    times = market.times[account.first : account.first + len(equity)]
    return pl.DataFrame(
        {
            TIME: pl.Series(times.astype("datetime64[us]")).dt.replace_time_zone("UTC").cast(UTC_TIME),
            SYMBOL: [key] * len(times),
            SPLIT: [split] * len(times),
            SeriesName.EQUITY.value: equity,
            SeriesName.EXPOSURE.value: _led_out(account.exposure),
            TURNOVER: _led_out(account.turnover),
            CHANGES: _led_out(account.changes),
        }
    )


def _led_out(values: Tensor) -> np.ndarray:
    """At the last bar nothing is decided."""
    return np.append(values.double().cpu().numpy(), 0.0)
