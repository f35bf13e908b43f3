"""How Postgres finds a page among many strategies."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from domain.pages import NEWEST, OLDEST, Page, Position, Sort, Window
from domain.strategies.model import Strategy, StrategyFilter
from domain.viewer import Role, Viewer
from persistence.database import driver_url
from persistence.strategy_reads import PostgresStrategyReads
from tests.support.people import Person, a_person
from tests.support.plans import indexes, most_rows, plan_of
from tests.support.strategies import project_row

MANY = 20_000
PAGE = 20
PROJECTS = 3
# A page from each path, and what lies between the rows of one project in the order of age.
FEW = MANY // 40
ALL = StrategyFilter()
SORTS = (
    NEWEST,
    OLDEST,
    Sort("NAME", "name"),
    Sort("NAME_DESC", "name", descending=True),
    Sort("UPDATED", "updated_at", descending=True, kind=datetime),
)
_FILL = """
INSERT INTO strategies
  (id, owner_id, project_id, name, description, task_type, algorithm, config, status, tags, version, updated_at)
SELECT uuidv7(interval '1 millisecond' * (i - :many)), CAST(:owner AS uuid),
  (CAST(:projects AS uuid[]))[1 + i % (2 * :count)],
  'Strategy ' || md5(i::text) || ' ' || i, 'momentum ' || md5((i + 1000000)::text), 'portfolio_management', 'ppo', '{}',
  'draft', '{}', 1, now() - interval '1 second' * ((i * 7919) % 10000)
FROM generate_series(1, :many) i
"""


class Crowd:
    """Ann has very many strategies, half of them in projects; Bob is in those projects."""

    ann: Person
    bob: Person

    def __init__(self, factory: Factory, url: str) -> None:
        self.factory = factory
        self.url = url
        self.reads = PostgresStrategyReads(factory.reader)

    async def fill(self) -> None:
        self.ann, self.bob = await a_person(self.factory, "ann"), await a_person(self.factory, "bob")
        projects = [await project_row(self.factory, self.ann, self.bob) for _ in range(PROJECTS)]
        values = {"many": MANY, "owner": self.ann.user.id, "count": PROJECTS, "projects": [one.id for one in projects]}
        engine = create_async_engine(driver_url(self.url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(_FILL), values)
            await connection.execute(text("VACUUM ANALYZE strategies"))
            await connection.execute(text("ANALYZE project_members"))

    @property
    def viewers(self) -> list[Viewer]:
        return [self.ann.viewer, self.bob.viewer, Viewer(self.bob.user.id, Role.ADMIN)]

    async def deep(self, viewer: Viewer, sort: Sort) -> Page[Strategy]:
        """The page in the middle of what the viewer sees."""
        key = {"name": "lower(name)"}.get(sort.key or "id", sort.key or "id")
        direction = "DESC" if sort.descending else "ASC"
        seen = "project_id IS NOT NULL" if viewer == self.bob.viewer else "true"
        statement = text(
            f"SELECT {key} AS key, id FROM strategies WHERE {seen} "
            f"ORDER BY {key} {direction}, id {direction} OFFSET {MANY // 4} LIMIT 1"
        )
        async with self.factory.engine.connect() as connection:
            key, id_ = (await connection.execute(statement)).one()
        return await self.reads.page(viewer, Window(PAGE, sort, after=Position(key, id_)), ALL)


@pytest.fixture
async def crowd(factory: Factory, endpoints: Endpoints) -> Crowd:
    made = Crowd(factory, endpoints.database_url)
    await made.fill()
    return made


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_a_deep_page_reads_no_more_than_a_few_pages(crowd: Crowd, mode: str) -> None:
    for viewer in crowd.viewers:
        for sort in SORTS:
            window = (await crowd.deep(viewer, sort)).window
            for part in (window, Window(PAGE, sort, before=window.after, backward=True), Window(PAGE, sort)):

                async def call(viewer: Viewer = viewer, part: Window = part) -> object:
                    return await crowd.reads.page(viewer, part, ALL)

                nodes = await plan_of(crowd.factory.reader, crowd.url, call, mode=mode)
                assert not any(node["Node Type"] == "Seq Scan" for node in nodes if node.get("Alias") == "strategies")
                assert most_rows(nodes) <= FEW, (viewer.role, sort.name, part)


async def test_text_is_found_by_the_trigram_index(crowd: Crowd) -> None:
    async with crowd.factory.engine.connect() as connection:
        names = (await connection.execute(text("SELECT name FROM strategies ORDER BY id LIMIT 7"))).scalars().all()
    wanted = StrategyFilter(text=names[-1][9:41].upper())
    for viewer in crowd.viewers:
        for sort in SORTS:

            async def call(viewer: Viewer = viewer, sort: Sort = sort) -> object:
                return await crowd.reads.page(viewer, Window(PAGE, sort), wanted)

            nodes = await plan_of(crowd.factory.reader, crowd.url, call)
            assert "ix_strategies_trgm" in indexes(nodes)
            assert most_rows(nodes) < 100
    assert [one.name for one in (await crowd.reads.page(crowd.ann.viewer, Window(PAGE, NEWEST), wanted)).items] == [
        names[-1]
    ]


async def test_a_word_that_everything_has_is_found_by_walking_the_list(crowd: Crowd) -> None:
    """The planner knows how common a word is: it does not collect 20,000 rows to show 20."""
    for viewer in crowd.viewers:

        async def call(viewer: Viewer = viewer) -> object:
            return await crowd.reads.page(viewer, Window(PAGE, NEWEST), StrategyFilter(text="momentum"))

        assert most_rows(await plan_of(crowd.factory.reader, crowd.url, call)) < MANY
