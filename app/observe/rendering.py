"""How a line of log looks: JSON for machines, columns for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from app.observe.redaction import Redactor

Render = Callable[[EventDict], bytes]

_MADE_BY_US = ("timestamp", "level")
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
        first = {name: event.pop(name) for name in _MADE_BY_US if name in event}
        first["event"] = self._redactor.text(str(event.pop("event", "")))
        last = {name: event.pop(name) for name in _MANY_LINES if name in event}
        first |= self._redactor.fields(event)
        for name, text in last.items():
            first[name] = self._redactor.text(str(text), keep_lines=True)
        return first


def json_line(event: EventDict) -> bytes:
    return orjson.dumps(event)


def console(*, colors: bool) -> Render:
    renderer = structlog.dev.ConsoleRenderer(
        colors=colors, sort_keys=False, exception_formatter=structlog.dev.plain_traceback
    )
    return lambda event: renderer(None, "", dict(event)).encode("utf-8", "backslashreplace")
