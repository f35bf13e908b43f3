"""Who may no longer see a job hears nothing more of it."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from app.factory import Factory
from domain.ids import new_id
from domain.jobs.model import Job
from domain.jobs.status import JobKind
from domain.projects.model import Member, MemberRole
from domain.projects.service import ProjectChanges
from domain.viewer import Role
from graph.ids import encode
from tests.graph.live.following import Follower, following
from tests.support.events import a_running_job, lines, told
from tests.support.jobs import dataset_row
from tests.support.people import Person, a_person
from tests.support.town import Town

WITHIN_S = 5
BOARD = "subscription($filter: JobsChangedFilter!) { jobsChanged(filter: $filter, maxPerSecond: 10) { id status } }"


@pytest.fixture
async def bob(factory: Factory) -> Person:
    return await a_person(factory, "bob")


@pytest.fixture
async def project(factory: Factory, ann: Person, bob: Person) -> UUID:
    """Ann's; bob looks on."""
    made = await factory.use.projects.create(ann.viewer, ProjectChanges(name="Alpha"))
    now = factory.clock()
    async with factory.works() as work:
        await work.members.add(Member(new_id(), made.id, bob.user.id, MemberRole.VIEWER, now, now))
    return made.id


@pytest.fixture
async def job(factory: Factory, ann: Person, project: UUID) -> Job:
    dataset = await dataset_row(factory.engine, ann, project)
    return await a_running_job(factory, ann, *lines("a"), dataset_id=dataset, kind=JobKind.INSPECTION)


async def ends(follower: Follower) -> str:
    async with asyncio.timeout(WITHIN_S):
        return await follower.refusal()


async def test_a_member_who_is_removed(
    town: Town, factory: Factory, ann: Person, bob: Person, project: UUID, job: Job
) -> None:
    async with following(town, bob, job) as bobs, following(town, ann, job) as anns:
        assert (await bobs.seqs(2), await anns.seqs(2)) == ([0, 1], [0, 1])
        removal = {"projectId": encode("Project", project), "userId": bob.id}
        assert await town.api.do("removeMember", ann, removal) == {"errors": []}
        assert await ends(bobs) == "FORBIDDEN"
        await told(factory, job, *lines("b"))
        assert await anns.seqs(1) == [2]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await bobs.talker.hear()


async def test_what_moved_out_of_sight_without_a_word(town: Town, factory: Factory, bob: Person, job: Job) -> None:
    async with following(town, bob, job) as bobs:
        assert await bobs.seqs(2) == [0, 1]
        async with factory.engine.begin() as connection:
            await connection.execute(text("UPDATE datasets SET project_id = NULL"))
        assert await ends(bobs) == "FORBIDDEN"


async def test_an_admin_who_is_none_any_more(town: Town, factory: Factory, ann: Person, job: Job) -> None:
    first, second = await a_person(factory, "ada", Role.ADMIN), await a_person(factory, "eve", Role.ADMIN)
    async with following(town, second, job) as follower:
        assert await follower.seqs(2) == [0, 1]
        assert await town.api.do("setUserRole", first, {"id": second.id, "role": "USER"}) == {"errors": []}
        assert await ends(follower) == "FORBIDDEN"


async def test_a_change_in_another_process(
    town: Town, factory: Factory, ann: Person, bob: Person, project: UUID, job: Job
) -> None:
    async with following(town, bob, job) as bobs:
        assert await bobs.seqs(2) == [0, 1]
        await factory.use.projects.remove(ann.viewer, project, bob.user.id)
        assert await ends(bobs) == "FORBIDDEN"


@pytest.mark.parametrize("of", ["project", "dataset"])
async def test_a_board_of_something_that_is_not_seen_any_more(
    town: Town, ann: Person, bob: Person, project: UUID, job: Job, of: str
) -> None:
    assert job.dataset_id
    wish = (
        {"projectId": encode("Project", project)}
        if of == "project"
        else {"datasetId": encode("Dataset", job.dataset_id)}
    )
    async with town.socket(bob) as talker:
        await talker.subscribe("1", BOARD, variables={"filter": wish})
        assert len((await talker.hear_next("1"))["data"]["jobsChanged"]) == 1
        removal = {"projectId": encode("Project", project), "userId": bob.id}
        assert await town.api.do("removeMember", ann, removal) == {"errors": []}
        assert await ends(Follower(talker)) == "FORBIDDEN"
