"""Search by a piece of text, in a form that a trigram index serves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, func, literal_column

_TEXT = bindparam("text", type_=Text)


def contains(*columns: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition of the filter `text`; its argument is made by `pattern`.

    The expression is, to the letter, that of the index *_trgm in the table's migration; else the index is not used.
    """
    joined = columns[0]
    for column in columns[1:]:
        joined = joined.op("||")(literal_column("' '")).op("||")(column)
    return func.lower(joined).like(_TEXT)


def pattern(text: str | None) -> str | None:
    """What LIKE is to look for: the text itself anywhere, its wildcards taken literally."""
    if not text or not text.strip():
        return None
    if "\x00" in text:
        # The database keeps no such character, so it is found nowhere; and nothing that is searched is empty.
        return ""
    escaped = text.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
