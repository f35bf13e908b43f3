"""What workers run in which the real engine trains, beside the toys."""

from __future__ import annotations

import os
from pathlib import Path

from app.engines import Torch
from domain.blobs import Blobs, BlobStorage
from domain.clock import utc_now
from domain.jobs.model import Job
from domain.jobs.running import Executors, Finish, Run
from domain.jobs.status import JobKind
from domain.trainings.engines import EMBEDDED
from domain.work import Works
from tests.chaos import toy
from tests.chaos.worker import scratch_of
from workers.engines.embedded.parent import EmbeddedEngine
from workers.training import Trainings

CHECKPOINT_EVERY_S = 0.3
MEMORY = 2 << 30


def executors(works: Works, storage: BlobStorage) -> Executors:
    engine = EmbeddedEngine(MEMORY, CHECKPOINT_EVERY_S, "cpu", Torch())
    trainings = Trainings(
        works=works,
        blobs=Blobs(works=works, storage=storage),
        storage=storage,
        engines={EMBEDDED: engine},
        scratch=scratch_of(Path(os.environ["FOLDER"])),
        clock=utc_now,
    )

    async def train(job: Job, run: Run) -> Finish:
        return await (trainings.train if job.engine == EMBEDDED else toy.train)(job, run)

    return {JobKind.TRAINING: train}
