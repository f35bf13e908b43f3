"""Jobs, read in batches."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, any_, bindparam, cast, func, or_, select, true

from domain.clock import Clock
from domain.jobs.model import Job, JobFilter
from domain.jobs.status import OF_DATASETS, JobStatus
from domain.pages import Page, Window
from domain.viewer import Viewer
from persistence.access import VIEWER, access, belongs_to, jobs_seen
from persistence.database import Reader, in_order
from persistence.job_artefacts import PostgresArtefacts
from persistence.job_events import PostgresJobEvents
from persistence.job_series import PostgresSeries
from persistence.jobs import job_mapped
from persistence.listing import EVERYTHING, Listing, Path, lying_in
from persistence.queue_order import positions
from persistence.reading import Query, compiled
from persistence.search import contains, pattern
from persistence.tables.datasets import datasets
from persistence.tables.jobs import jobs
from persistence.tables.projects import project_members
from persistence.tables.strategies import strategies

_ID = bindparam("id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_PROJECT = bindparam("project", type_=Uuid)
_mine = project_members.alias("memberships_asked_for")


def _in(project: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether the job is about a strategy or a dataset in this project."""
    plan = select(strategies.c.id).where(strategies.c.id == jobs.c.strategy_id, strategies.c.project_id == project)
    data = select(datasets.c.id).where(datasets.c.id == jobs.c.dataset_id, datasets.c.project_id == project)
    return or_(plan.exists(), data.exists())


_jobs = Listing(
    job_mapped,
    jobs,
    sorts={},
    filters={
        "kind": jobs.c.kind == bindparam("kind", type_=Text),
        "statuses": jobs.c.status == any_(bindparam("statuses", type_=ARRAY(Text))),
        "dataset": jobs.c.dataset_id == bindparam("dataset", type_=Uuid),
        "strategy": jobs.c.strategy_id == bindparam("strategy", type_=Uuid),
        "engine": jobs.c.engine == bindparam("engine", type_=Text),
        "text": contains(jobs.c.name),
        # Nobody may find out by a filter what the edges of a job would not show.
        "project": belongs_to(_PROJECT, _mine) & _in(_PROJECT),
        "any_project": _in(bindparam("any_project", type_=Uuid)),
    },
    # A list is of one's own; jobs of others are met at what one shares with them.
    paths={"admin": EVERYTHING, "member": (lying_in(jobs.c.owner_id, VIEWER),)},
)

_of_others = Listing(
    job_mapped,
    jobs,
    sorts={},
    filters={},
    paths={"admin": EVERYTHING, "member": (Path(jobs_seen()),)},
    parents={"dataset": jobs.c.dataset_id, "strategy": jobs.c.strategy_id},
)

_BY_IDS = {
    "admin": compiled(select(*job_mapped.columns).where(jobs.c.id == any_(_IDS))),
    "member": compiled(select(*job_mapped.columns).where(jobs.c.id == any_(_IDS), jobs_seen())),
}
# PostgreSQL keeps the plan for one, and makes that for a list anew each time, which takes longer than the rest.
_BY_ID = {
    "admin": compiled(select(*job_mapped.columns).where(jobs.c.id == _ID)),
    "member": compiled(select(*job_mapped.columns).where(jobs.c.id == _ID, jobs_seen())),
}


def _latest(*seen: ColumnElement[bool]) -> Query:
    """One look into the index for each dataset, however many jobs it had. Those that use it are passed by."""
    wanted = select(func.unnest(_IDS).label("id")).subquery("wanted")
    its_own = or_(*(jobs.c.kind == kind.value for kind in sorted(OF_DATASETS)))
    of_one = select(*job_mapped.columns).where(jobs.c.dataset_id == wanted.c.id, its_own, *seen)
    youngest = of_one.order_by(jobs.c.id.desc()).limit(1).lateral("youngest")
    return compiled(select(youngest).select_from(wanted.join(youngest, true())))


_LATEST = {"admin": _latest(), "member": _latest(jobs_seen())}


def _positions(*seen: ColumnElement[bool]) -> Query:
    places = positions()
    waiting = jobs.join(places, places.c.job_id == cast(jobs.c.id, Text))
    asked = (jobs.c.id == any_(_IDS)) & (jobs.c.status == JobStatus.QUEUED.value)
    return compiled(select(jobs.c.id, places.c.position).select_from(waiting).where(asked, *seen))


_POSITIONS = {"admin": _positions(), "member": _positions(jobs_seen())}


class PostgresJobReads(PostgresJobEvents, PostgresSeries, PostgresArtefacts):
    """Implements domain.jobs.stores.JobReads."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        super().__init__(reader)
        self._clock = clock

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Job | None]:
        if len(ids) == 1:
            records = await self._reader.rows(_BY_ID[access(viewer)], id=ids[0], viewer=viewer.user_id)
        else:
            records = await self._reader.rows(_BY_IDS[access(viewer)], ids=ids, viewer=viewer.user_id)
        return in_order(ids, job_mapped.by("id", records))

    async def page(self, viewer: Viewer, window: Window, filter: JobFilter) -> Page[Job]:
        return await _jobs.page(self._reader, window, access(viewer), **_values(viewer, filter))

    async def count(self, viewer: Viewer, filter: JobFilter) -> int:
        return await _jobs.count(self._reader, access(viewer), **_values(viewer, filter))

    async def latest_of_datasets(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Job | None]:
        records = await self._reader.rows(_LATEST[access(viewer)], ids=ids, viewer=viewer.user_id)
        return in_order(ids, job_mapped.by("dataset_id", records))

    async def pages_of_datasets(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Job]]:
        return await self._pages("dataset", viewer, ids, window)

    async def counts_of_datasets(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]:
        return await self._counts("dataset", viewer, ids)

    async def pages_of_strategies(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Job]]:
        return await self._pages("strategy", viewer, ids, window)

    async def counts_of_strategies(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]:
        return await self._counts("strategy", viewer, ids)

    async def queue_positions(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int | None]:
        records = await self._reader.rows(_POSITIONS[access(viewer)], ids=ids, viewer=viewer.user_id, now=self._clock())
        return in_order(ids, {record[0]: record[1] for record in records})

    async def _pages(self, below: str, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Job]]:
        return await _of_others.pages_of(self._reader, below, ids, window, access(viewer), viewer=viewer.user_id)

    async def _counts(self, below: str, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]:
        return await _of_others.counts_of(self._reader, below, ids, access(viewer), viewer=viewer.user_id)


def _values(viewer: Viewer, filter: JobFilter) -> dict[str, object]:
    return {
        "viewer": viewer.user_id,
        "kind": filter.kind,
        "statuses": filter.statuses or None,
        "dataset": filter.dataset_id,
        "strategy": filter.strategy_id,
        "engine": filter.engine,
        "text": pattern(filter.text),
        "any_project" if viewer.is_admin else "project": filter.project_id,
    }
