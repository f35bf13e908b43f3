"""Brings a part back when it dies, waiting longer each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.errors import CannotStart

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
CALM_AFTER_S = 60.0

Clock = Callable[[], float]
Say = Callable[[str], None]


class Part(Protocol):
    """What the supervisor starts and stops: a program of ours or an embedded server."""

    @property
    def name(self) -> str: ...
    @property
    def alive(self) -> bool: ...
    @property
    def end(self) -> str: ...
    def start(self) -> object: ...
    def stop(self) -> None: ...


class Watched:
    """One part under watch."""

    def __init__(self, part: Part, *, clock: Clock, say: Say) -> None:
        self.part = part
        self._clock = clock
        self._say = say
        self._failures = 0
        self._started_at = clock()
        self._again_at: float | None = None

    def look(self) -> None:
        now = self._clock()
        if self._again_at is not None:
            if now >= self._again_at:
                self._start(now)
        elif not self.part.alive:
            self._plan(now, f"{self.part.name} ended ({self.part.end})")
        elif now - self._started_at > CALM_AFTER_S:
            self._failures = 0

    def _plan(self, now: float, what: str) -> None:
        wait = min(FIRST_WAIT_S * 2**self._failures, LONGEST_WAIT_S)
        self._failures += 1
        self._again_at = now + wait
        self._say(f"{what.rstrip('.')}; it is started again in {wait:g} s.")

    def _start(self, now: float) -> None:
        self._again_at = None
        try:
            self.part.start()
            self._started_at = self._clock()
            self._say(f"{self.part.name} runs again.")
        except CannotStart as refusal:
            self._plan(now, f"{self.part.name} cannot start: {refusal.problem}")
