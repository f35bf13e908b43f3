"""Models in order of what was measured of them: ranked where they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    Double,
    FromClause,
    Integer,
    Select,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, array, distinct_on

from domain.evaluations.model import EvaluationKind
from domain.jobs.events import Split
from domain.models.model import Stage
from domain.models.rankings import (
    MOST_BOARDS,
    MOST_EVALUATIONS,
    MOST_MODELS,
    MOST_MODELS_OF_ONE,
    Board,
    Ranked,
    RankingWish,
)
from domain.viewer import Viewer
from persistence.access import access, evaluations_seen, models_seen
from persistence.database import Reader
from persistence.models import model_mapped
from persistence.reading import Query, compiled
from persistence.tables.datasets import datasets
from persistence.tables.evaluations import evaluation_models, evaluations
from persistence.tables.jobs import jobs
from persistence.tables.models import models
from persistence.tables.strategies import strategies

_MEASURE, _SPLIT = bindparam("measure", type_=Text), bindparam("split", type_=Text)
_SIZE = bindparam("size", type_=Integer)
_parent = column("parent", Uuid)
_parents = (
    func.unnest(bindparam("parents", type_=ARRAY(Uuid)))
    .table_valued(_parent, with_ordinality="number_of_parent")
    .render_derived()
)
# Lateral looks with a limit are done one by one: the planner, who does not know how few parents are asked for, would
# read whole tables to join them.
_data = (
    select(datasets.c.id, datasets.c.sha256)
    .where(datasets.c.id == _parents.c.parent)
    .limit(1)
    .correlate(_parents)
    .lateral("dataset")
)
_asked = (
    select(_parents.c.number_of_parent, _data.c.id, _data.c.sha256)
    .join_from(_parents, _data, true())
    .subquery("asked_for")
)
_lying = strategies.alias("strategies_of_project")
_CONDITIONS = ("transaction_cost", "slippage")
_OF_TASKS = {
    "order_execution": ("side", "horizon", "order_size", "max_slice"),
    "high_frequency_trading": ("initial_capital",),
}
"""What else decides what a figure of such a task means."""


class PostgresRankings:
    """Implements domain.models.rankings.RankingReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def of_strategies(self, viewer: Viewer, ids: Sequence[UUID], wish: RankingWish) -> Sequence[Sequence[Ranked]]:
        return await self._ranked(_of_strategies, viewer, ids, wish)

    async def of_projects(self, viewer: Viewer, ids: Sequence[UUID], wish: RankingWish) -> Sequence[Sequence[Ranked]]:
        return await self._ranked(_of_projects, viewer, ids, wish)

    async def leaderboards(self, viewer: Viewer, ids: Sequence[UUID], wish: RankingWish) -> Sequence[Sequence[Board]]:
        query = _leaderboards(access(viewer) == "admin", wish.archived, wish.measure.less_is_better)
        found: list[list[Board]] = [[] for _ in ids]
        records = await self._reader.rows(query, **_values(viewer, ids, wish))
        for (number, _), rows in groupby(records, key=lambda row: (row["number_of_parent"], row["board"])):
            found[number - 1].append(_board(list(rows)))
        return found

    async def _ranked(
        self, query: Any, viewer: Viewer, ids: Sequence[UUID], wish: RankingWish
    ) -> Sequence[Sequence[Ranked]]:
        shape = access(viewer) == "admin", wish.archived, wish.measure.less_is_better
        found: list[list[Ranked]] = [[] for _ in ids]
        for record in await self._reader.rows(query(*shape), **_values(viewer, ids, wish)):
            own = found[record["number_of_parent"] - 1]
            own.append(Ranked(len(own) + 1, model_mapped.one(record), record["value"]))
        return found


def _values(viewer: Viewer, ids: Sequence[UUID], wish: RankingWish) -> dict[str, object]:
    wanted = {"measure": wish.measure.value, "split": wish.split.value, "size": wish.first}
    return {"viewer": viewer.user_id, "parents": ids, **wanted}


def _board(rows: Sequence[Any]) -> Board:
    told: dict[str, Any] = rows[0]["conditions"]
    period = [told.pop(name, None) for name in ("first", "last")]
    since, until = (None if time is None else datetime.fromisoformat(time) for time in period)
    entries = tuple(Ranked(row["place"], model_mapped.one(row), row["value"], row["evaluation_id"]) for row in rows)
    return Board(told, since, until, rows[0]["total"], entries)


