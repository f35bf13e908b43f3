"""A worker that is killed in the middle of reading or preparing a dataset."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
from sqlalchemy import select

from app.factory import Factory
from app.settings import ROOT
from domain.blobs import Owner
from persistence.tables.jobs import jobs
from tests.support.api import Api
from tests.support.datasets import a_csv, a_dataset, a_link, jobs_done, shown, uuid_of
from tests.support.people import Person, a_person
from tests.workers.helpers import eventually

ROWS = 30_000
_STATE = "status sha256 rowCount job { status attempt error { message } }"


async def test_reading_is_taken_up_again_and_ends_the_same(api: Api, factory: Factory, database_url: str) -> None:
    ada, data = await a_person(factory, "ada"), a_csv(*(f"S{number:03}" for number in range(200)), days=ROWS // 200)
    killed, whole = [await _sent(api, ada, data) for _ in range(2)]
    await _kill_in_the_middle(api, factory, database_url, ada, killed)
    await jobs_done(factory)
    first, second = await shown(api, ada, killed, _STATE), await shown(api, ada, whole, _STATE)
    assert (first["status"], first["rowCount"]) == ("READY", ROWS)
    assert first["job"] == {"status": "COMPLETED", "attempt": 2, "error": None}
    assert second["job"] == {"status": "COMPLETED", "attempt": 1, "error": None}
    assert first["sha256"] == second["sha256"]
    steps = [{"kind": "trademaster_features"}, {"kind": "rsi"}, {"kind": "split"}, {"kind": "normalise"}]
    wish = {"datasetId": whole, "name": "Prepared", "steps": steps}
    made = [await api.do("preprocessDataset", ada, wish, "dataset { id } errors { message }") for _ in range(2)]
    killed, whole = [payload["dataset"]["id"] for payload in made]
    await _kill_in_the_middle(api, factory, database_url, ada, killed)
    await jobs_done(factory)
    first, second = await shown(api, ada, killed, _STATE), await shown(api, ada, whole, _STATE)
    assert (first["status"], first["job"]["attempt"], second["job"]["attempt"]) == ("READY", 2, 1)
    assert first["sha256"] == second["sha256"]


async def _sent(api: Api, who: Person, data: bytes) -> str:
    id_ = await a_dataset(api, who)
    assert (await api.client.put(await a_link(api, who, id_), content=data)).status_code == 200
    return id_


async def _kill_in_the_middle(api: Api, factory: Factory, database_url: str, who: Person, dataset: str) -> None:
    job = await _job_of(factory, dataset)
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "DATABASE": database_url,
        "STATE": str(factory.settings.state_dir),
    }
    script = str(Path(__file__).with_name("mortal_jobs.py"))
    worker = await asyncio.create_subprocess_exec(sys.executable, script, str(job), env=environment)
    try:
        children = await _at_work(worker.pid)
    finally:
        worker.kill()
        await worker.wait()

    async def are_gone() -> bool:
        return not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)

    await eventually(are_gone)
    assert await _half_made(api, factory, who, dataset) == {"status": "PROCESSING", "sha256": None, "report": None}


async def _half_made(api: Api, factory: Factory, who: Person, dataset: str) -> dict[str, Any]:
    async with factory.works() as work:
        assert await work.blobs.of(Owner("dataset", uuid_of(dataset), "canonical")) is None
    return await shown(api, who, dataset, "status sha256 report { rows }")


async def _at_work(worker: int) -> list[psutil.Process]:
    """Its child, once it has read the data."""
    children: list[psutil.Process] = []

    async def has_read() -> bool:
        # One that is just beginning or ending cannot be asked.
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            children[:] = psutil.Process(worker).children(recursive=True)
            return any(child.num_threads() > 2 for child in children)
        return False

    await eventually(has_read)
    return children


async def _job_of(factory: Factory, dataset: str) -> UUID:
    async with factory.engine.connect() as connection:
        statement = select(jobs.c.id).where(jobs.c.dataset_id == uuid_of(dataset))
        return UUID(str((await connection.execute(statement)).scalar_one()))
