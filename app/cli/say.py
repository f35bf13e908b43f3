"""How the command line speaks: results to standard output, everything else to standard error."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

from rich.console import Console


@cache
def out() -> Console:
    return Console(highlight=False)


@cache
def err() -> Console:
    return Console(stderr=True, highlight=False)


def refuse(sentence: str) -> None:
    err().print(sentence, style="bold red", markup=False, soft_wrap=True)


def note(sentence: str) -> None:
    """Said while work goes on, which does not end because the terminal is gone."""
    with suppress(OSError):
        err().print(sentence, style="yellow", markup=False, soft_wrap=True)
