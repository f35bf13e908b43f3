"""How a run that broke off says so: with a traceback, and in no other way."""

from __future__ import annotations

import re
from collections import deque

_OPENING = "Traceback (most recent call last):"
MOST_LINES = 500
_ERROR = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning|Timeout)(?::.*)?")


class TracebackReader:
    def __init__(self) -> None:
        self._lines: deque[str] | None = None

    def feed(self, line: str) -> None:
        if line == _OPENING:
            self._lines = deque(maxlen=MOST_LINES)
        elif self._lines is not None:
            self._lines.append(line)

    def forget(self) -> None:
        """It went on, so the traceback was about something that was coped with."""
        self._lines = None

    @property
    def message(self) -> str | None:
        """Its last line, or what comes closest where an error has several; None while there is no traceback."""
        lines = [line for line in self._lines or () if line.strip()]
        if not lines:
            return None
        found = [index for index, line in enumerate(lines) if _ERROR.fullmatch(line.rstrip())]
        if not found:
            return lines[-1].strip()
        text, after = lines[found[-1]].strip(), lines[found[-1] + 1 :]
        return f"{text} {after[0].strip()}" if text.endswith(":") and after else text
