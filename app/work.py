"""The process of one worker."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import uvloop
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from app.about import VERSION
from app.embedded.endpoints import Endpoints
from app.handlers import handlers_for
from app.jobs import endings, time_limits
from app.observe.logging import configure_logging
from app.settings import Settings
from app.storage import blob_sweeper, scratch_folder
from app.trademaster import open_services
from domain.clock import utc_now
from domain.work import Queue
from persistence.database import engine_for
from persistence.housekeeping import PostgresPurge
from persistence.outbox import PostgresOutbox
from persistence.work import Works
from workers.bells import RedisBells
from workers.engines.trademaster.watching import Watching
from workers.housekeeping import Housekeeping
from workers.lost_jobs import LostJobs
from workers.orphans import Orphans
from workers.scratch import clear_abandoned
from workers.steady import Step
from workers.worker import QueueWorker

# For sweeps, orphans and leases, beside what the handlers use.
OWN_CONNECTIONS = 3
# A job that has run too long is ended by its runner, and only then the task around it by its own limit.
ENOUGH_TO_END = timedelta(minutes=1)


def run(settings: Settings, endpoints: Endpoints, queue: str) -> None:
    """Until SIGTERM or SIGINT. Neither Postgres nor Redis need answer yet."""
    redactor = configure_logging(settings)
    for url in (endpoints.database_url, endpoints.redis_url):
        redactor.hide(unquote(urlsplit(url).password or ""))
    # It tells of each bell.
    logging.getLogger("arq").setLevel(logging.WARNING)
    uvloop.run(_work(settings, endpoints, Queue(queue)))


async def _work(settings: Settings, endpoints: Endpoints, queue: Queue) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with _worker(settings, endpoints, queue, stopping) as worker:
        await worker.run(stopping, grace_s=settings.shutdown_grace_s)


@asynccontextmanager
async def _worker(
    settings: Settings, endpoints: Endpoints, queue: Queue, stopping: asyncio.Event
) -> AsyncIterator[QueueWorker]:
    slots = _slots(settings, queue)
    engine = _engine(settings, endpoints, slots)
    redis: Redis = Redis.from_url(
        endpoints.redis_url, socket_connect_timeout=2, socket_timeout=5, health_check_interval=15
    )
    bells, outbox = RedisBells(redis), PostgresOutbox(engine)
    works = Works(engine, bells, utc_now)
    orphans = Orphans(works=works, outbox=outbox, bell=bells, endings=endings(utc_now), clock=utc_now)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        stack.push_async_callback(redis.aclose)
        services = await stack.enter_async_context(open_services(settings, redis=redis, clock=utc_now))
        watching = Watching(services=services, works=works)
        stack.push_async_callback(watching.stop)
        yield QueueWorker(
            queue=queue,
            slots=slots,
            outbox=outbox,
            handlers=handlers_for(settings, queue, works=works, clock=utc_now, stopping=stopping, services=services),
            redis=redis,
            clock=utc_now,
            time_limit=max(time_limits(settings).values()) + ENOUGH_TO_END,
            version=VERSION,
            housekeeping=_housekeeping(settings, works, engine, redis) if queue is Queue.DATA else None,
            reconcilers=_reconcilers(settings, queue, works, watching),
            orphans=orphans.sweep,
        )


def _housekeeping(settings: Settings, works: Works, engine: AsyncEngine, redis: Redis) -> Housekeeping:
    blobs = blob_sweeper(settings, works=works, clock=utc_now)
    return Housekeeping(purge=PostgresPurge(engine), redis=redis, clock=utc_now, blobs=blobs)


def _reconcilers(settings: Settings, queue: Queue, works: Works, watching: Watching) -> Mapping[str, Step]:
    folder = scratch_folder(settings)
    here: dict[str, Step] = {"scratch": lambda: asyncio.to_thread(clear_abandoned, folder)}
    if queue is not Queue.DATA:
        return here
    lost = LostJobs(works=works, endings=endings(utc_now), clock=utc_now)
    return here | {"lost jobs": lost.sweep, "abandoned runs": watching.sweep}


def _slots(settings: Settings, queue: Queue) -> int:
    return {
        Queue.TRAINING: settings.training_slots,
        Queue.EVALUATION: settings.evaluation_slots,
        Queue.DATA: settings.data_slots,
    }[queue]


def _engine(settings: Settings, endpoints: Endpoints, slots: int) -> AsyncEngine:
    return engine_for(
        endpoints.database_url,
        pool=slots + OWN_CONNECTIONS,
        overflow=settings.database_overflow,
        recycle_s=settings.database_recycle_s,
        statement_timeout_ms=settings.database_statement_timeout_ms,
    )
