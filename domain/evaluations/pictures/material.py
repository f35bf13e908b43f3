"""Reads what a picture is drawn from: no more than it has room for, whatever the size of the files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from domain.analysis.names import BUY_AND_HOLD, EQUAL_WEIGHT, RANDOM
from domain.blobs import BlobReads, BlobStorage, Owner
from domain.datasets.columns import TIME
from domain.datasets.reading import Line, PreviewWanted, Rows, Sampling, SeriesWanted, Slice, Tables
from domain.evaluations.model import KIND, POSITION, Evaluation, Part, SeriesName, trades_part
from domain.evaluations.names import model_keys, names_of
from domain.evaluations.pictures.offers import SERIES_OF, Offer, symbols_of
from domain.pictures.names import PictureKind

MOST_MARKS = 2_000
_POINTS_IN_ALL = 6_000
_LEAST_POINTS = 200
_MOST_STEPS = 400


@dataclass(frozen=True, slots=True)
class Material:
    """None, or nothing in it: the file is not there, or what is drawn comes from the result alone."""

    lines: Mapping[str, tuple[Line, ...]] = field(default_factory=dict)
    """Of series by the key of the entry."""
    price: Line | None = None
    trades: Rows | None = None
    held: Rows | None = None


class PictureFiles:
    """The files of evaluations, as pictures need them."""

    def __init__(self, *, blobs: BlobReads, storage: BlobStorage, tables: Tables) -> None:
        self._blobs = blobs
        self._storage = storage
        self._tables = tables

    async def material(self, evaluation: Evaluation, offer: Offer, width: int) -> Material:
        match offer.kind:
            case PictureKind.EQUITY | PictureKind.ROLLING_SHARPE:
                return await self._lines(evaluation, shown_keys(evaluation, offer.key), _columns(offer.kind), width)
            case PictureKind.REGIMES:
                return await self._lines(evaluation, [BUY_AND_HOLD], (SeriesName.EQUITY.value,), width)
            case PictureKind.TRADES:
                return await self._trades(evaluation, offer, width)
            case PictureKind.WEIGHTS:
                return await self._held(evaluation, offer, width)
            case _:
                return Material()

    async def _lines(self, evaluation: Evaluation, keys: list[str], columns: tuple[str, ...], width: int) -> Material:
        found = {}
        points = max(_LEAST_POINTS, min(width, _POINTS_IN_ALL // len(keys)))
        async with self._file(evaluation, Part.SERIES.value) as path:
            if path is None:
                return Material()
            for key in keys:
                wanted = SeriesWanted(columns=columns, symbol=key, points=points, sampling=Sampling.LTTB)
                found[key] = (await self._tables.series(path, wanted)).lines
        return Material(lines=found)

    async def _trades(self, evaluation: Evaluation, offer: Offer, width: int) -> Material:
        price = trades = None
        async with self._file(evaluation, Part.PRICES.value) as path:
            if path:
                wanted = SeriesWanted(columns=("price",), symbol=offer.symbol, points=width, sampling=Sampling.MINMAX)
                [price] = (await self._tables.series(path, wanted)).lines
        async with self._file(evaluation, trades_part(offer.key or "")) as path:
            if path:
                columns = (TIME, "price", "side", "profit")
                some = PreviewWanted(rows=Slice.SAMPLE, count=MOST_MARKS, symbol=offer.symbol, columns=columns)
                trades = await self._tables.preview(path, some)
        return Material(price=price, trades=trades)

    async def _held(self, evaluation: Evaluation, offer: Offer, width: int) -> Material:
        async with self._file(evaluation, Part.POSITIONS.value) as path:
            if path is None:
                return Material()
            columns = (TIME, *(POSITION + symbol for symbol in symbols_of(evaluation)))
            count = min(width, _MOST_STEPS)
            some = PreviewWanted(rows=Slice.EVEN, count=count, symbol=offer.key, columns=columns)
            return Material(held=await self._tables.preview(path, some))

    @asynccontextmanager
    async def _file(self, evaluation: Evaluation, part: str) -> AsyncIterator[Path | None]:
        """None: evaluations of that time, or of that kind, have no such file."""
        content = await self._blobs.content_of(Owner(KIND, evaluation.id, part))
        if content is None:
            yield None
            return
        async with self._storage.as_file(content) as path:
            yield path


def shown_keys(evaluation: Evaluation, key: str | None) -> list[str]:
    """One entry beside the benchmark; or models and what they have to beat. Of a single symbol, equal weights are the
    same as holding it."""
    known = names_of(evaluation)
    benchmark = str((evaluation.result or {}).get("benchmark") or BUY_AND_HOLD)
    several = [EQUAL_WEIGHT] if len(symbols_of(evaluation)) > 1 else []
    wanted = [key, benchmark] if key else [*model_keys(evaluation), BUY_AND_HOLD, *several, RANDOM]
    return [each for each in dict.fromkeys(wanted) if each in known]


def _columns(kind: PictureKind) -> tuple[str, ...]:
    first = SERIES_OF[kind].value
    return (first, SeriesName.DRAWDOWN.value) if kind is PictureKind.EQUITY else (first,)
