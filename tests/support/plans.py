"""What Postgres really does for a statement that a store sends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any

import asyncpg
import orjson
import pytest

from persistence.database import Reader
from persistence.reading import Query

Node = dict[str, Any]


async def plan_of(reader: Reader, url: str, call: Callable[[], Awaitable[object]], *, mode: str = "auto") -> list[Node]:
    """The nodes of the plan of the one statement that the call sends, with what each of them really read."""
    sent: list[tuple[str, list[object]]] = []
    original = Reader.rows

    async def rows(self: Reader, query: Query, **values: object) -> Any:
        sent.append((query.sql, query.arguments(values)))
        return await original(self, query, **values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reader, "rows", rows)
        await call()
    [(sql, arguments)] = sent
    connection = await asyncpg.connect(url, server_settings={"plan_cache_mode": mode, "jit": "off"})
    try:
        # An EXPLAIN with arguments would know them; only a prepared statement has a plan for all arguments.
        await connection.execute(f"PREPARE explained AS {sql}")
        values = ", ".join([await _written(connection, argument) for argument in arguments])
        execute = f"EXECUTE explained({values})" if arguments else "EXECUTE explained"
        text = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {execute}")
    finally:
        await connection.close()
    return list(_nodes(orjson.loads(text)[0]["Plan"]))


async def _written(connection: asyncpg.Connection, argument: object) -> str:
    """An argument as it is written in SQL."""
    if argument is None:
        return "NULL"
    if isinstance(argument, (list, tuple)):
        argument = "{" + ",".join(orjson.dumps(str(one)).decode() for one in argument) + "}"
    text = argument.isoformat() if isinstance(argument, datetime) else str(argument)
    return str(await connection.fetchval("SELECT quote_literal($1)", text))


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def indexes(nodes: list[Node]) -> set[str]:
    return {node["Index Name"] for node in nodes if "Index Name" in node}


def most_rows(nodes: list[Node]) -> int:
    """The most rows that any one step handled, those that it threw away included."""
    return max(
        int(node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))) for node in nodes
    )
