"""Puts together what is done with datasets."""

from __future__ import annotations

from app.settings import Settings
from app.shelf import InstalledSources
from app.storage import scratch_folder
from app.transfers import Transfers
from domain.clock import Clock
from domain.datasets.downloads import Downloads
from domain.datasets.making import Making
from domain.datasets.reading import DatasetReading, Tables
from domain.datasets.saved import SavedRecipes
from domain.datasets.service import Datasets
from domain.datasets.uploads import DatasetUploads
from domain.work import Works
from graph.parts import DatasetParts, Reads
from workers.data.reading_pool import ReadingPool


def reading_pool(settings: Settings) -> ReadingPool:
    return ReadingPool(size=settings.read_processes, memory_bytes=settings.read_memory_mb << 20)


def datasets(
    settings: Settings, *, works: Works, clock: Clock, reads: Reads, transfers: Transfers, tables: Tables
) -> DatasetParts:
    links, shelf = transfers.links, InstalledSources()
    return DatasetParts(
        service=Datasets(works=works, clock=clock),
        uploads=DatasetUploads(
            works=works, blobs=transfers.blobs, links=links, clock=clock, max_bytes=settings.max_upload_bytes
        ),
        downloads=Downloads(
            works=works,
            blobs=transfers.blobs,
            storage=transfers.storage,
            tables=tables,
            links=links,
            scratch=scratch_folder(settings),
        ),
        reading=DatasetReading(reads=reads.datasets, blobs=transfers.reads, storage=transfers.storage, tables=tables),
        making=Making(works=works, clock=clock, shelf=shelf),
        recipes=SavedRecipes(works=works, clock=clock),
        shelf=shelf,
    )
