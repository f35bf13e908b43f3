"""Taking a dataset home."""

from __future__ import annotations

import asyncio
import tempfile
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from domain.blobs import Blobs, BlobStorage, Content, content_of_file
from domain.datasets.model import Dataset, DataType, Part
from domain.datasets.reading import Tables
from domain.datasets.rights import held
from domain.datasets.states import must_be_ready, part_of
from domain.errors import Code, Refused
from domain.transfers import Link, TransferLinks
from domain.viewer import Viewer
from domain.work import UnitOfWork, Works


class DownloadForm(StrEnum):
    """In which form to take it."""

    ORIGINAL = "original"
    CANONICAL = "canonical"
    CSV = "csv"


class Downloads:
    """Gives links to files of datasets that the viewer sees."""

    def __init__(
        self,
        *,
        works: Works,
        blobs: Blobs,
        storage: BlobStorage,
        tables: Tables,
        links: TransferLinks,
        scratch: Path,
    ) -> None:
        self._works = works
        self._blobs = blobs
        self._storage = storage
        self._tables = tables
        self._links = links
        self._scratch = scratch

    async def request(self, viewer: Viewer, id: UUID, form: DownloadForm) -> Link:
        async with self._works() as work:
            dataset, _ = await held(work, viewer, id, field="dataset_id")
            canonical = await self._there(work, dataset, form)
        if canonical is not None:
            await self._make_csv(viewer, id, canonical)
        name, media_type = _called(dataset, form)
        owner = part_of(dataset, Part(form.value))
        return self._links.download(owner, user_id=viewer.id, name=name, media_type=media_type)

    async def _there(self, work: UnitOfWork, dataset: Dataset, form: DownloadForm) -> Content | None:
        """Refuses what there is not. The canonical form, if the one that is wanted must be made of it first."""
        if form is DownloadForm.ORIGINAL:
            if await work.blobs.of(part_of(dataset, Part.ORIGINAL)) is None:
                message = "The platform made this dataset, so it has no original. Take CANONICAL or CSV."
                raise Refused.because(Code.WRONG_STATE, message, "form")
            return None
        must_be_ready(dataset, field="dataset_id")
        if form is DownloadForm.CSV and await work.blobs.of(part_of(dataset, Part.CSV)) is None:
            return await work.blobs.of(part_of(dataset, Part.CANONICAL))
        return None

    async def _make_csv(self, viewer: Viewer, id: UUID, canonical: Content) -> None:
        """It is kept beside the data it was made of, and goes when that changes."""
        with tempfile.TemporaryDirectory(dir=self._scratch, prefix="csv-") as folder:
            out = Path(folder) / "data.csv"
            async with self._storage.as_file(canonical) as path:
                await self._tables.write_csv(path, out)
            content = await asyncio.to_thread(content_of_file, out)
            await self._blobs.keep(out, content)
        async with self._works() as work:
            dataset, _ = await held(work, viewer, id, field="dataset_id")
            if await work.blobs.of(part_of(dataset, Part.CANONICAL)) != canonical:
                raise Refused.because(Code.WRONG_STATE, "The dataset was just changed. Try again.", "dataset_id")
            await work.blobs.use(part_of(dataset, Part.CSV), content)


def _called(dataset: Dataset, form: DownloadForm) -> tuple[str, str]:
    # What is made up must say so wherever it goes.
    name = f"{dataset.name} (synthetic)" if dataset.data_type is DataType.SYNTHETIC else dataset.name
    match form:
        case DownloadForm.ORIGINAL:
            return dataset.filename or "original", "application/octet-stream"
        case DownloadForm.CANONICAL:
            return f"{name}.parquet", "application/vnd.apache.parquet"
        case DownloadForm.CSV:
            return f"{name}.csv", "text/csv; charset=utf-8"
