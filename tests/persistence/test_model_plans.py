"""How Postgres finds models among many, and events in long logs."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from domain.ids import new_id
from domain.jobs.events import EventKind, Level
from domain.jobs.stores import EventFilter
from domain.models.stores import ModelFilter
from domain.pages import Position, Window
from domain.viewer import Role, Viewer
from graph.jobs.log import SEQ
from graph.models.filters import ModelOrder
from persistence.database import driver_url
from tests.support.jobs import job_row
from tests.support.people import Person, a_person
from tests.support.plans import indexes, most_rows, plan_of
from tests.support.strategies import project_row
from tests.support.trainings import a_trading_strategy

MANY, PAGE, PLACES = 20_000, 20, 10
MODES = pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
_MODELS = """
INSERT INTO models (id, owner_id, job_id, strategy_id, name, task_type, algorithm, size, sha256, card, hyperparameters,
  measures, score, best_score, stage)
SELECT uuidv7(interval '1 millisecond' * (i - :many)), (CAST(:owners AS uuid[]))[1 + i % 2], :job,
  (CAST(:strategies AS uuid[]))[1 + i % 10], 'Agent', 'order_execution', 'pd', 1, '', '{}', '{}', '{}', 'sharpe',
  (i * 7919) % 1000, 'none'
FROM generate_series(1, :many) i"""
_EVENTS = """
INSERT INTO job_events (job_id, seq, at, kind, level, message, epoch, step, split, body)
SELECT :job, i, now(), CASE WHEN i % 10 = 0 THEN 'log' ELSE 'metric' END, CASE WHEN i % 10 = 0 THEN 1 END,
  CASE WHEN i % 10 = 0 THEN 'Line' END, 1, i, 'valid', '{"sharpe": 1}'
FROM generate_series(1, :many) i"""


async def filled(endpoints: Endpoints, statement: str, table: str, **values: object) -> None:
    engine = create_async_engine(driver_url(endpoints.database_url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("SET session_replication_role = replica"))
        await connection.execute(text(statement), values)
        await connection.execute(text(f"VACUUM ANALYZE {table}"))


@MODES
async def test_no_page_of_models_reads_more_than_a_few_pages(factory: Factory, endpoints: Endpoints, mode: str) -> None:
    ann, bob, eve = [await a_person(factory, name) for name in ("ann", "bob", "eve")]
    project = await project_row(factory, ann, bob)
    strategies = [str((await a_trading_strategy(factory, ann, f"s{n}", project)).id) for n in range(PLACES)]
    job = await job_row(factory.works, ann)
    owners = [str(person.user.id) for person in (ann, eve)]
    await filled(endpoints, _MODELS, "models", many=MANY, owners=owners, job=job.id, strategies=strategies)
    for viewer in (ann.viewer, bob.viewer, eve.viewer, Viewer(ann.user.id, Role.ADMIN)):
        for order in ModelOrder:
            middle = Position(500.0 if order is ModelOrder.BEST else None, new_id())
            for window in (Window(PAGE, order.value), Window(PAGE, order.value, after=middle)):

                async def page(viewer: Viewer = viewer, window: Window = window) -> object:
                    return await factory.reads.models.page(viewer, window, ModelFilter())

                nodes = await plan_of(factory.reader, endpoints.database_url, page, mode=mode)
                # A page of each strategy at worst.
                assert most_rows(nodes) <= (PLACES + 1) * (PAGE + 1), (order, viewer.role)


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@MODES
async def test_a_page_of_a_long_log_costs_the_same_at_any_depth(
    factory: Factory, endpoints: Endpoints, ann: Person, mode: str
) -> None:
    job, reads = await job_row(factory.works, ann), factory.reads.jobs
    await filled(endpoints, _EVENTS, "job_events", many=MANY, job=job.id)
    middle = Position(MANY // 2, new_id())
    for window in (
        Window(PAGE, SEQ),
        Window(PAGE, SEQ, after=middle),
        Window(PAGE, SEQ, before=middle, backward=True),
        Window(PAGE, SEQ, backward=True),
    ):

        async def logs(window: Window = window) -> object:
            return await reads.pages_of_logs(ann.viewer, [job.id], window, EventFilter(level=Level.INFO))

        async def metrics(window: Window = window) -> object:
            return await reads.pages_of_metrics(ann.viewer, [job.id], window)

        for call, index in ((logs, "ix_job_events_logs"), (metrics, "ix_job_events_metrics")):
            nodes = await plan_of(factory.reader, endpoints.database_url, call, mode=mode)
            assert index in indexes(nodes)
            assert most_rows(nodes) <= 2 * PAGE


@MODES
async def test_so_does_a_part_of_everything(factory: Factory, endpoints: Endpoints, ann: Person, mode: str) -> None:
    job, reads = await job_row(factory.works, ann), factory.reads.jobs
    await filled(endpoints, _EVENTS, "job_events", many=MANY, job=job.id)

    async def everything() -> object:
        return await reads.pages_of_events(ann.viewer, [job.id], MANY // 2, PAGE)

    async def lines() -> object:
        return await reads.events(ann.viewer, job.id, MANY // 2, PAGE, EventFilter((EventKind.LOG,)))

    for call in (everything, lines):
        assert most_rows(await plan_of(factory.reader, endpoints.database_url, call, mode=mode)) <= 2 * PAGE
