"""Jobs, read in batches."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, select

from domain.jobs.model import Job, JobFilter
from domain.pages import Page, Window
from domain.viewer import Viewer
from persistence.access import VIEWER, access
from persistence.database import Reader, in_order
from persistence.jobs import job_mapped, jobs_seen
from persistence.listing import EVERYTHING, Listing, Path
from persistence.reading import compiled
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

_by_ids = {
    "admin": compiled(select(*job_mapped.columns).where(jobs.c.id == any_(_IDS))),
    "member": compiled(select(*job_mapped.columns).where(jobs.c.id == any_(_IDS), jobs_seen())),
}
_latest = {
    name: compiled(
        select(*job_mapped.columns)
        .distinct(jobs.c.dataset_id)
        .where(jobs.c.dataset_id == any_(_IDS), *([] if name == "admin" else [jobs_seen()]))
        .order_by(jobs.c.dataset_id, jobs.c.id.desc())
    )
    for name in ("admin", "member")
}


class PostgresJobReads:
    """Implements domain.jobs.stores.JobReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Job | None]:
        records = await self._reader.rows(_by_ids[access(viewer)], ids=ids, viewer=viewer.user_id)
        return in_order(ids, job_mapped.by("id", records))

    async def page(self, viewer: Viewer, window: Window, filter: JobFilter) -> Page[Job]:
        values = _values(filter)
        return await _jobs.page(self._reader, window, access(viewer), viewer=viewer.user_id, **values)

    async def count(self, viewer: Viewer, filter: JobFilter) -> int:
        return await _jobs.count(self._reader, access(viewer), viewer=viewer.user_id, **_values(filter))

    async def latest_of_datasets(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Job | None]:
        records = await self._reader.rows(_latest[access(viewer)], ids=ids, viewer=viewer.user_id)
        return in_order(ids, job_mapped.by("dataset_id", records))


def _values(filter: JobFilter) -> dict[str, object]:
    return {"kind": filter.kind, "statuses": filter.statuses or None, "dataset": filter.dataset_id}
