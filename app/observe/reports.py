"""Hands logged exceptions to an error tracker, if there is one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

from structlog.typing import EventDict, WrappedLogger

Reporter = Callable[[BaseException, EventDict], None]

_reporters: list[Reporter] = []


def report_to(reporter: Reporter) -> Callable[[], None]:
    """Returns the way to stop it."""
    _reporters.append(reporter)
    return lambda: _reporters.remove(reporter)


def report(_: WrappedLogger, level: str, event: EventDict) -> EventDict:
    """A processor; it must come before the exception is turned into text."""
    if _reporters and level in ("error", "critical"):
        error = _exception_in(event)
        if error is not None:
            for reporter in _reporters:
                with suppress(Exception):
                    reporter(error, event)
    return event


def _exception_in(event: EventDict) -> BaseException | None:
    found = event.get("exc_info")
    if found is True:
        found = sys.exc_info()
    if isinstance(found, tuple):
        found = found[1]
    return found if isinstance(found, BaseException) else None
