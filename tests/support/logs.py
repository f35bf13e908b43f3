"""How tests log: as structlog does by itself, but for exceptions."""

from __future__ import annotations

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback


def usual_logs() -> None:
    """Else all variables of each frame are printed, which takes longer than many a lease."""
    structlog.reset_defaults()
    processors = structlog.get_config()["processors"][:-1]
    structlog.configure([*processors, ConsoleRenderer(exception_formatter=plain_traceback)])