# Rankings


@cache
def _of_strategies(admin: bool, archived: bool, less: bool) -> Query:
    own = _trained(admin, archived).where(models.c.strategy_id == _parents.c.parent)
    return _ranking(_first(own, less).correlate(_parents), less)


@cache
def _of_projects(admin: bool, archived: bool, less: bool) -> Query:
    """The first ones of each strategy, and of those the first ones."""
    own = _first(_trained(admin, archived).where(models.c.strategy_id == _lying.c.id), less)
    of_each = own.correlate(_lying).lateral("of_strategy")
    below = select(*of_each.c).join_from(_lying, of_each, true()).where(_lying.c.project_id == _parents.c.parent)
    return _ranking(_first(below, less).correlate(_parents), less)


def _first(own: Select[Any], less: bool) -> Select[Any]:
    columns = own.selected_columns
    return own.order_by(_best(columns["value"], less), columns["id"]).limit(_SIZE)


def _ranking(own: Select[Any], less: bool) -> Query:
    found = own.lateral("ranked")
    order = _parents.c.number_of_parent, _best(found.c.value, less), found.c.id
    return compiled(select(found, _parents.c.number_of_parent).join_from(_parents, found, true()).order_by(*order))


def _trained(admin: bool, archived: bool) -> Select[Any]:
    """Models, and the figure that their training measured."""
    value = cast(models.c.measures.op("#>>")(array([_SPLIT, _MEASURE])), Double)
    return select(*model_mapped.columns, value.label("value")).where(*_allowed(admin, archived))


def _allowed(admin: bool, archived: bool) -> list[ColumnElement[bool]]:
    seen = [] if admin else [models_seen()]
    return seen if archived else [*seen, models.c.stage != Stage.ARCHIVED.value]


def _best(value: ColumnElement[Any], less: bool) -> ColumnElement[Any]:
    return (value.asc() if less else value.desc()).nulls_last()


# Leaderboards


@cache
def _leaderboards(admin: bool, archived: bool, less: bool) -> Query:
    figures = _once(_figures(admin, archived))
    board = figures.c.number_of_parent, figures.c.conditions
    order = _best(figures.c.value, less), figures.c.model_id
    placed = select(
        *figures.c,
        func.row_number().over(partition_by=board, order_by=order).label("place"),
        func.count().over(partition_by=board).label("total"),
    ).subquery("placed")
    boards = func.dense_rank().over(
        partition_by=placed.c.number_of_parent, order_by=(placed.c.total.desc(), placed.c.conditions)
    )
    numbered = select(placed, boards.label("board")).subquery("numbered")
    model = (
        select(*model_mapped.columns)
        .where(models.c.id == numbered.c.model_id)
        .limit(1)
        .correlate(numbered)
        .lateral("model")
    )
    return compiled(
        select(*model.c, *numbered.c)
        .join_from(numbered, model, true())
        .where(numbered.c.board <= MOST_BOARDS, numbered.c.place <= _SIZE)
        .order_by(numbered.c.number_of_parent, numbered.c.board, numbered.c.place)
    )


def _once(figures: CompoundSelect[Any]) -> FromClause:
    """Of a model under the same conditions the latest figure."""
    all_ = figures.subquery("all_figures")
    same = all_.c.number_of_parent, all_.c.conditions, all_.c.model_id
    latest = select(*all_.c).ext(distinct_on(*same)).where(all_.c.value.is_not(None))
    return latest.order_by(*same, all_.c.evaluation_id.desc().nulls_last()).subquery("figures")


def _figures(admin: bool, archived: bool) -> CompoundSelect[Any]:
    return union_all(*(_below(each) for each in (_of_trainings(admin, archived), _of_evaluations(admin, archived))))


def _below(figures: Select[Any]) -> Select[Any]:
    found = figures.correlate(_asked).lateral()
    return select(_asked.c.number_of_parent, found).join_from(_asked, found, true())


