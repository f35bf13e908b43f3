"""How wide texts are, and how they are made to fit. Estimated: the reader's fonts are not known here."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

TITLE, LABEL, TICK = 16, 12, 11
"""Sizes of letters in pixels."""
ELLIPSIS, MINUS, DASH, TIMES = "\u2026", "\u2212", "\u2013", "\u00d7"
_BOLD = 1.13
_HAIR = 0.01
"""So that a room that was made for a text holds it, whatever was added and taken away between."""
_WIDTHS = {
    0.29: "Iijl'",
    0.34: " .,:;|/\\·",
    0.42: 'frtJ-([)]!"',
    0.54: "csz?*^_`" + DASH,
    0.64: "abdeghknopquvxyFLTY0123456789$éèêáàóöüäßñ{}",
    0.7: "ABCEKPRSVXZ&",
    0.8: "DGHNOQUw",
    0.85: "+=<>~#\u00b1\u2264\u2265" + MINUS + TIMES,
    1.0: "mM%@W\u2014" + ELLIPSIS,
}
_OF = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_OTHER, _CAPITAL, _WIDE = 0.66, 0.86, 1.1
# They turn the direction of a line, so that one name can pass for another.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff")
_LAST_BEFORE_SURROGATES, _AFTER_SURROGATES = 0xD7FF, 0xE000
_NOT_CHARACTERS = frozenset({0xFFFE, 0xFFFF})


def clean(text: str) -> str:
    """What XML may hold, in one line."""
    return " ".join("".join(letter if _fits(letter) else " " for letter in text if letter not in _TURNING).split())


def _fits(letter: str) -> bool:
    place = ord(letter)
    if place < 0x20 or 0x7F <= place < 0xA0 or place in _NOT_CHARACTERS:
        return False
    return not _LAST_BEFORE_SURROGATES < place < _AFTER_SURROGATES


def width(text: str, size: float = LABEL, bold: bool = False) -> float:
    """In pixels, rather too much than too little."""
    return sum(map(_letter, text)) * size * (_BOLD if bold else 1.0)


def widest(texts: Iterable[str], size: float = LABEL, bold: bool = False) -> float:
    return max((width(text, size, bold) for text in texts), default=0.0)


def _letter(letter: str) -> float:
    known = _OF.get(letter)
    if known is not None:
        return known
    if unicodedata.combining(letter):
        return 0.0
    if ord(letter) > 0x2E00 or unicodedata.east_asian_width(letter) in "WF":
        return _WIDE
    return _CAPITAL if letter.isupper() or ord(letter) > 0x6FF else _OTHER


def shortened(text: str, room: float, size: float = LABEL, bold: bool = False) -> str:
    """With an ellipsis at its end where it does not fit."""
    if width(text, size, bold) <= room + _HAIR:
        return text
    left = room - width(ELLIPSIS, size, bold)
    kept = 0
    for letter in text:
        left -= width(letter, size, bold)
        if left < 0:
            break
        kept += 1
    return text[:kept].rstrip() + ELLIPSIS


def wrapped(text: str, room: float, size: float = LABEL, bold: bool = False, most: int = 2) -> list[str]:
    """In so many lines at most, the last one shortened."""
    lines: list[str] = []
    words = text.split(" ")
    while words and len(lines) < most - 1:
        taken = _taken(words, room, size, bold)
        lines.append(shortened(" ".join(words[:taken]), room, size, bold))
        words = words[taken:]
    return [*lines, shortened(" ".join(words), room, size, bold)] if words else lines


def _taken(words: list[str], room: float, size: float, bold: bool) -> int:
    taken = 1
    while taken < len(words) and width(" ".join(words[: taken + 1]), size, bold) <= room:
        taken += 1
    return taken


def both(first: str, second: str, between: str, room: float, size: float = LABEL) -> str:
    """Two names side by side, each with its fair part of the room."""
    room -= width(between, size)
    one, other = width(first, size), width(second, size)
    if one + other <= room + _HAIR:
        return f"{first}{between}{second}"
    part = max(room / 2, room - other) if other < one else min(room / 2, one)
    return f"{shortened(first, part, size)}{between}{shortened(second, room - min(part, one), size)}"
