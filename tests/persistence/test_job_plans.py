"""How Postgres finds jobs among many."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from app.probes import open_jobs
from domain.jobs.model import JobFilter
from domain.jobs.status import JobStatus
from domain.pages import NEWEST, OLDEST, Position, Window
from domain.viewer import Role, Viewer
from persistence.database import driver_url
from tests.support.jobs import dataset_row
from tests.support.people import Person, a_person
from tests.support.plans import indexes, most_rows, plan_of

MANY, PAGE, OPEN_ONES = 20_000, 20, 20
_FILL = """
INSERT INTO jobs (id, owner_id, dataset_id, kind, name, status, queued_at)
SELECT uuidv7(interval '1 millisecond' * (i - :many)), (CAST(:owners AS uuid[]))[1 + i % 2], CAST(:dataset AS uuid),
  'inspection', 'Inspect', CASE WHEN i % :every = 0 THEN 'queued' ELSE 'completed' END, now()
FROM generate_series(1, :many) i
"""


@pytest.fixture
async def ann(factory: Factory, endpoints: Endpoints) -> Person:
    """Half of the jobs are hers, and one in a thousand is not over."""
    ann, bob = await a_person(factory, "ann"), await a_person(factory, "bob")
    dataset = await dataset_row(factory.engine, ann)
    values = {
        "many": MANY,
        "owners": [bob.user.id, ann.user.id],
        "dataset": dataset,
        "every": MANY // OPEN_ONES - 1,
    }
    engine = create_async_engine(driver_url(endpoints.database_url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(_FILL), values)
        await connection.execute(text("VACUUM ANALYZE jobs"))
    return ann


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_no_page_reads_more_than_a_few_pages(
    factory: Factory, endpoints: Endpoints, ann: Person, mode: str
) -> None:
    reads, url = factory.reads.jobs, endpoints.database_url
    async with factory.engine.connect() as connection:
        middle = (
            await connection.execute(text(f"SELECT id FROM jobs ORDER BY id OFFSET {MANY // 2} LIMIT 1"))
        ).scalar()
    assert middle
    for viewer in (ann.viewer, Viewer(ann.user.id, Role.ADMIN)):
        for sort in (NEWEST, OLDEST):
            for window in (Window(PAGE, sort), Window(PAGE, sort, after=Position(middle, middle))):

                async def page(viewer: Viewer = viewer, window: Window = window) -> object:
                    return await reads.page(viewer, window, JobFilter())

                assert most_rows(await plan_of(factory.reader, url, page, mode=mode)) <= 2 * PAGE + 2


async def test_rare_statuses_are_not_searched_among_all(factory: Factory, endpoints: Endpoints, ann: Person) -> None:
    async def page() -> object:
        wanted = JobFilter(statuses=(JobStatus.QUEUED, JobStatus.RUNNING))
        return await factory.reads.jobs.page(ann.viewer, Window(PAGE, NEWEST), wanted)

    assert most_rows(await plan_of(factory.reader, endpoints.database_url, page)) <= 2 * OPEN_ONES


async def test_the_youngest_job_of_a_dataset_is_one_look(factory: Factory, endpoints: Endpoints, ann: Person) -> None:
    async with factory.engine.connect() as connection:
        dataset = (await connection.execute(text("SELECT id FROM datasets"))).scalar_one()

    async def latest() -> object:
        return await factory.reads.jobs.latest_of_datasets(ann.viewer, [dataset])

    assert most_rows(await plan_of(factory.reader, endpoints.database_url, latest)) <= 2


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_open_jobs_are_counted_by_their_index(
    factory: Factory, endpoints: Endpoints, ann: Person, mode: str
) -> None:
    async def count() -> object:
        return await open_jobs(factory.reader)

    nodes = await plan_of(factory.reader, endpoints.database_url, count, mode=mode)
    assert indexes(nodes) == {"ix_jobs_open"}
    assert most_rows(nodes) <= OPEN_ONES
