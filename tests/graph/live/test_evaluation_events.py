"""The events of an evaluation, by its own id: those of its job."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from sqlalchemy import text

from app.factory import Factory
from domain.ids import new_id
from domain.jobs.model import Job
from domain.jobs.status import JobKind
from graph.ids import encode
from tests.graph.live.following import EVENTS, Follower
from tests.support.evaluations import an_evaluation
from tests.support.events import a_running_job, lines, told
from tests.support.people import Person, a_person
from tests.support.town import Town
from tests.support.trainings import a_model

BY_EVALUATION = EVENTS.replace("jobEvents", "evaluationEvents")


@asynccontextmanager
async def follower(town: Town, who: Person, id_: str, **variables: object) -> AsyncIterator[Follower]:
    async with town.socket(who) as talker:
        await talker.subscribe("1", BY_EVALUATION, variables={"id": id_} | variables)
        yield Follower(talker)


@pytest.fixture
async def running(factory: Factory, ann: Person) -> tuple[UUID, Job]:
    evaluation = await an_evaluation(factory, ann, await a_model(factory, ann))
    job = await a_running_job(factory, ann, *lines("a", "b"), kind=JobKind.EVALUATION)
    async with factory.engine.begin() as connection:
        await connection.execute(text("UPDATE evaluations SET job_id = :job"), {"job": job.id})
    return evaluation.id, job


async def test_it_is_told_from_where_it_was_left_to_its_end(
    town: Town, factory: Factory, ann: Person, running: tuple[UUID, Job]
) -> None:
    id_, job = running
    async with follower(town, ann, encode("Evaluation", id_)) as one:
        assert await one.item() == {"__typename": "JobStreamOpened", "seq": 0, "oldestSeq": 1, "lastSeq": 2}
        assert await one.seqs(2) == [1, 2]
    async with follower(town, ann, encode("Evaluation", id_), after=1) as again:
        assert await again.seqs(2) == [1, 2]
        await told(factory, job, *lines("c"))
        assert await again.seqs(1) == [3]
        async with factory.works() as work:
            assert await work.jobs.complete(job.id, 1, factory.clock()) is not None
        assert await again.rest() == [{"__typename": "JobStatusEvent", "seq": 4, "status": "COMPLETED"}]


async def test_unseen_and_unknown_are_refused_alike(
    town: Town, factory: Factory, ann: Person, running: tuple[UUID, Job]
) -> None:
    bob = await a_person(factory, "bob")
    id_, job = running
    for wanted in (encode("Evaluation", id_), encode("Evaluation", new_id()), encode("Job", job.id), "x"):
        async with follower(town, bob, wanted) as refused:
            [error] = await refused.errors()
        assert error["message"] == "There is no Evaluation with this id."
        assert [problem["code"] for problem in error["extensions"]["problems"]] == ["NOT_FOUND"]
    async with follower(town, ann, encode("Evaluation", id_), after=-1) as refused:
        assert await refused.refusal() == "BAD_USER_INPUT"