def _of_trainings(admin: bool, archived: bool) -> Select[Any]:
    """On this very content; what is not about the bars themselves must be the same for figures to compare."""
    # Bounded, and so found before anything else is looked at.
    latest = (
        select(models.c.id, models.c.job_id, models.c.task_type, models.c.hyperparameters, models.c.measures)
        .where(models.c.dataset_id == _asked.c.id, *_allowed(admin, archived))
        .order_by(models.c.dataset_id.desc(), models.c.id.desc())
        .limit(MOST_MODELS)
        .correlate(_asked)
        .subquery("latest_models")
    )
    asked, job = latest.c.hyperparameters, _job_of(latest)
    own = {
        "basis": literal("training"),
        "task": latest.c.task_type,
        "symbol": job.c.parameters["symbol"],
        **{name: asked[name] for name in _CONDITIONS},
        # Where valid ends depends on how far agents look back.
        "lookback": case((_SPLIT.__eq__(Split.TEST.value), null()), else_=asked["lookback"]),
        "more": case(*((latest.c.task_type == task, _told(asked, names)) for task, names in _OF_TASKS.items())),
    }
    value = cast(latest.c.measures.op("#>>")(array([_SPLIT, _MEASURE])), Double)
    return (
        select(latest.c.id.label("model_id"), value.label("value"), cast(null(), Uuid).label("evaluation_id"))
        .add_columns(_object(own).label("conditions"))
        .join_from(latest, job, true())
        .where(_content(job.c.parameters) == _asked.c.sha256)
    )


def _of_evaluations(admin: bool, archived: bool) -> Select[Any]:
    kinds = [kind.value for kind in (EvaluationKind.BACKTEST, EvaluationKind.COMPARISON)]
    seen = [] if admin else [evaluations_seen()]
    latest = (
        select(evaluations.c.id, evaluations.c.parameters, evaluations.c.result)
        .where(evaluations.c.dataset_id == _asked.c.id, evaluations.c.kind.in_(kinds), *seen)
        .where(evaluations.c.result.is_not(None))
        .order_by(evaluations.c.dataset_id.desc(), evaluations.c.id.desc())
        .limit(MOST_EVALUATIONS)
        .correlate(_asked)
        .subquery("latest")
    )
    setup = latest.c.parameters["setup"]
    on_a_book = latest.c.parameters["models"].contains(cast(literal('[{"task": "high_frequency_trading"}]'), JSONB))
    own = {
        "basis": literal("evaluation"),
        "symbol": latest.c.parameters["symbol"],
        **{name: setup[name] for name in (*_CONDITIONS, "latency_bars", "max_position", "drift")},
        "capital": case((on_a_book, setup["start_capital"])),
        **{name: latest.c.result[name] for name in ("first", "last", "bars")},
        **{name: latest.c.result[("execution", name)] for name in ("side", "quantity", "horizon")},
    }
    split, sha256 = latest.c.parameters["split"].astext, _asked.c.sha256
    judged = (
        select(models.c.id, models.c.job_id, evaluation_models.c.measures)
        .join_from(evaluation_models, models, models.c.id == evaluation_models.c.model_id)
        .where(evaluation_models.c.evaluation_id == latest.c.id, *_allowed(admin, archived))
        .limit(MOST_MODELS_OF_ONE)
        .correlate(latest)
        .lateral("judged")
    )
    # What a model has learnt from proves nothing.
    job = _job_of(judged)
    unseen = or_(split == _SPLIT, split.is_(None) & _content(job.c.parameters).is_distinct_from(sha256))
    value = cast(judged.c.measures.op("->>")(_MEASURE), Double)
    return (
        select(judged.c.id.label("model_id"), value.label("value"), latest.c.id.label("evaluation_id"))
        .add_columns(_object(own).label("conditions"))
        .join_from(latest, judged, true())
        .join(job, true())
        .where(_content(latest.c.parameters) == sha256, unseen)
    )


def _job_of(rows: FromClause) -> FromClause:
    return select(jobs.c.parameters).where(jobs.c.id == rows.c.job_id).limit(1).correlate(rows).lateral()


def _content(parameters: ColumnElement[Any]) -> ColumnElement[str]:
    sha256: ColumnElement[str] = parameters[("dataset", "sha256")].astext
    return sha256


def _told(of: ColumnElement[Any], names: Sequence[str]) -> ColumnElement[Any]:
    return _object({name: of[name] for name in names})


def _object(values: Mapping[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    """Without what is null, so that what was left out is alike."""
    pairs = [part for name, value in values.items() for part in (literal(name), value)]
    return cast(func.jsonb_strip_nulls(func.jsonb_build_object(*pairs)), JSONB)
