"""How a line of log looks: JSON for machines, columns for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from app.observe.redaction import Redactor

Render = Callable[[EventDict], bytes]

# The first two are made by the chain itself.
_FIRST = ("timestamp", "level", "event")
_MANY_LINES = ("exception", "stack")


class Finish:
    """The last step of the chain: cleans, orders and renders. It never raises."""

    def __init__(self, redactor: Redactor, render: Render) -> None:
        self._redactor = redactor
        self._render = render

    def __call__(self, _: WrappedLogger, level: str, event: EventDict) -> bytes:
        try:
            return self._render(self._clean(event))
        except Exception as error:  # noqa: BLE001
            return json_line({"level": level, "event": "a line of log was lost", "problem": type(error).__name__})

    def _clean(self, event: EventDict) -> dict[str, Any]:
        long = {name: event.pop(name) for name in _MANY_LINES if name in event}
        clean = {name: event.pop(name) for name in _FIRST if name in event}
        clean["event"] = self._redactor.text(str(clean.get("event", "")))
        clean.update(self._redactor.fields(event))
        for name, text in long.items():
            clean[name] = self._redactor.text(str(text), keep_lines=True)
        return clean


def json_line(event: EventDict) -> bytes:
    return orjson.dumps(event)


def console(*, colors: bool) -> Render:
    renderer = structlog.dev.ConsoleRenderer(
        colors=colors, sort_keys=False, exception_formatter=structlog.dev.plain_traceback
    )
    return lambda event: renderer(None, "", dict(event)).encode("utf-8", "backslashreplace")
