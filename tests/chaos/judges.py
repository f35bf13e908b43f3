"""What workers run in which models are judged."""

from __future__ import annotations

import os
from pathlib import Path

from app.engines import Torch
from domain.blobs import Blobs, BlobStorage
from domain.clock import utc_now
from domain.jobs.running import Executors
from domain.work import Works
from tests.chaos.real import MEMORY
from tests.chaos.worker import scratch_of
from workers.engines.embedded.parent import EmbeddedEngine
from workers.evaluations.jobs import Evaluations

# A walk-forward keeps a checkpoint after each window, whatever the clock says.
NEVER_S = 3_600.0


def executors(works: Works, storage: BlobStorage) -> Executors:
    evaluations = Evaluations(
        works=works,
        blobs=Blobs(works=works, storage=storage),
        storage=storage,
        child=EmbeddedEngine(MEMORY, NEVER_S, "cpu", Torch()),
        scratch=scratch_of(Path(os.environ["FOLDER"])),
        clock=utc_now,
    )
    return evaluations.executors()
