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
from domain.evaluations.report.service import EvaluationReports
from domain.text import readable
from domain.transfers import Link, TransferLinks
from domain.viewer import Viewer
from domain.work import Works

_MEDIA = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


class FileForm(StrEnum):
    PARQUET = "parquet"
    CSV = "csv"
    HTML = "html"


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
        reports: EvaluationReports,
        scratch: Path,
    ) -> None:
        self._works = works
        self._blobs = blobs
        self._storage = storage
        self._tables = tables
        self._links = links
        self._reports = reports
        self._scratch = scratch

    async def request(self, viewer: Viewer, id: UUID, part: Part, key: str | None, form: FileForm | None) -> Link:
        """`key` names the model whose trades are wanted."""
        form = _checked_form(part, form)
        if part is Part.REPORT:
            return await self._report(viewer, id)
        async with self._works() as work:
            evaluation = await work.evaluations.lock(viewer, id)
            owner = Owner(KIND, id, file_part(evaluation, part, key))
            made = await work.blobs.of(owner)
            wanted = owner if form is FileForm.PARQUET else Owner(KIND, id, f"{owner.part}.csv")
            is_there = await work.blobs.of(wanted) is not None
        if made is None:
            raise missing(evaluation, "part")
        if not is_there:
            await self._make_csv(viewer, wanted, made)
        return self._link(viewer, evaluation, wanted, f"({owner.part}).{form.value}")

    async def _report(self, viewer: Viewer, id: UUID) -> Link:
        """Made anew each time: the same evaluation gives the same bytes for as long as reports look the same."""
        async with self._works() as work:
            evaluation = await work.evaluations.lock(viewer, id)
        owner = Owner(KIND, id, Part.REPORT.value)
        html = await self._reports.html(evaluation)
        with tempfile.TemporaryDirectory(dir=self._scratch, prefix="report-") as folder:
            out = Path(folder) / "report.html"
            out.write_text(html, encoding="utf-8")
            await self._keep(viewer, owner, out)
        return self._link(viewer, evaluation, owner, f"({Part.REPORT.value}).{FileForm.HTML.value}")

    def _link(self, viewer: Viewer, evaluation: Evaluation, owner: Owner, ending: str) -> Link:
        media_type = _MEDIA[ending.rpartition(".")[2]]
        return self._links.download(owner, user_id=viewer.id, name=f"{evaluation.name} {ending}", media_type=media_type)

    async def _make_csv(self, viewer: Viewer, wanted: Owner, made: Content) -> None:
        """It is kept beside the file it was made of, which never changes."""
        with tempfile.TemporaryDirectory(dir=self._scratch, prefix="csv-") as folder:
            out = Path(folder) / "data.csv"
            async with self._storage.as_file(made) as path:
                await self._tables.write_csv(path, out)
            await self._keep(viewer, wanted, out)

    async def _keep(self, viewer: Viewer, owner: Owner, file: Path) -> None:
        content = await asyncio.to_thread(content_of_file, file)
        await self._blobs.keep(file, content)
        async with self._works() as work:
            await work.evaluations.lock(viewer, owner.id)
            await work.blobs.use(owner, content)


def _checked_form(part: Part, form: FileForm | None) -> FileForm:
    usual = FileForm.HTML if part is Part.REPORT else FileForm.PARQUET
    form = form or usual
    if (part is Part.REPORT) is not (form is FileForm.HTML):
        raise Refused.because(Code.INVALID, "A report is HTML, and nothing else is. Choose another form.", "form")
    return form


def missing(evaluation: Evaluation, field: str) -> Refused:
    if evaluation.result is None:
        return Refused.because(Code.WRONG_STATE, "This evaluation has no result. Wait for its job, or retry it.", field)
    has = "TRADES and ORDERS" if "execution" in evaluation.result else "SERIES, POSITIONS, TRADES and PRICES"
    return Refused.because(Code.INVALID, f"An evaluation of this kind has no such file. It has {has}.", field)


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
