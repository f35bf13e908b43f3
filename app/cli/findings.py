"""What an inspection of one part found, and the table of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Finding:
    """A remedy only where something is wrong."""

    part: str
    good: bool
    version: str = ""
    says: str = ""
    remedy: str = ""


def table(findings: Sequence[Finding]) -> Table:
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("", "part", "version", "state"):
        shown.add_column(title, overflow="fold")
    for finding in findings:
        mark = Text("✓", "green") if finding.good else Text("✗", "bold red")
        shown.add_row(mark, finding.part, finding.version, Text(finding.says))
        if finding.remedy:
            shown.add_row("", "", "", Text(finding.remedy, "yellow"))
    return shown
