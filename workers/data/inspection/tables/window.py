"""A JSON text read value by value, without the whole of it in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TextIO

_CHUNK = 1 << 20
_SPACE = " \t\r\n"
# Numbers stay as they are written, so that no digit is lost.
_SCAN: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=str
).scan_once  # type: ignore[attr-defined]


class BrokenJson(Exception):
    """What is wrong, and where: line and letter, both counted from 1."""

    def __init__(self, what: str, line: int, letter: int) -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        self.letter = letter


class TooLarge(BrokenJson):
    """One value alone is larger than it may be."""


class Window:
    """The part of the text that is being read; it grows until the next value fits."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._lines_before = 0
        self._is_all = False

    @property
    def line(self) -> int:
        return self._lines_before + self._text.count("\n", 0, self._at) + 1

    def peek(self) -> str:
        """The next letter that is no space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if self._is_all:
                return ""
            self._more()

    def take(self, expected: str) -> None:
        if self.peek() != expected:
            raise self._broken(f"{expected!r} is missing", self._at)
        self._at += 1

    def value(self, most: int | None = None) -> Any:
        """The next value; it may have so many letters at most."""
        self.peek()
        while True:
            try:
                found, self._at = _SCAN(self._text, self._at)
            except (StopIteration, json.JSONDecodeError) as error:
                if self._is_all:
                    raise self._as_broken(error) from error
            except RecursionError as error:
                raise self._broken("values are nested too deep", self._at) from error
            else:
                return found
            if most is not None and len(self._text) - self._at > most:
                raise TooLarge(f"one value is longer than {most:,} letters", self.line, 1)
            self._more()

    def _more(self) -> None:
        self._lines_before += self._text.count("\n", 0, self._at)
        rest = self._text[self._at :]
        added = self._file.read(max(_CHUNK, len(rest)))
        self._text, self._at, self._is_all = rest + added, 0, not added

    def _as_broken(self, error: StopIteration | json.JSONDecodeError) -> BrokenJson:
        if isinstance(error, json.JSONDecodeError):
            return self._broken(error.msg[:1].lower() + error.msg[1:].removesuffix(" starting at"), error.pos)
        return self._broken("a value is missing or is none that JSON knows", min(error.value, len(self._text)))

    def _broken(self, what: str, at: int) -> BrokenJson:
        line = self._lines_before + self._text.count("\n", 0, at) + 1
        return BrokenJson(what, line, at - self._text.rfind("\n", 0, at))
