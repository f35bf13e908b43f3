"""Runs one job on a service, in a process of its own, as a worker does: to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

from redis.asyncio import Redis

from app.jobs import job_runner
from app.settings import Settings
from app.trademaster import open_services
from domain.clock import utc_now
from persistence.database import engine_for
from persistence.work import Works
from tests.support.bells import HeardBells
from tests.support.trademaster.lab import hasty, soon


async def main() -> None:
    engine = engine_for(os.environ["DATABASE"], pool=2, overflow=2, recycle_s=3600, statement_timeout_ms=5000)
    service = (("", os.environ["SERVICE"]),)
    settings = Settings(_env_file=None, state_dir=Path(os.environ["STATE"]), trademaster_url=service)
    redis: Redis = Redis.from_url(os.environ["REDIS"])
    works = Works(engine, HeardBells(), utc_now)
    async with open_services(settings, redis=redis, clock=utc_now, sleep=soon) as services:
        quick = [replace(one, pace=hasty(one)) for one in services]
        await job_runner(settings, works=works, clock=utc_now, services=quick)({"job": sys.argv[1]})


asyncio.run(main())
