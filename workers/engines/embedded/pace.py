"""How fast a training goes."""

from __future__ import annotations

from collections.abc import Callable


class Pace:
    """By the clock of this process alone."""

    def __init__(self, clock: Callable[[], float], share: float = 0.0, step: int = 0) -> None:
        self._clock, self._began, self._share, self._step = clock, clock(), share, step

    def steps_per_second(self, step: int) -> float:
        return (step - self._step) / self._elapsed

    def seconds_left(self, share: float) -> float:
        return self._elapsed * (1 - share) / max(share - self._share, 1e-4)

    @property
    def _elapsed(self) -> float:
        return max(self._clock() - self._began, 1e-3)
