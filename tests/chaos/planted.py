"""A training by the real engine, on a market with something to learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from app.engines import Torch
from domain.blobs import Blobs, Content, Owner, content_of_file
from domain.catalogue import complete
from domain.datasets.sources.generators import GENERATORS
from domain.ids import new_id
from domain.jobs.events import Fact, Result
from domain.jobs.model import Job
from domain.jobs.service import enqueue
from domain.jobs.status import JobKind
from domain.trainings.engines import EMBEDDED
from domain.trainings.model import INPUT, JOB, Order
from domain.work import Queue, Works
from tests.chaos.real import CHECKPOINT_EVERY_S, MEMORY
from tests.chaos.worker import Disk
from tests.support.jobs import a_job
from tests.support.people import Person
from workers.data.frames import SYNTHETIC, ordered, write_frame
from workers.data.sources.synthetic import generate
from workers.engines.embedded.parent import EmbeddedEngine
from workers.engines.port import Said, Trained, Wish

TASK, ALGORITHM, SEED = "algorithmic_trading", "dqn", 7
MARKET: dict[str, Any] = {"rows": 600, "features": 3}
CONFIG: dict[str, Any] = {
    "epochs": 120,
    "lookback": 1,
    "hidden_layers": [16],
    "batch_size": 64,
    "evaluation_interval": 1_000,
}


async def ask_for_training(works: Works, who: Person, folder: Path, **config: Any) -> Job:
    """Its data is where workers of this folder find it."""
    path = folder / "market.parquet"
    content = _written(path)
    order = _order(content, config)
    job = a_job(who, kind=JobKind.TRAINING, name="Planted", engine=EMBEDDED, parameters=order.to_json())
    await Blobs(works=works, storage=Disk(folder)).keep(path, content)
    async with works() as work:
        await enqueue(work, job, Queue.TRAINING)
        await work.blobs.use(Owner(JOB, job.id, INPUT), content)
    return job


async def trained_at_peace(folder: Path) -> tuple[list[Fact], str]:
    """All that such a training tells which nobody disturbs, and the sha256 of its weights."""
    content = _written(folder / "market.parquet")
    order, facts = _order(content, {}), list[Fact]()
    wish = Wish(
        job_id=new_id(),
        task=order.task,
        algorithm=order.algorithm,
        config=order.config,
        seeds=order.seeds,
        symbol=order.symbol,
        data=folder / "market.parquet",
        data_sha256=content.sha256,
        papers=order.papers(),
        folder=folder,
        checkpoint=None,
    )
    async for event in EmbeddedEngine(MEMORY, CHECKPOINT_EVERY_S, "cpu", Torch()).train(wish):
        match event:
            case Said(fact):
                facts.append(fact)
            case Trained(body, files):
                return [*facts, Result(body)], content_of_file(files["weights"]).sha256
    raise AssertionError("It ended without a result.")


def _order(content: Content, config: dict[str, Any]) -> Order:
    return Order(
        task=TASK,
        algorithm=ALGORITHM,
        config=complete(TASK, ALGORITHM, CONFIG | config),
        seeds=(SEED,),
        symbol=None,
        strategy={"name": "Planted"},
        dataset={"name": "Planted", "sha256": content.sha256},
    )


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
