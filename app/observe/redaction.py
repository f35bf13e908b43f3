"""Takes secrets out of whatever is about to be written to a log or sent to an error tracker."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from pydantic import BaseModel, SecretStr

HIDDEN = "[hidden]"

_DEEPEST = 8
_MOST_ITEMS = 200
_LONGEST_TEXT = 30_000
_SHORT_TEXT = 80
# JSON writers and readers agree on integers only so far.
_MOST_NEGATIVE, _MOST_POSITIVE = -(2**63), 2**63 - 1
_SHORTEST_SECRET = 6

_WORDS = r"passw|pwd|secret|token|authori[sz]ation|cookie|api[_-]?key|signing[_-]?key|private[_-]?key|credential|dsn"
_KEY = re.compile(_WORDS, re.IGNORECASE)
_QUOTED = r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'"
_GROUPED = r"\w*\([^)]*\)?|\[[^\]]*\]?|\{[^}]*\}?"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(://[^\s:/@\"'<>]{0,256}):[^\s\"'<>]{0,512}@"), rf"\1:{HIDDEN}@"),
    # In one pattern, since either may have the beginning of the other somewhere inside.
    (re.compile(r"(?:eyJ[\w-]{8,}|tm[wrudi]_[\w-]{16,})(?:\.[\w-]*){0,4}"), HIDDEN),
    # Of a header that is not in quotes, everything to the end of the line: it has spaces, commas and quotes in it.
    (
        re.compile(
            rf"((?:cookie|authorization)[\"']?\s{{0,4}}[:=]\s{{0,4}})(?:[bru]?(?:{_QUOTED})|[^\r\n]+)", re.IGNORECASE
        ),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(
            rf"((?:{_WORDS})[\w-]{{0,40}}+[\"']?\s{{0,4}}[:=]\s{{0,4}})"
            rf"(?:\[hidden\])?(?:(?:bearer|basic)\s+)*(?:[bru]?(?:{_QUOTED})|{_GROUPED}|[^\s,;&)}}\]\"']*)",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\b((?:bearer|basic)(?:\s+(?:bearer|basic))*)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
)
# Cheaper than the rules: most texts in a log hold none of these.
_NAME_HINTS = ("passw", "pwd", "secret", "token", "uthori", "cookie", "key", "credential", "dsn", "bearer", "basic")
_HINTS = (*_NAME_HINTS, "eyj", "tmw_", "tmr_", "tmu_", "tmd_", "tmi_", "://")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Redactor:
    """Knows secrets by the name they go by, by what they look like, and by heart where they were told to it."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._by_heart: tuple[str, ...] = ()
        # Most names and short texts in a log come again and again.
        self._short_text = functools.lru_cache(maxsize=4096)(self._clean_text)
        self._name = functools.lru_cache(maxsize=1024)(self._clean_name)
        for secret in secrets:
            self.hide(secret)

    def hide(self, secret: str | SecretStr) -> None:
        """From now on this very text is never shown. Shorter ones than six characters are left to the other rules."""
        text = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
        if len(text) >= _SHORTEST_SECRET:
            self._by_heart = tuple(sorted({*self._by_heart, text}, key=len, reverse=True))
            self._short_text.cache_clear()
            self._name.cache_clear()

    def fields(self, values: Mapping[Any, Any], depth: int = 0) -> dict[str, Any]:
        """The same mapping, clean at any depth. The caller keeps the original."""
        clean = {}
        for key, value in values.items() if len(values) <= _MOST_ITEMS else list(values.items())[:_MOST_ITEMS]:
            name, is_secret = self._name(key if type(key) is str else _text_of(key))
            if is_secret and value is not None and type(value) is not bool:
                clean[name] = HIDDEN
            elif type(value) is str and len(value) <= _SHORT_TEXT:
                clean[name] = self._short_text(value)
            else:
                clean[name] = self.value(value, depth + 1)
        return clean

    def value(self, value: Any, depth: int = 0) -> Any:
        kind = type(value)
        if kind is str:
            return self.text(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return value if _MOST_NEGATIVE <= value <= _MOST_POSITIVE else str(value)
        if depth >= _DEEPEST:
            return "..."
        return self._compound(value, depth)

    def text(self, text: str, *, keep_lines: bool = False) -> str:
        if len(text) <= _SHORT_TEXT and not keep_lines:
            return self._short_text(text)
        return self._clean_text(text, keep_lines=keep_lines)

    def _clean_name(self, name: str) -> tuple[str, bool]:
        return self._clean_text(name), _KEY.search(name) is not None

    def _clean_text(self, text: str, *, keep_lines: bool = False) -> str:
        text = self._without_secrets(text[:_LONGEST_TEXT])
        if text.isprintable():
            return text
        return (_CONTROL_BUT_LINES if keep_lines else _CONTROL).sub(_escaped, text)

    def _without_secrets(self, text: str) -> str:
        for secret in self._by_heart:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        lower = text.lower()
        for hint in _HINTS:
            if hint in lower:
                return _by_rules(text)
        return text

    def _compound(self, value: Any, depth: int) -> Any:
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.value(item, depth + 1) for item in list(value)[:_MOST_ITEMS]]
        if isinstance(value, Enum):
            return self.value(value.value, depth + 1)
        parts = value if isinstance(value, Mapping) else _parts(value)
        return self.text(_text_of(value)) if parts is None else self.fields(parts, depth)


def _parts(value: Any) -> dict[str, Any] | None:
    """Of records of our own and of pydantic, whose text would show what they hold."""
    if isinstance(value, type):
        return None
    names: Iterable[str] = ()
    if is_dataclass(value):
        names = [field.name for field in fields(value)]
    elif isinstance(value, BaseModel):
        names = type(value).model_fields
    return {name: getattr(value, name, None) for name in names} if names else None


def _by_rules(text: str) -> str:
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def _text_of(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value[:_LONGEST_TEXT]).decode("utf-8", "replace")
    try:
        return str(value)
    except Exception:  # noqa: BLE001
        return f"<{type(value).__name__}>"


def _escaped(match: re.Match[str]) -> str:
    return ascii(match.group())[1:-1]
