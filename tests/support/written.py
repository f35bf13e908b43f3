"""What units of work really send to Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


@contextmanager
def sent(engine: AsyncEngine) -> Iterator[list[str]]:
    """The texts of the statements of the block, the ends of transactions among them."""
    texts: list[str] = []

    def on_execute(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        texts.append(statement)

    def on_commit(_conn: object) -> None:
        texts.append("COMMIT")

    def on_rollback(_conn: object) -> None:
        texts.append("ROLLBACK")

    listeners = {"before_cursor_execute": on_execute, "commit": on_commit, "rollback": on_rollback}
    for name, listener in listeners.items():
        event.listen(engine.sync_engine, name, listener)
    try:
        yield texts
    finally:
        for name, listener in listeners.items():
            event.remove(engine.sync_engine, name, listener)
