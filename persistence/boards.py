"""Jobs for boards, filtered by the viewer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, DateTime, Integer, Select, Uuid, any_, bindparam, or_, select

from domain.jobs.model import Job
from domain.live import BoardWish
from domain.viewer import Viewer
from persistence.access import VIEWER, access, jobs_seen
from persistence.database import Reader
from persistence.jobs import job_mapped
from persistence.reading import Query, compiled
from persistence.tables.datasets import datasets
from persistence.tables.jobs import is_open, jobs
from persistence.tables.strategies import strategies

_SUBJECT = bindparam("subject", type_=Uuid)
_AMONG = jobs.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
_RECENT = or_(is_open, jobs.c.updated_at > bindparam("since", type_=DateTime(timezone=True)))


def _in_project() -> ColumnElement[bool]:
    """Jobs about what lies in the project."""
    data = select(datasets.c.id).where(datasets.c.id == jobs.c.dataset_id, datasets.c.project_id == _SUBJECT)
    plan = select(strategies.c.id).where(strategies.c.id == jobs.c.strategy_id, strategies.c.project_id == _SUBJECT)
    return or_(data.exists(), plan.exists())


_WISHES: dict[str, ColumnElement[bool]] = {
    "mine": jobs.c.owner_id == VIEWER,
    "strategy": jobs.c.strategy_id == _SUBJECT,
    "dataset": jobs.c.dataset_id == _SUBJECT,
    "project": _in_project(),
}


def _on(name: str, access: str) -> Select[tuple[object, ...]]:
    statement = select(*job_mapped.columns).where(_WISHES[name])
    return statement if access == "admin" else statement.where(jobs_seen())


@cache
def _among(name: str, access: str) -> Query:
    return compiled(_on(name, access).where(_AMONG))


@cache
def _recent(name: str, access: str) -> Query:
    newest = _on(name, access).where(_RECENT).order_by(jobs.c.id.desc())
    return compiled(newest.limit(bindparam("limit", type_=Integer)))


class PostgresBoardReads:
    """Implements domain.live.BoardReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def among(self, viewer: Viewer, wish: BoardWish, ids: Sequence[UUID]) -> Sequence[Job]:
        query = _among(wish.name, access(viewer))
        records = await self._reader.rows(query, ids=ids, subject=wish.subject, viewer=viewer.user_id)
        return job_mapped.many(records)

    async def recent(self, viewer: Viewer, wish: BoardWish, since: datetime, limit: int) -> Sequence[Job]:
        query = _recent(wish.name, access(viewer))
        records = await self._reader.rows(query, since=since, limit=limit, subject=wish.subject, viewer=viewer.user_id)
        return job_mapped.many(records)
