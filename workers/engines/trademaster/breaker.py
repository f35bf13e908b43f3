"""Leaves a service alone for a while that does not answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from domain.clock import Clock
from workers.engines.trademaster.errors import Unreachable

T = TypeVar("T")


class State(StrEnum):
    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


class Breaker:
    """After `failures` calls in a row without an answer none is made for `pause`; then one call tries it again.

    A refusal is an answer: only Unreachable counts.
    """

    def __init__(self, *, clock: Clock, failures: int = 5, pause: timedelta = timedelta(seconds=30)) -> None:
        self._clock = clock
        self._most = failures
        self._pause = pause
        self._failed = 0
        self._opened_at: datetime | None = None
        self._trying = False

    @property
    def state(self) -> State:
        if self._opened_at is None:
            return State.CLOSED
        return State.OPEN if self._clock() < self._opened_at + self._pause else State.HALF_OPEN

    async def call(self, action: Callable[[], Awaitable[T]]) -> T:
        """Raises Unreachable without calling while it is open."""
        state = self.state
        if state is State.OPEN or (state is State.HALF_OPEN and self._trying):
            raise Unreachable("The service did not answer lately, so it is left alone for a moment.", heard=False)
        self._trying = state is State.HALF_OPEN
        try:
            answer = await action()
        except Unreachable:
            self._note_failure(at_once=state is State.HALF_OPEN)
            raise
        except Exception:
            self._note_answer()
            raise
        finally:
            if state is State.HALF_OPEN:
                self._trying = False
        self._note_answer()
        return answer

    def _note_failure(self, *, at_once: bool) -> None:
        self._failed += 1
        if at_once or self._failed >= self._most:
            self._opened_at = self._clock()

    def _note_answer(self) -> None:
        self._failed = 0
        self._opened_at = None
