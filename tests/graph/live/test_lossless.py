"""Whatever happens on the way, each subscriber ends with every event exactly once, in order.

Sockets are cut, Redis restarts twice, its pub/sub connection is killed, the API is killed and comes back, and every
tenth client reads far too slowly. Each comes back with the seq it saw last.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import httpx
import orjson
import psutil
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import RedisError
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import WebSocketException

from app.embedded.endpoints import Endpoints
from app.embedded.valkey import EmbeddedValkey
from app.factory import Factory, open_factory
from app.settings import ROOT, Settings
from domain.clock import Clock, utc_now
from domain.jobs.model import Job
from domain.jobs.stores import Told
from tests.graph.live.following import EVENTS, id_of
from tests.graph.transport.wire import PROTOCOL, until
from tests.support.events import a_running_job, lines
from tests.support.passwords import QUICK
from tests.support.patience import PATIENCE_S
from tests.support.people import Person, a_person

SECRET = "a secret for these tests only, long enough"
GROWS_BY_MIB = 150


@dataclass(frozen=True)
class Size:
    subscribers: int
    jobs: int
    events: int
    pause_s: float
    """A slow client rests so long after each message."""


class ApiProcess:
    """The API as it is run, at one port for all its lives."""

    def __init__(self, endpoints: Endpoints, folder: Path, port: int) -> None:
        self.port = port
        self._folder = folder
        self._settings = {
            "TMW_DATABASE_URL": endpoints.database_url,
            "TMW_REDIS_URL": endpoints.redis_url,
            "TMW_SIGNING_KEY": SECRET,
            "TMW_STATE_DIR": str(folder / "state"),
            "TMW_PORT": str(port),
            "TMW_RATE_PER_MINUTE": "1000000000",
            "TMW_MAX_SOCKETS_PER_USER": "1000",
            "TMW_LIVE_BUFFER": "50",
        }
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TMW_")}
        with (self._folder / "api.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220
                [sys.executable, "-m", "app", "serve"], cwd=ROOT, env=clean | self._settings, stdout=log, stderr=log
            )
        async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient() as client:
            while not await self._answers(client):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        try:
            await client.get(f"http://127.0.0.1:{self.port}/health")
        except httpx.TransportError:
            return False
        return True

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def resident_mib(self) -> float:
        assert self._process
        return float(psutil.Process(self._process.pid).memory_info().rss / 2**20)


@dataclass
class Subscriber:
    """Follows one job over as many sockets as it takes."""

    port: int
    who: Person
    job: Job
    pause_s: float
    seqs: list[int] = field(default_factory=list)
    sockets: int = 0
    socket: ClientConnection | None = None

    async def run(self) -> None:
        while True:
            try:
                if await self._follow():
                    return
            except (OSError, WebSocketException, TimeoutError):
                await asyncio.sleep(0.05)

    async def _follow(self) -> bool:
        url = f"ws://127.0.0.1:{self.port}/graphql"
        async with open_websocket(
            url,
            subprotocols=[PROTOCOL],
            compression=None,
            max_queue=1,
            open_timeout=5,
            close_timeout=0.1,  # type: ignore[list-item]
        ) as self.socket:
            self.sockets += 1
            await self._say(type="connection_init", payload={"authorization": f"Bearer {self.who.token}"})
            variables = {"id": id_of(self.job), "after": self.seqs[-1] if self.seqs else 0}
            async with asyncio.timeout(PATIENCE_S):
                await self.socket.recv()
            await self._say(type="subscribe", id="1", payload={"query": EVENTS, "variables": variables})
            async for frame in self.socket:
                if self._take(orjson.loads(frame)):
                    return True
                if self.pause_s:
                    await asyncio.sleep(self.pause_s)
        return False

    def _take(self, message: dict[str, Any]) -> bool:
        if message["type"] == "next":
            item = message["payload"]["data"]["jobEvents"]
            if item["__typename"] != "JobStreamOpened":
                self.seqs.append(item["seq"])
        assert message["type"] in ("next", "ping", "complete"), message
        return bool(message["type"] == "complete")

    async def _say(self, **message: Any) -> None:
        assert self.socket
        await self.socket.send(orjson.dumps(message).decode())

    def cut(self) -> None:
        if self.socket is not None:
            self.socket.transport.abort()


class Writer:
    """Writes a job's events, a few at a time, and knows how far it is."""

    def __init__(self, factory: Factory, job: Job, events: int, random: Random) -> None:
        self._factory = factory
        self._job = job
        self._left = events - 1
        self._random = random
        self.written = 0

    @property
    def share(self) -> float:
        return self.written / self._left

    async def run(self) -> None:
        while self.written < self._left:
            count = min(self._random.randint(1, 12), self._left - self.written)
            async with self._factory.works() as work:
                told = [Told(utc_now(), line) for line in lines(*("x" * 80 for _ in range(count)))]
                assert await work.jobs.record(self._job.id, 1, told, None) is not None
            self.written += count
            await asyncio.sleep(self._random.uniform(0, 0.1))
        async with self._factory.works() as work:
            assert await work.jobs.complete(self._job.id, 1, utc_now()) is not None


