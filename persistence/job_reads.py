"""Jobs, read in batches."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, any_, bindparam, func, select, true

from domain.jobs.model import Job, JobFilter
from domain.pages import Page, Window
from domain.viewer import Viewer
from persistence.access import VIEWER, access
from persistence.database import Reader, in_order
from persistence.jobs import job_mapped, jobs_seen
from persistence.listing import EVERYTHING, Listing, Path
from persistence.reading import Query, compiled
from persistence.tables.jobs import jobs

_IDS = bindparam("ids", type_=ARRAY(Uuid))

_jobs = Listing(
    job_mapped,
    jobs,
    sorts={},
    filters={
        "kind": jobs.c.kind == bindparam("kind", type_=Text),
        "statuses": jobs.c.status == any_(bindparam("statuses", type_=ARRAY(Text))),
        "dataset": jobs.c.dataset_id == bindparam("dataset", type_=Uuid),
    },
    # A list is of one's own; jobs of others are met at the datasets that one shares with them.
    paths={"admin": EVERYTHING, "member": (Path(jobs.c.owner_id == VIEWER),)},
)

_of_datasets = Listing(
    job_mapped,
    jobs,
    sorts={},
    filters={},
    paths={"admin": EVERYTHING, "member": (Path(jobs_seen()),)},
    parents={"dataset": jobs.c.dataset_id},
)

_BY_IDS = {
    "admin": compiled(select(*job_mapped.columns).where(jobs.c.id == any_(_IDS))),
    "member": compiled(select(*job_mapped.columns).where(jobs.c.id == any_(_IDS), jobs_seen())),
}


def _latest(*seen: ColumnElement[bool]) -> Query:
    """One look into the index for each dataset, however many jobs it had."""
    wanted = select(func.unnest(_IDS).label("id")).subquery("wanted")
    of_one = select(*job_mapped.columns).where(jobs.c.dataset_id == wanted.c.id, *seen)
    youngest = of_one.order_by(jobs.c.id.desc()).limit(1).lateral("youngest")
    return compiled(select(youngest).select_from(wanted.join(youngest, true())))


_LATEST = {"admin": _latest(), "member": _latest(jobs_seen())}


class PostgresJobReads:
    """Implements domain.jobs.stores.JobReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Job | None]:
        records = await self._reader.rows(_BY_IDS[access(viewer)], ids=ids, viewer=viewer.user_id)
        return in_order(ids, job_mapped.by("id", records))

    async def page(self, viewer: Viewer, window: Window, filter: JobFilter) -> Page[Job]:
        values = _values(filter)
        return await _jobs.page(self._reader, window, access(viewer), viewer=viewer.user_id, **values)

    async def count(self, viewer: Viewer, filter: JobFilter) -> int:
        return await _jobs.count(self._reader, access(viewer), viewer=viewer.user_id, **_values(filter))

    async def latest_of_datasets(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Job | None]:
        records = await self._reader.rows(_LATEST[access(viewer)], ids=ids, viewer=viewer.user_id)
        return in_order(ids, job_mapped.by("dataset_id", records))

    async def pages_of_datasets(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Job]]:
        return await _of_datasets.pages_of(self._reader, "dataset", ids, window, access(viewer), viewer=viewer.user_id)

    async def counts_of_datasets(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]:
        return await _of_datasets.counts_of(self._reader, "dataset", ids, access(viewer), viewer=viewer.user_id)


def _values(filter: JobFilter) -> dict[str, object]:
    return {"kind": filter.kind, "statuses": filter.statuses or None, "dataset": filter.dataset_id}
