"""How the command line speaks: results to standard output, everything else to standard error."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

from rich.console import Console


class Voice(Console):
    """A console that falls silent when nobody listens any more, where rich would end the program."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


@cache
def out() -> Console:
    return Voice(highlight=False)


@cache
def err() -> Console:
    return Voice(stderr=True, highlight=False)


def refuse(sentence: str) -> None:
    err().print(sentence, style="bold red", markup=False, soft_wrap=True)


def note(sentence: str) -> None:
    """Said while work goes on, which does not end because the terminal is gone."""
    with suppress(OSError):
        err().print(sentence, style="yellow", markup=False, soft_wrap=True)


def note_above_bar(sentence: str) -> None:
    """As `note`, while a bar moves at the foot of standard output: by another way it would land in its line."""
    if not out().is_terminal:
        return note(sentence)
    with suppress(OSError):
        out().print(sentence, style="yellow", markup=False, soft_wrap=True)
    return None
