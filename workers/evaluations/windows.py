"""The windows of a walk-forward: where each agent learns, and where it acts."""

from __future__ import annotations

from dataclasses import dataclass

from workers.engines.embedded.shapes import BadInput, Split
from workers.engines.embedded.splits import LEAST, of_window


@dataclass(frozen=True, slots=True)
class Window:
    """Places of bars: to train on from `start` up to `stop`, to act on from there up to `end`."""

    start: int
    stop: int
    end: int

    def splits(self, gap: int) -> dict[Split, range]:
        return of_window(self.start, self.stop, self.end, gap)


def windows(first: int, count: int, folds: int, gap: int, *, anchored: bool) -> list[Window]:
    """Of so many bars from `first` on, the later half in tests of equal length; each window ends where its test begins.
    One that rolls on is as long as the first."""
    if count < (needed := bars_needed(folds, gap)):
        message = (
            f"A walk-forward of {folds} folds with a lookback of {gap} takes at least {needed:,} bars that the agents "
            f"can act at; there are {count:,}. Choose a longer period, or fewer folds."
        )
        raise BadInput("TOO_FEW_ROWS", message)
    test = count // 2 // folds
    end = first + count
    begin = end - folds * test
    return [
        Window(first if anchored else stop - (begin - first), stop, stop + test) for stop in range(begin, end, test)
    ]


def bars_needed(folds: int, gap: int) -> int:
    """So many that each part has the fewest that it may have: of a window, three quarters train and one quarter valid,
    each less a gap, and a window has at least half of all."""
    train = -(-4 * (LEAST["train"] + gap) // 3)
    valid = 4 * (LEAST["valid"] + gap)
    return 2 * max(train, valid, folds * LEAST["test"])
