"""How often and with which waits a source over the network is asked again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from domain.errors import Unavailable

T = TypeVar("T")

WAITS = (1.0, 3.0, 9.0, 27.0)
"""Seconds before the second, third, fourth and fifth time."""
TIMEOUT = 20.0
"""Seconds that one answer may take."""
PAUSE = 0.3
"""Seconds between two symbols, so as not to be a burden."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Asks again after faults that pass. Others go straight up."""

    sleep: Callable[[float], None]

    def ask(self, what: str, call: Callable[[], T], passing: tuple[type[Exception], ...]) -> T:
        for wait in WAITS:
            try:
                return call()
            except passing:
                self.sleep(wait)
        try:
            return call()
        except passing as fault:
            message = f"{what} did not answer, {len(WAITS) + 1} times. Try again later."
            raise Unavailable(message) from fault

    def pause(self) -> None:
        self.sleep(PAUSE)
