"""Taking the files of an evaluation home."""

from __future__ import annotations

import asyncio
import tempfile
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from domain.blobs import Blobs, BlobStorage, Content, Owner, content_of_file
from domain.datasets.reading import Tables
from domain.errors import Code, Refused
from domain.evaluations.model import KIND, Evaluation, Part, trades_part
from domain.text import readable
from domain.transfers import Link, TransferLinks
from domain.viewer import Viewer
from domain.work import Works

_MEDIA = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv; charset=utf-8"}


class FileForm(StrEnum):
    PARQUET = "parquet"
    CSV = "csv"


class EvaluationDownloads:
    """Gives links to files of evaluations that the viewer sees."""

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

    async def request(self, viewer: Viewer, id: UUID, part: Part, key: str | None, form: FileForm) -> Link:
        """`key` names the model whose trades are wanted."""
        async with self._works() as work:
            evaluation = await work.evaluations.lock(viewer, id)
            owner = Owner(KIND, id, file_part(evaluation, part, key))
            made = await work.blobs.of(owner)
            wanted = owner if form is FileForm.PARQUET else Owner(KIND, id, f"{owner.part}.csv")
            is_there = await work.blobs.of(wanted) is not None
        if made is None:
            message = "This evaluation has no such file, for it is not at its end. Wait for its job."
            raise Refused.because(Code.WRONG_STATE, message, "part")
        if not is_there:
            await self._make_csv(viewer, wanted, made)
        name = f"{evaluation.name} ({owner.part}).{form.value}"
        return self._links.download(wanted, user_id=viewer.id, name=name, media_type=_MEDIA[form.value])

    async def _make_csv(self, viewer: Viewer, wanted: Owner, made: Content) -> None:
        """It is kept beside the file it was made of, which never changes."""
        with tempfile.TemporaryDirectory(dir=self._scratch, prefix="csv-") as folder:
            out = Path(folder) / "data.csv"
            async with self._storage.as_file(made) as path:
                await self._tables.write_csv(path, out)
            content = await asyncio.to_thread(content_of_file, out)
            await self._blobs.keep(out, content)
        async with self._works() as work:
            await work.evaluations.lock(viewer, wanted.id)
            await work.blobs.use(wanted, content)


def file_part(evaluation: Evaluation, part: Part, key: str | None) -> str:
    """The name of the file; of trades that of the one model where none is named."""
    if part is not Part.TRADES:
        return part.value
    keys = [model["key"] for model in evaluation.parameters["models"]]
    if key is None and len(keys) > 1:
        raise Refused.because(Code.REQUIRED, f"Say whose trades: {', '.join(keys)}.", "key")
    if key is not None and key not in keys:
        raise Refused.because(Code.UNKNOWN, f'There is no model "{readable(key)}" here: {", ".join(keys)}.', "key")
    return trades_part(key or keys[0])
