"""Strategies and their versions, as they are written."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.factory import Factory
from domain.catalogue import AlgorithmName, TaskType
from domain.errors import Code, Problem, Refused
from domain.ids import new_id
from domain.pages import Sort, Window
from domain.projects.model import MemberRole
from domain.strategies.changes import NewStrategy, StrategyChanges, Words
from domain.strategies.model import Strategy, StrategyVersion
from domain.viewer import Role, Viewer
from persistence.strategy_reads import PostgresStrategyReads
from tests.support.clock import StandingClock
from tests.support.people import Person, a_person
from tests.support.statements import counted
from tests.support.strategies import project_row, strategy_row

LATEST = Sort("LATEST", "version_number", descending=True, kind=int)


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
async def bob(factory: Factory) -> Person:
    return await a_person(factory, "bob")


async def made(factory: Factory, who: Person, name: str = "Alpha", **config: object) -> Strategy:
    new = NewStrategy(
        words=Words(name=name),
        task_type=TaskType.PORTFOLIO_MANAGEMENT,
        algorithm=AlgorithmName.PPO,
        config=config,
    )
    return await factory.use.strategies.create(who.viewer, new)


async def run(factory: Factory, statement: str, **values: object) -> list[tuple[object, ...]]:
    async with factory.engine.begin() as connection:
        result = await connection.execute(text(statement), values)
        return [tuple(row) for row in result] if result.returns_rows else []


async def test_what_is_stored_comes_back_as_it_was(factory: Factory, ann: Person) -> None:
    project = await project_row(factory, ann)
    tm_config = {"list": [1, 2.5, None], "text": "ä", "deep": {"on": True}}
    stored = await strategy_row(factory, ann, "Ümläut", project, tags=("b", "a"), tm_config=tm_config)
    async with factory.works() as work:
        assert await work.strategies.lock(ann.viewer, stored.id) == (stored, MemberRole.OWNER)
    assert list(await PostgresStrategyReads(factory.reader).by_ids(ann.viewer, [stored.id])) == [stored]


async def test_only_who_sees_a_strategy_may_hold_it(factory: Factory, ann: Person, bob: Person) -> None:
    project = await project_row(factory, ann)
    stored = await strategy_row(factory, ann, "Alpha", project)
    hidden = (Problem(Code.NOT_FOUND, "There is no such strategy, or you may not see it.", ("id",)),)
    for viewer, id_ in ((bob.viewer, stored.id), (ann.viewer, new_id())):
        with pytest.raises(Refused) as refused:
            async with factory.works() as work:
                await work.strategies.lock(viewer, id_)
        assert refused.value.problems == hidden
    async with factory.works() as work:
        assert (await work.strategies.lock(Viewer(bob.user.id, Role.ADMIN), stored.id))[1] is None


async def test_a_name_is_unique_for_its_owner_whatever_the_case(factory: Factory, ann: Person, bob: Person) -> None:
    await strategy_row(factory, ann, "Straße")
    await strategy_row(factory, bob, "STRAßE")
    with pytest.raises(Refused) as refused:
        await strategy_row(factory, ann, "sTRAßE")
    [problem] = refused.value.problems
    assert (problem.code, problem.field) == (Code.ALREADY_EXISTS, ("name",))


async def test_of_many_who_take_a_name_at_once_one_gets_it(factory: Factory, ann: Person) -> None:
    tries = await asyncio.gather(*(made(factory, ann, "Alpha") for _ in range(5)), return_exceptions=True)
    refused = [one for one in tries if isinstance(one, Refused)]
    assert len(refused) == 4
    assert {one.problems[0].code for one in refused} == {Code.ALREADY_EXISTS}


async def test_versions_count_up_by_one_however_many_change_at_once(factory: Factory, ann: Person) -> None:
    strategy = await made(factory, ann, epochs=1)
    changes = (StrategyChanges(config={"epochs": epochs}) for epochs in range(2, 8))
    await asyncio.gather(*(factory.use.strategies.update(ann.viewer, strategy.id, change) for change in changes))
    reads = PostgresStrategyReads(factory.reader)
    [page] = await reads.versions_of(ann.viewer, [strategy.id], Window(100, LATEST))
    assert [version.version_number for version in page.items] == [7, 6, 5, 4, 3, 2, 1]
    [now] = await reads.by_ids(ann.viewer, [strategy.id])
    assert now is not None
    assert (now.version, now.config) == (7, page.items[0].config)


async def test_of_many_who_expect_one_version_one_changes_it(factory: Factory, ann: Person) -> None:
    strategy = await made(factory, ann, epochs=1)
    changes = (StrategyChanges(config={"epochs": epochs}, expected_version=1) for epochs in range(2, 7))
    tries = await asyncio.gather(
        *(factory.use.strategies.update(ann.viewer, strategy.id, change) for change in changes), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in tries) == ["Refused"] * 4 + ["Strategy"]


@pytest.mark.parametrize(
    "change",
    [
        "config = '{}'",
        "message = 'x'",
        "version_number = 9",
        "strategy_id = uuidv7()",
        "created_at = now()",
        "author_id = NULL, message = 'x'",
        "id = uuidv7()",
        "author_id = author_id",
    ],
)
async def test_a_version_never_changes(factory: Factory, ann: Person, change: str) -> None:
    await made(factory, ann)
    before = await run(factory, "SELECT * FROM strategy_versions")
    with pytest.raises(DBAPIError, match="strategy_versions is append only"):
        await run(factory, f"UPDATE strategy_versions SET {change}")
    assert await run(factory, "SELECT * FROM strategy_versions") == before


async def test_versions_go_with_their_strategy(factory: Factory, ann: Person) -> None:
    strategy = await made(factory, ann)
    await made(factory, ann, "Beta")
    await run(factory, "DELETE FROM strategies WHERE id = :id", id=strategy.id)
    assert await run(factory, "SELECT count(*) FROM strategy_versions") == [(1,)]


async def test_an_author_who_goes_is_forgotten_and_an_owner_takes_everything_along(
    factory: Factory, ann: Person, bob: Person
) -> None:
    strategy = await made(factory, ann)
    async with factory.works() as work:
        await work.versions.add(StrategyVersion(new_id(), strategy.id, 2, {}, "by Bob", bob.user.id, factory.clock()))
    await run(factory, "DELETE FROM users WHERE id = :id", id=bob.user.id)
    versions = "SELECT version_number, message, author_id FROM strategy_versions ORDER BY version_number"
    assert await run(factory, versions) == [(1, "First version", ann.user.id), (2, "by Bob", None)]
    await run(factory, "DELETE FROM users WHERE id = :id", id=ann.user.id)
    assert await run(factory, "SELECT (SELECT count(*) FROM strategies), (SELECT count(*) FROM strategy_versions)") == [
        (0, 0)
    ]


async def test_a_project_that_goes_leaves_its_strategies(factory: Factory, ann: Person) -> None:
    project = await project_row(factory, ann)
    await strategy_row(factory, ann, "Alpha", project)
    await run(factory, "DELETE FROM projects")
    assert await run(factory, "SELECT name, project_id FROM strategies") == [("Alpha", None)]


async def test_versions_are_read_in_batches_by_those_who_see_the_strategy(
    factory: Factory, ann: Person, bob: Person
) -> None:
    ids: list[UUID] = []
    for number in range(3):
        strategy = await made(factory, ann, f"S{number}", epochs=1)
        await factory.use.strategies.update(ann.viewer, strategy.id, StrategyChanges(config={"epochs": 2}))
        ids.append(strategy.id)
    reads = PostgresStrategyReads(factory.reader)
    keys = [(ids[2], 2), (ids[0], 1), (ids[1], 3), (ids[0], 1)]
    with counted(factory.reader) as statements:
        found = await reads.versions_at(ann.viewer, keys)
        pages = await reads.versions_of(ann.viewer, ids, Window(1, LATEST))
    assert len(statements) == 2
    assert [one and (one.strategy_id, one.version_number) for one in found] == [keys[0], keys[1], None, keys[3]]
    assert [[version.version_number for version in page.items] for page in pages] == [[2], [2], [2]]
    assert [page.has_next for page in pages] == [True, True, True]

    version_ids = [page.items[0].id for page in pages]
    assert list(await reads.versions_at(bob.viewer, keys)) == [None] * 4
    assert [len(page.items) for page in await reads.versions_of(bob.viewer, ids, Window(1, LATEST))] == [0, 0, 0]
    assert list(await reads.versions_by_ids(bob.viewer, version_ids)) == [None] * 3
    again = await reads.versions_by_ids(Viewer(bob.user.id, Role.ADMIN), version_ids)
    assert [one.id for one in again if one] == version_ids


async def test_a_change_is_dated(factory: Factory, ann: Person, clock: StandingClock) -> None:
    strategy = await made(factory, ann)
    clock.advance(hours=1)
    changed = await factory.use.strategies.update(ann.viewer, strategy.id, StrategyChanges(words=Words(name="New")))
    assert (changed.created_at, changed.updated_at) == (
        strategy.created_at,
        strategy.updated_at + timedelta(hours=1),
    )
