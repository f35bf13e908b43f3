"""Looking into the data: previews and series."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET, Parent
from strawberry.scalars import JSON

from domain.clock import in_utc
from domain.datasets import reading
from domain.datasets.reading import PreviewWanted, Sampling, SeriesWanted, Slice
from graph.context import Info
from graph.datasets.enums import ColumnKind, ColumnType
from graph.fields import edge, plain
from graph.ids import split
from graph.payloads import query
from graph.policy import SIGNED_IN

LOOK = 500
"""What a look into data costs: another process is at work for it."""

_Dataset = Annotated[strawberry.ID, strawberry.argument(description="The dataset. It must be READY.")]


@strawberry.type(description="A column of a preview.")
class ShownColumn:
    name: str = plain("Its name.")
    type: ColumnType = plain("What its values are.")
    kind: ColumnKind = plain("What it may be used for.")


def _rows(parent: Parent[reading.Rows]) -> list[JSON]:
    return [JSON(row) for row in parent.rows]


@strawberry.type(description="Some rows of a dataset.")
class DatasetPreview:
    columns: list[ShownColumn] = plain("What is in each place of a row.")
    rows: list[JSON] = edge(
        _rows,
        "Rows as lists: numbers, texts (cut after 500 characters), truth values, times in ISO form; null: missing.",
    )
    offset: int = plain("Where the first of them stands, counted from 0; of no meaning for a sample.")
    total: int = plain("How many rows there are in all, or of the symbol.")


@strawberry.type(description="What a chart draws of one column. Both lists are of the same length.")
class SeriesLine:
    column: str = plain("The column.")
    times: list[str] = plain("Times in ISO form, UTC.")
    values: list[float] = plain("The values at these times.")


@strawberry.type(description="Columns of one symbol over time, with as many points as a chart can show.")
class DatasetSeries:
    symbol: str = plain("Whose they are.")
    rows: int = plain("How many rows there are in that time; fewer are shown.")
    lines: list[SeriesLine] = plain("A line for each column.")


async def _preview(
    info: Info,
    dataset_id: _Dataset,
    rows: Annotated[Slice, strawberry.argument(description="Which rows.")] = Slice.FIRST,
    count: Annotated[int, strawberry.argument(description="How many: 1 to 500.")] = 20,
    offset: Annotated[int, strawberry.argument(description="For PAGE: how many rows to leave out before.")] = 0,
    symbol: Annotated[str | None, strawberry.argument(description="Only those of this symbol.")] = UNSET,
    columns: Annotated[
        list[str] | None, strawberry.argument(description="Only these, up to 50; left out: the first 50.")
    ] = UNSET,
) -> reading.Rows | None:
    parts = split(dataset_id)
    if parts is None or parts[0] != "Dataset":
        return None
    wanted = PreviewWanted(rows=rows, count=count, offset=offset, symbol=symbol or None, columns=tuple(columns or ()))
    return await info.context.use.datasets.reading.preview(info.context.viewer, parts[1], wanted)


async def _series(
    info: Info,
    dataset_id: _Dataset,
    columns: Annotated[list[str], strawberry.argument(description="Columns with numbers, 1 to 50.")],
    symbol: Annotated[
        str | None, strawberry.argument(description="Whose; may be left out when there is only one.")
    ] = UNSET,
    from_: Annotated[
        datetime | None, strawberry.argument(name="from", description="The first time that is wanted.")
    ] = UNSET,
    to: Annotated[datetime | None, strawberry.argument(description="The first time that is not wanted.")] = UNSET,
    points: Annotated[
        int, strawberry.argument(description="Points of each line at most: 3 to 5,000; 20,000 of all together.")
    ] = 500,
    method: Annotated[Sampling, strawberry.argument(description="How to leave points out.")] = Sampling.LTTB,
) -> reading.Series | None:
    parts = split(dataset_id)
    if parts is None or parts[0] != "Dataset":
        return None
    wanted = SeriesWanted(
        columns=tuple(dict.fromkeys(columns)),
        symbol=symbol or None,
        since=in_utc(from_, "from") if from_ else None,
        until=in_utc(to, "to") if to else None,
        points=points,
        sampling=method,
    )
    return await info.context.use.datasets.reading.series(info.context.viewer, parts[1], wanted)


@strawberry.type
class DataQueries:
    dataset_preview: DatasetPreview | None = query(
        _preview,
        policy=SIGNED_IN,
        description="Some rows of a dataset that is READY; null when there is none that you may see.",
        cost=LOOK,
    )
    dataset_series: DatasetSeries | None = query(
        _series,
        policy=SIGNED_IN,
        description="A line for a chart, thinned out where the data is; null when there is no dataset that you may "
        "see.",
        cost=LOOK,
    )
