"""Templates: seeded by the platform, made by people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from app.factory import Factory
from domain.catalogue import AlgorithmName, SystemTemplate, TaskType, system_templates
from domain.errors import Code, Refused
from domain.ids import new_id
from domain.pages import NEWEST, OLDEST, Sort, Window
from domain.strategies.model import StrategyTemplate, TemplateFilter
from domain.viewer import Role
from persistence.templates import PostgresTemplateReads, seed_system_templates
from tests.support.people import Person, a_person

NAME = Sort("NAME", "name")
ALL = TemplateFilter()
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


async def seed(factory: Factory, templates: tuple[SystemTemplate, ...] = system_templates()) -> None:
    async with factory.engine.begin() as connection:
        await seed_system_templates(connection, templates)


async def rows(factory: Factory) -> list[tuple[object, ...]]:
    async with factory.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text("SELECT * FROM strategy_templates ORDER BY id"))]


async def own_row(factory: Factory, owner: Person, name: str) -> StrategyTemplate:
    template = StrategyTemplate(
        id=new_id(),
        name=name,
        slug=None,
        description="",
        task_type=TaskType.ORDER_EXECUTION,
        algorithm=AlgorithmName.PD,
        config_template={"epochs": 1},
        is_system=False,
        created_by=owner.user.id,
        created_at=NOON,
        updated_at=NOON,
    )
    async with factory.works() as work:
        await work.templates.add(template)
    return template


async def test_every_algorithm_of_every_task_has_a_template(factory: Factory) -> None:
    ann = await a_person(factory, "ann")
    await seed(factory)
    reads = PostgresTemplateReads(factory.reader)
    page = await reads.page(ann.viewer, Window(100, NAME), ALL)
    assert len(page.items) == await reads.count(ann.viewer, ALL) == len(system_templates())
    found = {one.slug: one for one in page.items}
    for ours in system_templates():
        stored = found[ours.slug]
        assert (stored.name, stored.description, stored.task_type, stored.algorithm, stored.config_template) == (
            ours.name,
            ours.description,
            ours.task_type,
            ours.algorithm,
            ours.config_template,
        )
        assert (stored.is_system, stored.created_by) == (True, None)
    ppo = found["portfolio-management-ppo"].config_template
    assert (ppo["epochs"], ppo["learning_rate"], ppo["batch_size"], ppo["discount"]) == (10, 0.001, 32, 0.99)


async def test_seeding_again_changes_nothing(factory: Factory) -> None:
    await own_row(factory, await a_person(factory, "ann"), "Mine")
    await seed(factory)
    before = await rows(factory)
    await seed(factory)
    assert await rows(factory) == before


async def test_seeding_brings_what_the_code_changed_and_nothing_else(factory: Factory) -> None:
    await seed(factory)
    before = {row[0]: row for row in await rows(factory)}
    first, *rest = system_templates()
    await seed(factory, (replace(first, description="New text", config_template={"epochs": 3}), *rest))
    changed = [row for row in await rows(factory) if before[row[0]] != row]
    assert len(changed) == 1
    [now] = changed
    assert {"New text", first.slug} <= {value for value in now if isinstance(value, str)}
    assert {"epochs": 3} in now


async def test_people_see_the_platforms_templates_and_their_own(factory: Factory) -> None:
    await seed(factory, system_templates()[:2])
    ann, bob = await a_person(factory, "ann"), await a_person(factory, "bob")
    admin = await a_person(factory, "root", Role.ADMIN)
    anns, bobs = await own_row(factory, ann, "Anns"), await own_row(factory, bob, "Bobs")
    reads = PostgresTemplateReads(factory.reader)
    own = TemplateFilter(is_system=False)
    for person, seen in ((ann, [anns]), (bob, [bobs]), (admin, [anns, bobs])):
        assert list((await reads.page(person.viewer, Window(100, OLDEST), own)).items) == seen
        assert await reads.count(person.viewer, ALL) == 2 + len(seen)
        wanted = [template if template in seen else None for template in (anns, bobs)]
        assert list(await reads.by_ids(person.viewer, [anns.id, bobs.id])) == wanted
    async with factory.works() as work:
        assert await work.templates.lock(ann.viewer, anns.id) == anns
    with pytest.raises(Refused) as refused:
        async with factory.works() as work:
            await work.templates.lock(ann.viewer, bobs.id)
    assert [(problem.code, problem.field) for problem in refused.value.problems] == [(Code.NOT_FOUND, ("id",))]


@pytest.mark.parametrize("sort", [NEWEST, OLDEST, NAME, Sort("NAME_DESC", "name", descending=True)])
async def test_pages_give_each_template_once_both_ways(factory: Factory, sort: Sort) -> None:
    ann = await a_person(factory, "ann")
    for name in ("b", "A", "a", "B", "c"):
        await own_row(factory, ann, name)
    await seed(factory, system_templates()[:3])
    reads = PostgresTemplateReads(factory.reader)
    whole = [one.id for one in (await reads.page(ann.viewer, Window(100, sort), ALL)).items]
    assert len(whole) == len(set(whole)) == 8
    there: list[UUID] = []
    page = await reads.page(ann.viewer, Window(3, sort), ALL)
    while True:
        there += [one.id for one in page.items]
        if not page.has_next:
            break
        page = await reads.page(ann.viewer, Window(3, sort, after=page.positions[-1]), ALL)
    assert there == whole
    back = await reads.page(ann.viewer, Window(3, sort, before=page.positions[0], backward=True), ALL)
    assert [one.id for one in back.items] == whole[3:6]


@pytest.mark.parametrize(
    ("filter_", "slugs"),
    [
        (TemplateFilter(text="eteo"), {"order-execution-eteo"}),
        (TemplateFilter(task_type=TaskType.ORDER_EXECUTION), {"order-execution-eteo", "order-execution-pd"}),
        (TemplateFilter(algorithm=AlgorithmName.DDQN), {"algorithmic-trading-ddqn", "high-frequency-trading-ddqn"}),
        (TemplateFilter(is_system=False), set()),
    ],
)
async def test_filters_pick_what_they_name(factory: Factory, filter_: TemplateFilter, slugs: set[str]) -> None:
    ann = await a_person(factory, "ann")
    await seed(factory)
    reads = PostgresTemplateReads(factory.reader)
    assert {one.slug for one in (await reads.page(ann.viewer, Window(100, NAME), filter_)).items} == slugs
    assert await reads.count(ann.viewer, filter_) == len(slugs)
