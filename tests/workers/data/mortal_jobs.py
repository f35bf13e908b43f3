"""Runs one job in a process of its own, as a worker does: to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from app.jobs import job_runner
from app.settings import Settings
from domain.clock import utc_now
from persistence.database import engine_for
from persistence.work import Works
from tests.support.bells import HeardBells


async def main() -> None:
    engine = engine_for(os.environ["DATABASE"], pool=2, overflow=2, recycle_s=3600, statement_timeout_ms=5000)
    settings = Settings(_env_file=None, state_dir=Path(os.environ["STATE"]))
    runner = job_runner(settings, works=Works(engine, HeardBells(), utc_now), clock=utc_now)
    await runner({"job": sys.argv[1]})


asyncio.run(main())
