"""The API as users run it, against the physical limit on the same data, in one run.

Run it with: python -m bench.api
The rounds of the two alternate, so that what else goes on on the machine disturbs both alike. Trust the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from bench.support.calls import get, objects, post, same
from bench.support.crowd import STRATEGIES, Crowd, Somebody, fill
from bench.support.load import Call, Took, load
from bench.support.places import Program, Servers, cpu_s, servers, the_api, the_limit
from domain.pages import NEWEST, Position
from graph.ids import encode
from graph.pages import to_cursor

CONNECTIONS = 16
DEPTH = 90_000
DEEPER_COSTS_AT_MOST = 1.5

SMALL = "query Small($id: ID!) { node(id: $id) { ... on Strategy { id name createdAt } } }"
LIST = """query List { strategies(first: 50) { nodes {
  id name description taskType algorithm status tags version createdAt updatedAt } } }"""
NESTED = """query Nested { viewer { id username fullName strategies(first: 50) { nodes { id name status
  project { id name createdAt members(first: 6) { nodes { id role createdAt user { id username fullName } } } }
  versions(first: 3) { nodes { id number createdAt author { id username fullName } } } } } } }"""
PAGE = "query Page($after: String) { strategies(first: 20, after: $after) { nodes { id name updatedAt } } }"


@dataclass(frozen=True, slots=True)
class Operation:
    document: str
    target: float
    subject: Callable[[Crowd, UUID], UUID]
    """What the bare route is asked for: a strategy, or all that somebody has."""


OPERATIONS = {
    "small": Operation(SMALL, 0.25, lambda _, strategy: strategy),
    "list": Operation(LIST, 0.25, lambda crowd, _: crowd.owner.id),
    "nested": Operation(NESTED, 0.15, lambda crowd, _: crowd.owner.id),
}


@dataclass(slots=True)
class Side:
    """One of two that are compared."""

    name: str
    program: Program
    call: Call
    took: Took = field(default_factory=Took)
    cpu_s: float = 0.0
    postgres_cpu_s: float = 0.0

    def __str__(self) -> str:
        took, count = self.took, len(self.took.each)
        return (
            f"  {self.name:10} {took.per_second:8.1f}/s   p50 {took.ms(50):7.2f} ms   p95 {took.ms(95):7.2f} ms   "
            f"CPU each: server {self.cpu_s / count * 1000:.3f} ms, "
            f"PostgreSQL {self.postgres_cpu_s / count * 1000:.3f} ms"
        )


@dataclass(frozen=True, slots=True)
class Duel:
    """Asks two sides in turn, from a process of its own."""

    client: ProcessPoolExecutor
    servers: Servers
    rounds: int
    seconds: float

    def run(self, sides: Sequence[Side], connections: int) -> None:
        for side in sides:
            # Caches, pools and plans.
            self._load(side, min(1.0, self.seconds), connections)
        for _ in range(self.rounds):
            for side in sides:
                server, postgres = cpu_s(side.program.process), self.servers.postgres_cpu_s()
                side.took.add(self._load(side, self.seconds, connections))
                side.cpu_s += cpu_s(side.program.process) - server
                side.postgres_cpu_s += self.servers.postgres_cpu_s() - postgres

    def _load(self, side: Side, seconds: float, connections: int) -> Took:
        return self.client.submit(load, side.call, seconds, connections).result()


def compare(duel: Duel, api: Program, limit: Program, crowd: Crowd, newest: UUID) -> bool:
    """Print what each operation reaches of the limit; whether all reach their targets."""
    reached = []
    for name, operation in OPERATIONS.items():
        ours = post(api, crowd.owner, operation.document, {"id": encode("Strategy", newest)})
        bare = get(limit, f"/{name}", operation.subject(crowd, newest))
        assert same(ours.answer["data"], bare.answer), f"{name}: the two do not answer the same"
        sides = [Side("the API", api, ours.call), Side("the limit", limit, bare.call)]
        duel.run(sides, CONNECTIONS)
        ratio = sides[0].took.per_second / sides[1].took.per_second
        reached.append(ratio >= operation.target)
        print(f"{name}: {objects(bare.answer)} objects, {ours.call.length:,} bytes", *sides, sep="\n")
        print(f"  ratio {ratio:.3f}; wanted {operation.target}", flush=True)
    return all(reached)


def dive(duel: Duel, api: Program, crowd: Crowd, cursor: str) -> bool:
    """Print what a deep page costs, against the first; whether it costs about the same."""
    reached = []
    for name in ("owner", "member", "admin"):
        who: Somebody = getattr(crowd, name)
        first, deep = (post(api, who, PAGE, {"after": after}) for after in (None, cursor))
        sides = [Side("first", api, first.call), Side(f"at {DEPTH:,}", api, deep.call)]
        duel.run(sides, connections=1)
        ratio = sides[1].took.ms(50) / sides[0].took.ms(50)
        reached.append(ratio < DEEPER_COSTS_AT_MOST)
        print(f"page of the {name}, among {STRATEGIES:,}", *sides, sep="\n")
        print(f"  ratio {ratio:.3f}; wanted under {DEEPER_COSTS_AT_MOST}", flush=True)
    return all(reached)


async def strategy_at(database_url: str, depth: int) -> UUID:
    """The strategy that so many others come before, the newest first."""
    connection: Any = await asyncpg.connect(database_url)
    try:
        id_: UUID = await connection.fetchval("SELECT id FROM strategies ORDER BY id DESC OFFSET $1 LIMIT 1", depth)
    finally:
        await connection.close()
    return id_


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4, help="of each of the two")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each round")
    options = parser.parse_args()
    client = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    with servers() as base, the_api(base) as api, the_limit(base) as limit, client:
        url = base.endpoints.database_url
        crowd = asyncio.run(fill(api, url))
        newest, deep = (asyncio.run(strategy_at(url, depth)) for depth in (0, DEPTH))
        duel = Duel(client, base, options.rounds, options.seconds)
        reached = [
            compare(duel, api, limit, crowd, newest),
            dive(duel, api, crowd, to_cursor(NEWEST, Position(None, deep))),
        ]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
