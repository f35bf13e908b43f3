"""Subscriptions as users run them, beside a bare Starlette socket that forwards bytes, in one run.

Run it with: python -m bench.live [--sockets 1000] [--seconds 10] [--burst 100] [--idle 10000]
Trust the ratios. What is timed begins before the row is written, and ends in the client's hands.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson
import uvloop
from redis.asyncio import Redis

from bench.support.bare_socket import PREFIX
from bench.support.crowd import Somebody, registered
from bench.support.listeners import Heard, connect
from bench.support.places import Program, Servers, bare_sockets, cpu_s, servers, the_api
from domain.ids import new_id
from graph.ids import encode

EVENTS = """subscription($id: ID!, $after: Int) { jobEvents(id: $id, after: $after) {
  __typename seq at ... on JobLogEvent { level message } } }"""
BIG = {"TMW_MAX_SOCKETS": "20000", "TMW_MAX_SOCKETS_PER_USER": "20000"}
AT_ONCE = 50
TEXT = "epoch 12 of 40: reward 0.0123, valid sharpe 1.234"
WITHIN_S = 60.0


@dataclass(slots=True)
class Job:
    """Written to as a worker does: the rows first, then the bell."""

    id: UUID
    seq: int = 0


@dataclass(slots=True)
class Desk:
    """What writes and rings."""

    database: asyncpg.Connection
    redis: Redis
    owner: Somebody

    async def jobs(self, count: int) -> list[Job]:
        made = [Job(new_id()) for _ in range(count)]
        await self.database.executemany(
            "INSERT INTO jobs (id, owner_id, kind, name, status, attempt, queued_at) "
            "VALUES ($1, $2, 'training', 'bench', 'running', 1, now())",
            [(job.id, self.owner.id) for job in made],
        )
        return made

    async def write(self, job: Job, count: int = 1) -> list[dict[str, Any]]:
        first, job.seq = job.seq + 1, job.seq + count
        at = time.time()
        message = f"{at:.6f} {TEXT}"
        rows = [(job.id, seq, message) for seq in range(first, job.seq + 1)]
        async with self.database.transaction():
            await self.database.execute("UPDATE jobs SET last_seq = $2 WHERE id = $1", job.id, job.seq)
            await self.database.executemany(
                "INSERT INTO job_events (job_id, seq, at, kind, level, message) VALUES ($1, $2, now(), 'log', 1, $3)",
                rows,
            )
        shown = "2026-01-01T00:00:00.123456+00:00"
        return [{"seq": seq, "at": shown, "kind": "log", "level": "info", "message": message} for _, seq, _ in rows]

    async def ring_ours(self, job: Job, events: list[dict[str, Any]]) -> None:
        said = {"first": events[0]["seq"], "last": events[-1]["seq"], "events": events}
        await self.redis.publish(f"tmw:job:{job.id}", orjson.dumps(said))

    async def ring_bare(self, job: Job, events: list[dict[str, Any]]) -> None:
        texts = [
            b'{"type":"next","payload":{"data":{"jobEvents":{"__typename":"JobLogEvent","seq":%d,"at":"%b","level":"INFO",'
            b'"message":"%b"}}},"id":"1"}' % (event["seq"], event["at"].encode(), event["message"].encode())
            for event in events
        ]
        await self.redis.publish(f"{PREFIX}{job.id}", b"\n".join(texts))


@dataclass(slots=True)
class Side:
    name: str
    program: Program
    open: Callable[[Job, Heard], Awaitable[asyncio.Transport]]
    ring: Callable[[Job, list[dict[str, Any]]], Awaitable[None]]
    heard: Heard = field(default_factory=Heard)
    sockets: list[asyncio.Transport] = field(default_factory=list)

    async def connect(self, jobs: Sequence[Job]) -> None:
        """A socket for each of these jobs."""
        self.heard = Heard()
        room, before, begun = asyncio.Semaphore(AT_ONCE), self._rss(), time.perf_counter()

        async def one(job: Job) -> asyncio.Transport:
            async with room:
                return await self.open(job, self.heard)

        self.sockets = list(await asyncio.gather(*map(one, jobs)))
        took, grown = time.perf_counter() - begun, self._rss() - before
        print(f"  {self.name:5} {len(jobs)} sockets in {took:.2f} s, {grown / len(jobs) / 1024:.0f} KiB each")

    async def close(self) -> None:
        for socket in self.sockets:
            socket.abort()
        await asyncio.sleep(1)

    async def told(self, expected: int) -> None:
        until = time.monotonic() + WITHIN_S
        while self.heard.messages < expected and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        if self.heard.messages != expected:
            raise RuntimeError(f"{self.name}: {self.heard.messages} messages instead of {expected}")

    def _rss(self) -> int:
        return int(self.program.process.memory_info().rss)


def ms(values: Sequence[float], percent: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)] * 1000


async def steady(desk: Desk, side: Side, job: Job, per_second: float, seconds: float) -> float:
    """CPU microseconds of the server for each message."""
    count, begun, before = round(per_second * seconds), time.perf_counter(), cpu_s(side.program.process)
    for number in range(count):
        await asyncio.sleep(max(0, begun + number / per_second - time.perf_counter()))
        await side.ring(job, await desk.write(job))
    expected = count * len(side.sockets)
    await side.told(expected)
    each, ages = (cpu_s(side.program.process) - before) / expected * 1e6, side.heard.latencies
    share = (cpu_s(side.program.process) - before) / (time.perf_counter() - begun) * 100
    print(
        f"  {side.name:5} p50 {ms(ages, 50):6.1f} ms   p95 {ms(ages, 95):6.1f} ms   p99 {ms(ages, 99):6.1f} ms   "
        f"CPU {share:.0f} %, {each:.1f} us a message"
    )
    side.heard.latencies.clear()
    side.heard.messages = 0
    return each


async def burst(desk: Desk, side: Side, job: Job, events: int, rounds: int) -> float:
    """CPU microseconds of the server for each message; many events at once."""
    expected, took, before = events * len(side.sockets), 0.0, cpu_s(side.program.process)
    for _ in range(rounds):
        said = await desk.write(job, events)
        begun = time.time()
        await side.ring(job, said)
        await side.told(expected)
        took += side.heard.at - begun
        side.heard.messages = 0
    each = (cpu_s(side.program.process) - before) / expected / rounds * 1e6
    print(
        f"  {side.name:5} {expected * rounds / took:9,.0f} messages/s, CPU {each:.1f} us a message, "
        f"which is {1e6 / each:,.0f}/s of one core"
    )
    side.heard.latencies.clear()
    return each


async def spread(desk: Desk, side: Side, jobs: Sequence[Job], per_second: float, seconds: float) -> None:
    count, begun = round(per_second * seconds), time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0, begun + number / per_second - time.perf_counter()))
        job = jobs[number % len(jobs)]
        await side.ring(job, await desk.write(job))
    await side.told(count)
    ages = side.heard.latencies
    done = count / (time.perf_counter() - begun)
    print(f"  {side.name:5} {done:.0f}/s   p50 {ms(ages, 50):.1f} ms   p99 {ms(ages, 99):.1f} ms")


def ours(api: Program, who: Somebody, desk: Desk) -> Side:
    init = orjson.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {who.token}"}})

    async def open_(job: Job, heard: Heard) -> asyncio.Transport:
        variables = {"id": encode("Job", job.id), "after": job.seq}
        payload = {"query": EVENTS, "variables": variables}
        words = [init, orjson.dumps({"type": "subscribe", "id": "1", "payload": payload})]
        # The acknowledgement, and JobStreamOpened.
        return await connect(api.port, "/graphql", words, heard, acks=2)

    return Side("ours", api, open_, desk.ring_ours)


def bare(program: Program, desk: Desk) -> Side:
    async def open_(job: Job, heard: Heard) -> asyncio.Transport:
        return await connect(program.port, f"/{job.id}", [], heard, acks=0)

    return Side("bare", program, open_, desk.ring_bare)


async def measure(options: argparse.Namespace, base: Servers, api: Program, limit: Program) -> None:
    async with httpx.AsyncClient(base_url=api.url) as client:
        owner = await registered(client, "olga")
    desk = Desk(await asyncpg.connect(base.endpoints.database_url), Redis.from_url(base.endpoints.redis_url), owner)
    sides = [bare(limit, desk), ours(api, owner, desk)]
    print(f"{options.sockets} subscribers of one job")
    steadily, bursts = [], []
    for side in sides:
        [job] = await desk.jobs(1)
        await side.connect([job] * options.sockets)
        steadily.append(await steady(desk, side, job, 5, options.seconds))
        bursts.append(await burst(desk, side, job, options.burst, 3))
        await side.close()
    print(f"  ours/bare in CPU: {steadily[1] / steadily[0]:.2f} at 5 events/s, {bursts[1] / bursts[0]:.2f} in a burst")
    print(f"{options.sockets} subscribers of as many jobs, {options.rate} events/s")
    for side in sides:
        jobs = await desk.jobs(options.sockets)
        await side.connect(jobs)
        await spread(desk, side, jobs, options.rate, options.seconds)
        await side.close()
    if options.idle:
        print("Idle")
        [job] = await desk.jobs(1)
        await sides[1].connect([job] * options.idle)
        print(f"  the whole process: {api.process.memory_info().rss / 2**20:.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--burst", type=int, default=100)
    parser.add_argument("--rate", type=float, default=800)
    parser.add_argument("--idle", type=int, default=10_000)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with ExitStack() as stack:
        base = stack.enter_context(servers())
        api = stack.enter_context(the_api(base, BIG))
        limit = stack.enter_context(bare_sockets(base))
        uvloop.run(measure(options, base, api, limit))


if __name__ == "__main__":
    main()
