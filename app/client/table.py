"""The result of a training as a table: the agent beside those who did nothing clever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

SPLITS = ("train", "valid", "test")
# How each measure is shown; one that a task does not have is left out.
SHOWN = {
    "sharpe": ("Sharpe", "{:.2f}"),
    "total_return": ("return", "{:+,.1%}"),
    "max_drawdown": ("worst fall", "{:.1%}"),
    "cost_bps": ("cost bps", "{:.2f}"),
    "saving_bps": ("saving bps", "{:+.2f}"),
    "win_rate": ("won", "{:.0%}"),
}


def result_table(body: Mapping[str, Any]) -> Table:
    """Of the body of a Result."""
    names = [name for name in SHOWN if name in body["measures"]["valid"]]
    table = Table(title="What it came to", title_justify="left")
    table.add_column("part")
    table.add_column("who")
    for name in names:
        table.add_column(SHOWN[name][0], justify="right")
    for split in SPLITS:
        table.add_row(split, "the agent", *_row(body["measures"][split], names), style="bold")
        for baseline, measures in body["baselines"][split].items():
            table.add_row("", baseline.replace("_", " "), *_row(measures, names))
        table.add_section()
    return table


def _row(measures: Mapping[str, float], names: list[str]) -> list[str]:
    return [SHOWN[name][1].format(measures[name]) if name in measures else "" for name in names]
