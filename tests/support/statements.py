"""Counts what is really sent to Postgres for reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from persistence.database import Reader
from persistence.reading import Query


@contextmanager
def counted(reader: Reader, monkeypatch_target: type[Reader] = Reader) -> Iterator[list[str]]:
    """The text of each statement that the reader ran inside the block."""
    sent: list[str] = []
    original = monkeypatch_target.rows

    async def rows(self: Reader, query: Query, **values: object) -> object:
        if self is reader:
            sent.append(query.sql)
        return await original(self, query, **values)

    monkeypatch_target.rows = rows  # type: ignore[method-assign, assignment]
    try:
        yield sent
    finally:
        monkeypatch_target.rows = original  # type: ignore[method-assign]
