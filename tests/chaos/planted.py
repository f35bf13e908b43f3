"""A training by the real engine, on a market with something to learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from app.engines import EMBEDDED
from domain.blobs import Blobs, Content, Owner, content_of_file
from domain.catalogue import complete
from domain.datasets.sources.generators import GENERATORS
from domain.jobs.model import Job
from domain.jobs.service import enqueue
from domain.jobs.status import JobKind
from domain.trainings.model import INPUT, JOB, Order
from domain.work import Queue, Works
from tests.chaos.worker import Disk
from tests.support.jobs import a_job
from tests.support.people import Person
from workers.data.frames import SYNTHETIC, ordered, write_frame
from workers.data.sources.synthetic import generate

TASK, ALGORITHM, SEED = "algorithmic_trading", "dqn", 7
MARKET: dict[str, Any] = {"rows": 600, "features": 3}
CONFIG: dict[str, Any] = {
    "epochs": 200,
    "lookback": 1,
    "hidden_layers": [16],
    "batch_size": 64,
    "evaluation_interval": 1_000,
}


async def ask_for_training(works: Works, who: Person, folder: Path) -> Job:
    """Its data is where workers of this folder find it."""
    path = folder / "market.parquet"
    content = _written(path)
    order = Order(
        task=TASK,
        algorithm=ALGORITHM,
        config=complete(TASK, ALGORITHM, CONFIG),
        seeds=(SEED,),
        symbol=None,
        strategy={"name": "Planted"},
        dataset={"name": "Planted", "sha256": content.sha256},
    )
    job = a_job(who, kind=JobKind.TRAINING, name="Planted", engine=EMBEDDED, parameters=order.to_json())
    await Blobs(works=works, storage=Disk(folder)).keep(path, content)
    async with works() as work:
        await enqueue(work, job, Queue.TRAINING)
        await work.blobs.use(Owner(JOB, job.id, INPUT), content)
    return job


def _written(path: Path) -> Content:
    fields = next(each for each in GENERATORS if each.name == "planted_signal").fields
    frame = ordered(generate("planted_signal", {field.name: field.default for field in fields} | MARKET))
    write_frame(frame, path, {SYNTHETIC: "true"})
    return content_of_file(path)


async def model_of(works: Works, id: UUID) -> str:
    """The sha256 of its weights."""
    async with works() as work:
        (model,) = await work.models.of_job(id)
    return model.sha256
