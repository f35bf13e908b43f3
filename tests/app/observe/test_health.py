from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette

from app.health import Missing, Readiness, routes


class Part:
    def __init__(self) -> None:
        self.asked = 0
        self.error: BaseException | None = None

    async def __call__(self) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database() -> Part:
    return Part()


@pytest.fixture
def redis() -> Part:
    return Part()


@pytest.fixture
def client_of(lines, clock):
    def make(probes, **more) -> httpx.AsyncClient:
        readiness = Readiness(probes, clock=clock, **{"timeout_s": 30.0, **more})
        app = Starlette(routes=routes(readiness, version="1.2.3", clock=clock))
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x")

    return make


@pytest.fixture
def client(client_of, database, redis) -> httpx.AsyncClient:
    return client_of({"database": database, "redis": redis})


async def test_it_is_alive_whatever_is_missing(client, clock, database):
    database.error = ConnectionError()
    clock.now += 12.5
    answer = await client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"alive": True, "version": "1.2.3", "uptimeSeconds": 12.5}
    assert database.asked == 0


async def test_it_is_ready_when_every_part_answers(client):
    answer = await client.get("/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "parts": {"database": {"ok": True, "ms": 0.0}, "redis": {"ok": True, "ms": 0.0}},
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_it_names_the_part_that_says_what_it_lacks(client, redis):
    redis.error = Missing("No worker of the queue data was seen lately.", "Start one: ./tmw worker --queue data")
    answer = await client.get("/ready")
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "parts": {
            "database": {"ok": True, "ms": 0.0},
            "redis": {
                "ok": False,
                "problem": "No worker of the queue data was seen lately.",
                "remedy": "Start one: ./tmw worker --queue data",
            },
        },
    }


@pytest.mark.parametrize(
    "error", [OSError("db-7.internal:5432 refused, password=abc"), KeyError("x"), asyncio.CancelledError()]
)
async def test_the_public_learns_nothing_of_the_inside_but_the_log_does(client, redis, lines, error):
    redis.error = error
    answer = await client.get("/ready")
    assert answer.status_code == 503
    part = answer.json()["parts"]["redis"]
    assert set(part) == {"ok", "problem", "remedy"}
    assert "internal" not in answer.text
    assert "abc" not in answer.text
    (line,) = lines.of("part missing")
    assert (line["level"], line["part"]) == ("warning", "redis")
    assert type(error).__name__ in line["cause"] or "TimeoutError" in line["cause"]


async def test_a_part_that_hangs_is_missing(client_of, database):
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    answer = await client_of({"database": database, "redis": stubborn}, timeout_s=0.02).get("/ready")
    release.set()
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"]["ok"]
    assert answer.json()["parts"]["redis"]["problem"] == "It gave no answer within 0.02 s."


async def test_parts_are_asked_at_once(client_of):
    first, second = asyncio.Event(), asyncio.Event()

    async def one() -> None:
        first.set()
        await second.wait()

    async def other() -> None:
        second.set()
        await first.wait()

    answer = await client_of({"one": one, "other": other}).get("/ready")
    assert answer.json()["ready"] is True


async def test_nobody_can_hammer_the_parts_through_it(client, clock, database):
    await asyncio.gather(*(client.get("/ready") for _ in range(20)))
    assert database.asked == 1
    clock.now += 0.9
    await client.get("/ready")
    assert database.asked == 1
    clock.now += 0.1
    await client.get("/ready")
    assert database.asked == 2


async def test_a_caller_that_gives_up_harms_nobody(client_of):
    asked, release = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        asked.set()
        await release.wait()

    readiness = Readiness({"slow": slow}, timeout_s=5)
    impatient = asyncio.create_task(readiness.check())
    await asked.wait()
    impatient.cancel()
    release.set()
    assert (await readiness.check())["ready"] is True


async def test_it_is_ready_without_what_it_does_not_need():
    async def away() -> None:
        raise Missing("It does not answer.", "Start it.")

    async def there() -> None:
        return None

    found = await Readiness({"database": there}, optional={"service": away}).check()
    assert found["ready"] is True
    assert found["parts"]["service"] == {
        "ok": False,
        "problem": "It does not answer.",
        "remedy": "Start it.",
        "required": False,
    }


async def test_a_loss_and_a_return_are_logged_once_each(client, clock, redis, lines):
    redis.error = ConnectionError("gone")
    for _ in range(3):
        clock.now += 1
        await client.get("/ready")
    redis.error = None
    for _ in range(3):
        clock.now += 1
        await client.get("/ready")
    assert [(line["event"], line["part"]) for line in lines.all()] == [
        ("part missing", "redis"),
        ("part is back", "redis"),
    ]


async def test_a_server_that_stops_is_not_ready_at_once(client_of, database, clock):
    stopping = False
    client = client_of({"database": database}, stopping=lambda: stopping)
    assert (await client.get("/ready")).status_code == 200
    stopping = True
    answer = await client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["server"]["problem"] == "This server is stopping."
