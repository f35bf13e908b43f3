"""Asks the parts that must answer: database, broker, API, workers."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import asyncpg
from pydantic import SecretStr
from redis import Redis
from redis.exceptions import RedisError

from app.cli.findings import Finding
from app.embedded.endpoints import embedded
from app.embedded.server import EmbeddedServer
from app.errors import CannotStart
from app.services import REMEDY, answers, host_of
from app.settings import Settings
from app.supervisor.up import EVERYWHERE, missing
from domain.clock import Clock
from domain.work import Queue

PATIENCE_S = 3.0
START = "Start the platform: ./tmw up"


def answering(settings: Settings, clock: Clock) -> list[Finding]:
    postgres, valkey = embedded(settings)
    return [
        _server("PostgreSQL", settings.database_url, postgres, postgres_version),
        _server("Valkey" if valkey else "Redis", settings.redis_url, valkey, redis_version),
        _api(settings),
        *_workers(settings.redis_url, valkey, clock),
        *(_service(engine, url) for engine, url in settings.trademaster_services.items()),
    ]


def _address(given: SecretStr | None, server: EmbeddedServer | None) -> str | None:
    if given is not None:
        return given.get_secret_value()
    return server.running() if server else None


def _server(
    part: str, given: SecretStr | None, server: EmbeddedServer | None, version: Callable[[str], str]
) -> Finding:
    try:
        url = _address(given, server)
        if url is None:
            return Finding(part, good=False, says="does not run", remedy=START)
        kind = "embedded" if given is None else "your own"
        return Finding(part, good=True, version=version(url), says=f"answers ({kind})")
    except CannotStart as refusal:
        return Finding(part, good=False, says=refusal.problem, remedy=refusal.remedy)
    except (OSError, TimeoutError, ValueError, RedisError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        setting = "TMW_DATABASE_URL" if part == "PostgreSQL" else "TMW_REDIS_URL"
        remedy = f"Look at the address in {setting} and at the server." if given else "Start the platform again."
        return Finding(part, good=False, says=f"does not answer ({type(problem).__name__})", remedy=remedy)


def postgres_version(url: str) -> str:
    async def ask() -> str:
        connection = await asyncpg.connect(url, timeout=PATIENCE_S)
        try:
            return str(await connection.fetchval("SHOW server_version", timeout=PATIENCE_S))
        finally:
            await connection.close(timeout=PATIENCE_S)

    return asyncio.run(ask())


def redis_version(url: str) -> str:
    with _redis(url) as redis:
        facts = redis.info("server")
    return str(facts.get("valkey_version") or facts.get("redis_version"))


def _redis(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)


def _api(settings: Settings) -> Finding:
    alive = _health(settings)
    if alive is None:
        return Finding("API", good=False, says=f"{settings.url} does not answer", remedy=START)
    version = str(alive.get("version", ""))
    lacking = missing(settings.host, settings.port)
    if lacking is not None:
        return Finding("API", good=False, version=version, says=lacking, remedy="Mend the parts that it names.")
    return Finding("API", good=True, version=version, says=f"{settings.url} is ready")


def _health(settings: Settings) -> Mapping[str, Any] | None:
    line = http.client.HTTPConnection(EVERYWHERE.get(settings.host, settings.host), settings.port, timeout=PATIENCE_S)
    try:
        line.request("GET", "/health")
        found = json.loads(line.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        line.close()
    return found if isinstance(found, dict) else None


def _service(engine: str, url: str) -> Finding:
    where = host_of(url)
    if answers(url, PATIENCE_S):
        return Finding(engine, good=True, says=f"{where} answers")
    return Finding(engine, good=False, says=f"{where} does not answer", remedy=REMEDY)


def _workers(given: SecretStr | None, server: EmbeddedServer | None, clock: Clock) -> list[Finding]:
    try:
        url = _address(given, server)
    except CannotStart:
        url = None
    return [_worker(queue, url, clock) for queue in Queue]


def _worker(queue: Queue, url: str | None, clock: Clock) -> Finding:
    part = f"worker {queue}"
    beats = _beats(url, queue) if url else []
    if not beats:
        remedy = START if url is None else f"Start one: ./tmw worker --queue {queue}"
        return Finding(part, good=False, says="none was seen lately", remedy=remedy)
    newest = max(beats, key=lambda beat: str(beat["at"]))
    age = (clock() - datetime.fromisoformat(newest["at"])).total_seconds()
    workers = "1 worker" if len(beats) == 1 else f"{len(beats)} workers"
    return Finding(part, good=True, version=str(newest.get("version", "")), says=f"{workers}, seen {age:.0f} s ago")


def _beats(url: str, queue: Queue) -> list[dict[str, Any]]:
    try:
        with _redis(url) as redis:
            kept = [redis.get(key) for key in redis.scan_iter(f"tmw:worker:{queue}:*")]
        return [json.loads(one) for one in kept if one is not None]
    except (OSError, ValueError, RedisError):
        return []
