"""The use cases of evaluations."""

from __future__ import annotations

from app.settings import Settings
from app.storage import scratch_folder
from app.transfers import Transfers
from domain.clock import Clock
from domain.datasets.reading import Tables
from domain.evaluations.downloads import EvaluationDownloads
from domain.evaluations.pictures.material import PictureFiles
from domain.evaluations.pictures.service import EvaluationPictures
from domain.evaluations.reading import EvaluationReading
from domain.evaluations.report.service import EvaluationReports
from domain.evaluations.service import Evaluations
from domain.evaluations.stores import EvaluationReads
from domain.evaluations.upkeep import EvaluationUpkeep
from domain.work import Works
from graph.parts import EvaluationParts


def evaluations(
    settings: Settings, *, works: Works, clock: Clock, reads: EvaluationReads, transfers: Transfers, tables: Tables
) -> EvaluationParts:
    files = PictureFiles(blobs=transfers.reads, storage=transfers.storage, tables=tables)
    return EvaluationParts(
        service=Evaluations(works=works, clock=clock),
        upkeep=EvaluationUpkeep(works=works, clock=clock),
        reading=EvaluationReading(reads=reads, blobs=transfers.reads, storage=transfers.storage, tables=tables),
        downloads=EvaluationDownloads(
            works=works,
            blobs=transfers.blobs,
            storage=transfers.storage,
            tables=tables,
            links=transfers.links,
            reports=EvaluationReports(files),
            scratch=scratch_folder(settings),
        ),
        pictures=EvaluationPictures(works=works, reads=reads, files=files, links=transfers.pictures),
    )
