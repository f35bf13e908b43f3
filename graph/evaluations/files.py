"""Looking into the files of an evaluation: lines for charts, and trades."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET, Parent
from strawberry.scalars import JSON

from domain.datasets import reading
from graph.context import Info
from graph.datasets.data import LOOK, SeriesLine
from graph.evaluations.enums import SeriesName
from graph.fields import edge, plain
from graph.ids import split
from graph.payloads import query
from graph.policy import SIGNED_IN

_Evaluation = Annotated[strawberry.ID, strawberry.argument(description="The evaluation. It must be at its end.")]
_Key = Annotated[str, strawberry.argument(description="Of which of its `entries`.")]
_Points = Annotated[int, strawberry.argument(description="Points of each line at most: 3 to 5,000.")]


def _rows(parent: Parent[reading.Rows]) -> list[JSON]:
    return [JSON(row) for row in parent.rows]


def _columns(parent: Parent[reading.Rows]) -> list[str]:
    return [column.name for column in parent.columns]


@strawberry.type(description="Some trades of a model, in the order they were made.")
class TradeTable:
    columns: list[str] = edge(
        _columns,
        "What is in each place of a row: time, symbol, side (buy or sell), quantity, price, cost, and profit of the "
        "position that the trade closes; of models that work off orders no profit, but the number of the order.",
    )
    rows: list[JSON] = edge(_rows, "A list for each trade; a profit of null: it closed no position.")
    offset: int = plain("How many come before the first of them.")
    total: int = plain("How many there are.")


async def _series(
    info: Info,
    evaluation_id: _Evaluation,
    key: _Key,
    name: Annotated[SeriesName, strawberry.argument(description="What to show.")],
    points: _Points = 500,
) -> Any:
    parts = split(evaluation_id)
    if parts is None or parts[0] != "Evaluation":
        return None
    use = info.context.use.evaluations.reading
    found = await use.series(info.context.viewer, parts[1], key, name, points)
    return found.lines[0] if found else None


async def _positions(
    info: Info,
    evaluation_id: _Evaluation,
    key: _Key,
    symbols: Annotated[
        list[str] | None, strawberry.argument(description="Of these, up to 50. Left out: of the first 50.")
    ] = UNSET,
    points: _Points = 200,
) -> Any:
    parts = split(evaluation_id)
    if parts is None or parts[0] != "Evaluation":
        return None
    use = info.context.use.evaluations.reading
    found = await use.positions(info.context.viewer, parts[1], key, tuple(dict.fromkeys(symbols or ())), points)
    return found.lines if found else None


async def _trades(
    info: Info,
    evaluation_id: _Evaluation,
    key: Annotated[
        str | None, strawberry.argument(description="Of which model; may be left out when there is only one.")
    ] = UNSET,
    offset: Annotated[int, strawberry.argument(description="How many to leave out.")] = 0,
    count: Annotated[int, strawberry.argument(description="How many to show: 1 to 500.")] = 100,
) -> Any:
    parts = split(evaluation_id)
    if parts is None or parts[0] != "Evaluation":
        return None
    use = info.context.use.evaluations.reading
    return await use.trades(info.context.viewer, parts[1], key or None, offset, count)


@strawberry.type
class EvaluationFileQueries:
    evaluation_series: SeriesLine | None = query(
        _series,
        policy=SIGNED_IN,
        description="Equity, drawdown and the like of an entry, thinned out where the data is; null when there is no "
        "evaluation that you may see.",
        cost=LOOK,
    )
    evaluation_positions: list[SeriesLine] | None = query(
        _positions,
        policy=SIGNED_IN,
        description="What a model held, in multiples of the equity: a line for each symbol, its column named like "
        "position.AAPL; null when there is no evaluation that you may see.",
        cost=LOOK,
    )
    evaluation_trades: TradeTable | None = query(
        _trades,
        policy=SIGNED_IN,
        description="What a model traded; null when there is no evaluation that you may see.",
        cost=LOOK,
    )
