"""Lists of strategies in Postgres: in order, each once, and only to those who may see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.factory import Factory
from domain.catalogue import AlgorithmName, TaskType
from domain.pages import NEWEST, OLDEST, Page, Sort, Window
from domain.projects.model import Project
from domain.strategies.model import Strategy, StrategyFilter
from domain.strategies.status import StrategyStatus
from domain.viewer import Role, Viewer
from persistence.strategy_reads import PostgresStrategyReads
from tests.support.clock import StandingClock
from tests.support.people import Person, a_person
from tests.support.statements import counted
from tests.support.strategies import ids_of, project_row, strategy_row

ALL = StrategyFilter()
NAME, NAME_DESC = Sort("NAME", "name"), Sort("NAME_DESC", "name", descending=True)
UPDATED = Sort("UPDATED", "updated_at", descending=True, kind=datetime)
UPDATED_ASC = Sort("UPDATED_ASC", "updated_at", kind=datetime)
ORDERS = {
    NEWEST: "id DESC",
    OLDEST: "id",
    NAME: "lower(name), id",
    NAME_DESC: "lower(name) DESC, id DESC",
    UPDATED: "updated_at DESC, id DESC",
    UPDATED_ASC: "updated_at, id",
}
each_order = pytest.mark.parametrize("sort", ORDERS, ids=lambda sort: sort.name)


class World:
    """Ann and Bob share a project; each has more of their own, and Bob a project that Ann is not in."""

    ann: Person
    bob: Person
    shared: Project
    bobs: Project
    reads: PostgresStrategyReads

    def __init__(self, factory: Factory) -> None:
        self.factory = factory
        self.reads = PostgresStrategyReads(factory.reader)

    async def fill(self, clock: StandingClock) -> None:
        self.ann, self.bob = await a_person(self.factory, "ann"), await a_person(self.factory, "bob")
        self.shared = await project_row(self.factory, self.ann, self.bob)
        self.bobs = await project_row(self.factory, self.bob)
        # The same names in other letters, and the same times, so that only ids tell them apart.
        for number, name in enumerate(("beta", "Alpha", "gamma", "ALPHA 2", "Delta")):
            clock.advance(seconds=number % 2)
            await strategy_row(self.factory, self.ann, name, self.shared)
            await strategy_row(self.factory, self.ann, f"{name} x")
            await strategy_row(self.factory, self.bob, name.upper(), self.shared)
            await strategy_row(self.factory, self.bob, f"{name} y", self.bobs)

    async def expected(self, viewer: Viewer, order: str) -> list[UUID]:
        """What the viewer may see, said in another way."""
        mine = "SELECT project_id FROM project_members WHERE user_id = :viewer"
        seen = "true" if viewer.is_admin else f"owner_id = :viewer OR project_id IN ({mine})"
        statement = text(f"SELECT id FROM strategies WHERE {seen} ORDER BY {order}")
        async with self.factory.engine.connect() as connection:
            return list((await connection.execute(statement, {"viewer": viewer.id})).scalars())


@pytest.fixture
async def world(factory: Factory, clock: StandingClock) -> World:
    made = World(factory)
    await made.fill(clock)
    return made


async def forward(world: World, viewer: Viewer, sort: Sort, size: int) -> list[UUID]:
    found: list[UUID] = []
    page: Page[Strategy] | None = None
    while page is None or page.has_next:
        after = page.positions[-1] if page else None
        assert page is None or page.items
        page = await world.reads.page(viewer, Window(size, sort, after=after), ALL)
        assert page.has_previous is (after is not None)
        found += ids_of(page.items)
    return found


async def backward(world: World, viewer: Viewer, sort: Sort, size: int) -> list[UUID]:
    found: list[UUID] = []
    page: Page[Strategy] | None = None
    while page is None or page.has_previous:
        before = page.positions[0] if page else None
        page = await world.reads.page(viewer, Window(size, sort, before=before, backward=True), ALL)
        assert page.has_next is (before is not None)
        found = ids_of(page.items) + found
    return found


@each_order
@pytest.mark.parametrize("size", [1, 3, 15, 100])
async def test_pages_give_each_strategy_once_and_in_order_both_ways(world: World, sort: Sort, size: int) -> None:
    for viewer in (world.ann.viewer, Viewer(world.bob.user.id, Role.ADMIN)):
        expected = await world.expected(viewer, ORDERS[sort])
        assert await forward(world, viewer, sort, size) == expected
        assert await backward(world, viewer, sort, size) == expected


@each_order
async def test_what_comes_or_goes_between_pages_moves_nothing_else(world: World, sort: Sort) -> None:
    viewer = world.ann.viewer
    expected = await world.expected(viewer, ORDERS[sort])
    first = await world.reads.page(viewer, Window(5, sort), ALL)
    for name in ("0", "m", "zz"):
        await strategy_row(world.factory, world.bob, f"{name} new", world.shared)
    async with world.factory.works() as work:
        await work.strategies.delete(first.items[-1].id)
        await work.strategies.delete(first.items[0].id)
    rest = await world.reads.page(viewer, Window(100, sort, after=first.positions[-1]), ALL)
    assert [id_ for id_ in ids_of(rest.items) if id_ in expected] == expected[5:]


@each_order
async def test_between_two_cursors_is_what_lies_between_them(world: World, sort: Sort) -> None:
    viewer = world.ann.viewer
    whole = await world.reads.page(viewer, Window(100, sort), ALL)
    part = Window(100, sort, after=whole.positions[2], before=whole.positions[8])
    assert ids_of((await world.reads.page(viewer, part, ALL)).items) == ids_of(whole.items[3:8])


async def test_ones_own_strategy_in_ones_own_project_appears_once(world: World) -> None:
    viewer = world.ann.viewer
    page = await world.reads.page(viewer, Window(100, NEWEST), ALL)
    ids = ids_of(page.items)
    assert len(ids) == len(set(ids)) == 15
    assert await world.reads.count(viewer, ALL) == 15
    for filter_ in (StrategyFilter(text="alpha"), StrategyFilter(statuses=(StrategyStatus.DRAFT,))):
        ids = ids_of((await world.reads.page(viewer, Window(100, NAME), filter_)).items)
        assert len(ids) == len(set(ids)) == await world.reads.count(viewer, filter_)


async def test_a_stranger_sees_nothing_and_an_admin_everything(world: World) -> None:
    stranger, admin = await a_person(world.factory, "eve"), await a_person(world.factory, "root", Role.ADMIN)
    every = await world.expected(admin.viewer, "id")
    for person, seen in ((stranger, []), (admin, every)):
        viewer = person.viewer
        assert ids_of((await world.reads.page(viewer, Window(100, OLDEST), ALL)).items) == seen
        assert await world.reads.count(viewer, ALL) == len(seen)
        found = await world.reads.by_ids(viewer, every)
        assert ids_of([strategy for strategy in found if strategy]) == seen
        pages = await world.reads.pages_in_projects(viewer, [world.shared.id], Window(100, OLDEST), ALL)
        assert len(pages[0].items) == (10 if seen else 0)
        assert list(await world.reads.counts_in_projects(viewer, [world.shared.id], ALL)) == [len(pages[0].items)]
        assert list(await world.reads.counts_of_owners(viewer, [world.ann.user.id], ALL)) == [10 if seen else 0]


async def test_a_member_who_leaves_sees_nothing_more(world: World) -> None:
    viewer = world.bob.viewer
    async with world.factory.works() as work:
        member = await work.members.get(world.shared.id, world.bob.user.id)
        assert member is not None
        await work.members.delete(member.id)
    seen = (await world.reads.page(viewer, Window(100, OLDEST), ALL)).items
    assert {strategy.owner_id for strategy in seen} == {viewer.id}


@pytest.mark.parametrize(
    ("filter_", "names"),
    [
        (StrategyFilter(text="GAM"), {"gamma", "GAMMA", "gamma x"}),
        (StrategyFilter(text="100%"), {"ds"}),
        (StrategyFilter(text="said_of"), set()),
        (StrategyFilter(text="what is said of"), {"ds"}),
        (StrategyFilter(task_type=TaskType.ORDER_EXECUTION), {"ds"}),
        (StrategyFilter(algorithm=AlgorithmName.PD), {"ds"}),
        (StrategyFilter(tags=("a", "b")), {"ds"}),
        (StrategyFilter(tags=("a", "c")), set()),
        (StrategyFilter(statuses=(StrategyStatus.ARCHIVED,)), {"put away"}),
        (StrategyFilter(statuses=(StrategyStatus.ERROR, StrategyStatus.ARCHIVED)), {"put away", "ds"}),
        (StrategyFilter(text="put away"), set()),
        (StrategyFilter(tags=("a",), text="ds", algorithm=AlgorithmName.PD), {"ds"}),
    ],
)
async def test_filters_pick_what_they_name(world: World, filter_: StrategyFilter, names: set[str]) -> None:
    special: dict[str, Any] = {"task_type": TaskType.ORDER_EXECUTION, "algorithm": AlgorithmName.PD}
    special |= {"tags": ("a", "b"), "status": StrategyStatus.ERROR, "description": "what is said of it: 100%"}
    await strategy_row(world.factory, world.ann, "ds", **special)
    await strategy_row(world.factory, world.ann, "put away", world.shared, status=StrategyStatus.ARCHIVED)
    page = await world.reads.page(world.ann.viewer, Window(100, NAME), filter_)
    assert {strategy.name for strategy in page.items} == names
    assert await world.reads.count(world.ann.viewer, filter_) == len(page.items)


async def test_each_parent_gets_its_own_page_in_one_statement(world: World) -> None:
    viewer = world.bob.viewer
    parents = [world.bobs.id, world.shared.id, world.ann.user.id]
    with counted(world.factory.reader) as statements:
        pages = await world.reads.pages_in_projects(viewer, parents, Window(3, NAME_DESC), ALL)
    assert len(statements) == 1
    assert [[strategy.name for strategy in page.items] for page in pages] == [
        ["gamma y", "Delta y", "beta y"],
        ["GAMMA", "gamma", "DELTA"],
        [],
    ]
    assert [page.has_next for page in pages] == [True, True, False]
    with counted(world.factory.reader) as statements:
        counts = await world.reads.counts_in_projects(viewer, parents, ALL)
    assert (list(counts), len(statements)) == ([5, 10, 0], 1)


async def test_a_filter_tells_nothing_that_the_edge_would_not(world: World) -> None:
    """Bob leaves: Ann may not see who he is any more, nor he the project that his strategies lie in."""
    ann, bob = world.ann.viewer, world.bob.viewer
    by_project, by_owner = StrategyFilter(project_id=world.shared.id), StrategyFilter(owner_id=world.bob.user.id)
    assert await world.reads.count(bob, by_project) == 10
    assert await world.reads.count(ann, by_owner) == 5
    async with world.factory.works() as work:
        member = await work.members.get(world.shared.id, world.bob.user.id)
        assert member is not None
        await work.members.delete(member.id)
    for viewer, filter_ in ((bob, by_project), (ann, by_owner)):
        assert await world.reads.count(viewer, filter_) == 0
        assert (await world.reads.page(viewer, Window(10, NEWEST), filter_)).items == []
    admin = Viewer(world.ann.user.id, Role.ADMIN)
    assert await world.reads.count(admin, by_project) == 10
    assert await world.reads.count(admin, by_owner) == 10


async def test_what_changed_last_comes_first(world: World, clock: StandingClock) -> None:
    page = await world.reads.page(world.ann.viewer, Window(100, UPDATED), ALL)
    oldest = page.items[-1]
    async with world.factory.works() as work:
        locked, _ = await work.strategies.lock(Viewer(oldest.owner_id), oldest.id)
        assert locked == oldest
        await work.strategies.save(replace(locked, updated_at=clock() + timedelta(hours=1)))
    again = await world.reads.page(world.ann.viewer, Window(1, UPDATED), ALL)
    assert ids_of(again.items) == [oldest.id]
