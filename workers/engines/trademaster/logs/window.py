"""What is new in a log of which one always gets the last 2,000 lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LIMIT = 2_000
# Fewer lines in common than this may be so by chance: tables look alike.
CREDIBLE = 10
_NO_LOG = "tail: cannot open "


@dataclass(frozen=True, slots=True)
class Read:
    """How much of a log was read, and its last lines."""

    count: int = 0
    tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    read: Read
    before: Sequence[str]
    """Lines of this window that were read already."""
    new: Sequence[str]
    unfinished: str
    """The beginning of a line that is still being written."""
    missed: bool = False
    """More lines came at once than the window holds, so some may never have been seen."""
    anew: bool = False
    """The log does not go on from what was read: it was written anew."""


def step(read: Read, info: str, *, limit: int = LIMIT) -> Step:
    """Compares by overlap. A line counts when its end was seen, for only then it no longer changes."""
    *lines, unfinished = ("" if info.startswith(_NO_LOG) else info).split("\n")
    if read.count and not lines:
        return Step(read, (), (), unfinished)
    whole = len(lines) + bool(unfinished) < limit
    start, missed, anew = _start(read, lines, whole=whole)
    new = lines[start:]
    count = (0 if anew else read.count) + len(new)
    tail = tuple([*([] if anew or missed else read.tail), *new][-limit:])
    return Step(Read(count, tail), lines[:start], new, unfinished, missed, anew)


def _start(read: Read, lines: list[str], *, whole: bool) -> tuple[int, bool, bool]:
    """Where in the window the new lines start; whether some were missed; whether the log began anew."""
    if whole:
        goes_on = len(lines) >= read.count and _ends_at(lines, read.count, read.tail)
        return (read.count, False, False) if goes_on else (0, False, bool(lines or read.count))
    for end in range(min(read.count, len(lines)), 0, -1):
        if _ends_at(lines, end, read.tail):
            return end, end < min(CREDIBLE, read.count), False
    return 0, True, False


def _ends_at(lines: list[str], end: int, tail: tuple[str, ...]) -> bool:
    """Whether what was read fits into the window so that it ends there."""
    whole = min(end, len(tail))
    # The short look first, because it mostly settles it.
    return all(lines[end - size : end] == list(tail[len(tail) - size :]) for size in (min(whole, CREDIBLE), whole))
