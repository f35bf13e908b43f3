"""Looking into the files of an evaluation: series for charts, and trades."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from domain.blobs import BlobReads, BlobStorage, Owner
from domain.datasets.reading import PreviewWanted, Rows, Sampling, Series, SeriesWanted, Slice, Tables
from domain.errors import Code, Refused
from domain.evaluations.downloads import file_part, missing
from domain.evaluations.model import KIND, POSITION, Evaluation, Part, SeriesName
from domain.evaluations.stores import EvaluationReads
from domain.text import readable
from domain.viewer import Viewer

MOST_SYMBOLS = 50


class EvaluationReading:
    """What viewers see of the files. Only what is asked for comes back, whatever their size."""

    def __init__(self, *, reads: EvaluationReads, blobs: BlobReads, storage: BlobStorage, tables: Tables) -> None:
        self._reads = reads
        self._blobs = blobs
        self._storage = storage
        self._tables = tables

    async def series(self, viewer: Viewer, id: UUID, key: str, name: SeriesName, points: int) -> Series | None:
        """Of one entry. None when there is no such evaluation for this viewer."""
        evaluation = await self._seen(viewer, id)
        if evaluation is None:
            return None
        return await self._lines(evaluation, Part.SERIES, _wanted(key, (name.value,), points))

    async def positions(
        self, viewer: Viewer, id: UUID, key: str, symbols: tuple[str, ...], points: int
    ) -> Series | None:
        """What a model held, a line for each symbol; of none named, the first ones."""
        evaluation = await self._seen(viewer, id)
        if evaluation is None:
            return None
        names = symbols or tuple((evaluation.result or {}).get("symbols", ())[:MOST_SYMBOLS])
        columns = tuple(POSITION + name for name in names)
        return await self._lines(evaluation, Part.POSITIONS, _wanted(key, columns, points))

    async def trades(self, viewer: Viewer, id: UUID, key: str | None, offset: int, count: int) -> Rows | None:
        """Some trades of a model, in their order."""
        evaluation = await self._seen(viewer, id)
        if evaluation is None:
            return None
        wanted = PreviewWanted(rows=Slice.PAGE, offset=offset, count=count).checked()
        async with self._file(evaluation, file_part(evaluation, Part.TRADES, key)) as path:
            return await self._tables.preview(path, wanted)

    async def _lines(self, evaluation: Evaluation, part: Part, wanted: SeriesWanted) -> Series:
        _must_have(evaluation, wanted.symbol or "", part)
        async with self._file(evaluation, part.value) as path:
            return await self._tables.series(path, wanted.checked())

    async def _seen(self, viewer: Viewer, id: UUID) -> Evaluation | None:
        [evaluation] = await self._reads.by_ids(viewer, [id])
        return evaluation

    @asynccontextmanager
    async def _file(self, evaluation: Evaluation, part: str) -> AsyncIterator[Path]:
        content = await self._blobs.content_of(Owner(KIND, evaluation.id, part))
        if content is None:
            raise missing(evaluation, "id")
        async with self._storage.as_file(content) as path:
            yield path


def _wanted(key: str, columns: tuple[str, ...], points: int) -> SeriesWanted:
    """In the files, the key of an entry stands where a symbol does."""
    return SeriesWanted(columns=columns, symbol=key, points=points, sampling=Sampling.LTTB)


def _must_have(evaluation: Evaluation, key: str, part: Part) -> None:
    if evaluation.result is None:
        raise Refused.because(Code.WRONG_STATE, "This evaluation has no result. Wait for its job, or retry it.", "id")
    of = evaluation.parameters["models"] if part is Part.POSITIONS else evaluation.result["entries"]
    keys = [each["key"] for each in of]
    if key not in keys:
        raise Refused.because(Code.UNKNOWN, f'There is no entry "{readable(key)}": {", ".join(keys)}.', "key")
