"""Many jobs at once: each as it is now, and not more often than was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from app.factory import Factory
from domain.jobs.events import Progress
from domain.jobs.model import Job
from domain.jobs.status import JobKind, JobStatus
from domain.projects.service import ProjectChanges
from graph.ids import encode
from tests.graph.live.following import Follower, id_of
from tests.graph.transport.wire import Talker
from tests.support.datasets import ready_row
from tests.support.events import a_running_job
from tests.support.jobs import dataset_row, job_row
from tests.support.people import Person, a_person
from tests.support.town import Town

BOARD = """subscription($filter: JobsChangedFilter!, $n: Int!) {
  jobsChanged(filter: $filter, maxPerSecond: $n) { id status progress owner { id } } }"""
MINE = {"mine": True}


async def progressed(factory: Factory, job: Job, percent: float) -> None:
    async with factory.works() as work:
        assert await work.jobs.record(job.id, 1, [], Progress(percent)) is not None


@asynccontextmanager
async def board(town: Town, who: Person, filter: dict[str, Any], n: int = 10) -> AsyncIterator[Talker]:
    async with town.socket(who) as talker:
        await talker.subscribe("1", BOARD, variables={"filter": filter, "n": n})
        yield talker


async def shown(talker: Talker) -> dict[str, tuple[str, float]]:
    payload = await talker.hear_next("1")
    assert "errors" not in payload, payload
    return {job["id"]: (job["status"], job["progress"]) for job in payload["data"]["jobsChanged"]}


async def shown_until(talker: Talker, job: Job, expected: tuple[str, float]) -> int:
    """After how many items the job is shown so."""
    count = 1
    while (await shown(talker)).get(id_of(job)) != expected:
        count += 1
    return count


async def test_first_what_is_not_over_then_what_changes(town: Town, factory: Factory, ann: Person) -> None:
    running, queued = await a_running_job(factory, ann), await job_row(factory.works, ann)
    await job_row(factory.works, ann, status=JobStatus.COMPLETED)
    await job_row(factory.works, await a_person(factory, "bob"))
    async with board(town, ann, MINE) as talker:
        assert await shown(talker) == {id_of(running): ("RUNNING", 0.0), id_of(queued): ("QUEUED", 0.0)}
        await progressed(factory, running, 40.0)
        assert await shown(talker) == {id_of(running): ("RUNNING", 40.0)}
        async with factory.works() as work:
            await work.jobs.complete(running.id, 1, factory.clock())
        assert await shown(talker) == {id_of(running): ("COMPLETED", 100.0)}


async def test_an_empty_board_says_so(town: Town, ann: Person) -> None:
    async with board(town, ann, MINE) as talker:
        assert await shown(talker) == {}


async def test_many_changes_are_few_items(town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann)
    loop = asyncio.get_running_loop()
    async with board(town, ann, MINE, n=1) as talker:
        await shown(talker)
        began = loop.time()
        for percent in range(1, 41):
            await progressed(factory, job, float(percent))
        items = await shown_until(talker, job, ("RUNNING", 40.0))
        # One each second, however long it takes here.
        assert items <= loop.time() - began + 2


async def test_of_a_project_a_dataset_and_a_strategy(town: Town, factory: Factory, ann: Person) -> None:
    bob = await a_person(factory, "bob")
    project = await factory.use.projects.create(ann.viewer, ProjectChanges(name="Alpha"))
    dataset = await dataset_row(factory.engine, ann, project.id)
    inside = await a_running_job(factory, bob, dataset_id=dataset, kind=JobKind.INSPECTION)
    await a_running_job(factory, ann)
    for filter in ({"projectId": encode("Project", project.id)}, {"datasetId": encode("Dataset", dataset)}):
        async with board(town, ann, filter) as talker:
            assert list(await shown(talker)) == [id_of(inside)]
            await progressed(factory, inside, 7.0)
            assert (await shown(talker))[id_of(inside)][0] == "RUNNING"


@pytest.mark.parametrize(
    "filter", [{"mine": False}, {"projectId": "x"}, {"strategyId": encode("Project", UUID(int=1))}]
)
async def test_wishes_that_are_none(town: Town, ann: Person, filter: dict[str, Any]) -> None:
    async with board(town, ann, filter) as talker:
        assert await Follower(talker).refusal() == "BAD_USER_INPUT"


async def test_exactly_one_wish(town: Town, ann: Person) -> None:
    async with board(town, ann, {"mine": True, "projectId": "x"}) as talker:
        assert await Follower(talker).refusal() == "BAD_USER_INPUT"


@pytest.mark.parametrize("n", [0, 11])
async def test_how_often(town: Town, ann: Person, n: int) -> None:
    async with board(town, ann, MINE, n) as talker:
        assert await Follower(talker).refusal() == "BAD_USER_INPUT"


async def test_a_dataset_and_its_jobs(town: Town, factory: Factory, ann: Person) -> None:
    dataset = await ready_row(factory, ann, None)
    document = """subscription($id: ID!) { datasetEvents(id: $id, maxPerSecond: 10) {
      dataset { name } jobs { id status } } }"""
    async with town.socket(ann) as talker:
        await talker.subscribe("1", document, variables={"id": encode("Dataset", dataset.id)})
        first = (await talker.hear_next("1"))["data"]["datasetEvents"]
        assert first == {"dataset": {"name": dataset.name}, "jobs": []}
        change = {"id": encode("Dataset", dataset.id), "name": "Renamed"}
        assert await town.api.do("updateDataset", ann, change) == {"errors": []}
        second = (await talker.hear_next("1"))["data"]["datasetEvents"]
        assert second == {"dataset": {"name": "Renamed"}, "jobs": []}
        job = await a_running_job(factory, ann, dataset_id=dataset.id)
        await progressed(factory, job, 5.0)
        third = (await talker.hear_next("1"))["data"]["datasetEvents"]
        assert third["jobs"] == [{"id": id_of(job), "status": "RUNNING"}]


async def test_boards_leave_nothing_behind(town: Town, factory: Factory, ann: Person) -> None:
    async with board(town, ann, MINE) as first, board(town, ann, MINE) as second:
        await asyncio.gather(shown(first), shown(second))