@pytest.fixture
def clock() -> Clock:
    return utc_now


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    tmp_path.chmod(0o711)
    valkey = EmbeddedValkey(tmp_path / "valkey")
    yield valkey
    valkey.stop()


class Trouble:
    """What goes wrong: sockets all the time, the rest at its moments."""

    def __init__(self, random: Random, api: ApiProcess, valkey: EmbeddedValkey, redis: Redis) -> None:
        self._random = random
        self._api = api
        self._valkey = valkey
        self._redis = redis

    async def cut(self, subscribers: list[Subscriber]) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(0.02, 0.2))
            self._random.choice(subscribers).cut()

    async def strike(self, writers: list[Writer]) -> None:
        deeds = (
            (0.2, self._restart_redis),
            (0.35, self._kill_pubsub),
            (0.5, self._restart_api),
            (0.7, self._restart_redis),
        )
        for share, deed in deeds:
            await until(lambda share=share: min(writer.share for writer in writers) >= share, within_s=300)  # type: ignore[misc]
            await deed()

    async def _restart_redis(self) -> None:
        await asyncio.to_thread(self._valkey.stop)
        await asyncio.sleep(self._random.uniform(0, 0.5))
        await asyncio.to_thread(self._valkey.start)

    async def _kill_pubsub(self) -> None:
        for _ in range(50):
            try:
                await self._redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            except (RedisError, OSError):
                await asyncio.sleep(0.1)
            else:
                return

    async def _restart_api(self) -> None:
        self._api.kill()
        await self._api.start()


async def lossless(
    size: Size,
    seed: int,
    factory: Factory,
    settings: Settings,
    endpoints: Endpoints,
    valkey: EmbeddedValkey,
    folder: Path,
    port: int,
) -> None:
    random = Random(seed)
    own = replace(endpoints, redis_url=await asyncio.to_thread(valkey.start))
    api = ApiProcess(own, folder, port)
    signing = settings.with_(signing_key=SecretStr(SECRET), state_dir=folder / "writers")
    async with open_factory(signing, own, clock=utc_now, passwords=QUICK) as worker:
        ann = await a_person(worker, "ann")
        jobs = [await a_running_job(worker, ann) for _ in range(size.jobs)]
        writers = [Writer(worker, job, size.events, random) for job in jobs]
        subscribers = [
            Subscriber(port, ann, jobs[number % size.jobs], size.pause_s if number % 10 == 0 else 0)
            for number in range(size.subscribers)
        ]
        try:
            await api.start()
            following = [asyncio.create_task(subscriber.run()) for subscriber in subscribers]
            trouble = Trouble(random, api, valkey, worker.redis)
            cutting = asyncio.create_task(trouble.cut(subscribers))
            await asyncio.gather(trouble.strike(writers), *(writer.run() for writer in writers))
            before = api.resident_mib
            cutting.cancel()
            await asyncio.gather(*following)
            grown = api.resident_mib - before
        finally:
            api.kill()
    whole = list(range(1, size.events + 1))
    assert [subscriber.seqs == whole for subscriber in subscribers] == [True] * size.subscribers
    assert sum(subscriber.sockets for subscriber in subscribers) > 2 * size.subscribers
    assert grown < GROWS_BY_MIB


@pytest.mark.timeout(200)
@pytest.mark.parametrize("seed", [1])
async def test_nothing_is_lost_and_nothing_comes_twice(
    factory: Factory,
    settings: Settings,
    endpoints: Endpoints,
    valkey: EmbeddedValkey,
    tmp_path: Path,
    unused_tcp_port: int,
    seed: int,
) -> None:
    async with asyncio.timeout(180):
        await lossless(Size(40, 4, 400, 0.02), seed, factory, settings, endpoints, valkey, tmp_path, unused_tcp_port)


@pytest.mark.soak
@pytest.mark.timeout(1_000)
@pytest.mark.parametrize("seed", range(3))
async def test_nothing_is_lost_in_the_long_form(
    factory: Factory,
    settings: Settings,
    endpoints: Endpoints,
    valkey: EmbeddedValkey,
    tmp_path: Path,
    unused_tcp_port: int,
    seed: int,
) -> None:
    async with asyncio.timeout(900):
        await lossless(
            Size(200, 20, 2_000, 0.02), seed, factory, settings, endpoints, valkey, tmp_path, unused_tcp_port
        )
