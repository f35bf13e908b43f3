"""An event is executed and written once, however many watch; what is personal is not."""

from __future__ import annotations

from typing import Any

import pytest

from app.factory import Factory
from domain.jobs.status import JobKind
from domain.projects.service import ProjectChanges
from domain.viewer import Role
from graph.execution import batches
from graph.ids import encode
from graph.transport import answers
from tests.graph.live.following import EVENTS, following, id_of
from tests.support.events import a_running_job, lines, told
from tests.support.jobs import dataset_row
from tests.support.people import Person, a_person
from tests.support.town import Town

OWN = """subscription($id: ID!, $after: Int) { jobEvents(id: $id, after: $after) {
  __typename seq ... on JobStreamOpened { job { dataset { id } } } } }"""


class Counted:
    """How often events were executed and written since the last look."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._executed, self._written = 0, 0
        execute, encode = batches.execute_subscription_event, answers.encode

        def executed(executor: Any) -> Any:
            self._executed += 1
            return execute(executor)

        def written(payload: Any) -> bytes:
            self._written += "data" in payload
            return encode(payload)

        monkeypatch.setattr(batches, "execute_subscription_event", executed)
        monkeypatch.setattr(answers, "encode", written)

    def look(self) -> tuple[int, int]:
        counts, self._executed, self._written = (self._executed, self._written), 0, 0
        return counts


async def test_those_who_ask_the_same_share_each_answer(
    town: Town, factory: Factory, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, counted = await a_running_job(factory, ann, *lines("a", "b", "c")), Counted(monkeypatch)
    bob = await a_person(factory, "ada", Role.ADMIN)
    async with (
        following(town, ann, job, after=3) as first,
        following(town, bob, job, after=2) as second,
        following(town, ann, job, EVENTS.replace("message", "text: message"), after=3) as other,
    ):
        assert (await first.seqs(1), await second.seqs(2), await other.seqs(1)) == ([3], [2, 3], [3])
        counted.look()
        await told(factory, job, *lines("d", "e"))
        assert [await follower.seqs(2) for follower in (first, second, other)] == [[4, 5]] * 3
    assert counted.look() == (4, 4)


async def test_what_leads_to_objects_is_answered_for_each(town: Town, factory: Factory, ann: Person) -> None:
    """Bob sees the job by its dataset; Cleo, an owner elsewhere, started it and does not see the dataset."""
    bob, cleo = await a_person(factory, "bob"), await a_person(factory, "cleo")
    project = await factory.use.projects.create(bob.viewer, ProjectChanges(name="Alpha"))
    dataset = await dataset_row(factory.engine, bob, project.id)
    job = await a_running_job(factory, cleo, dataset_id=dataset, kind=JobKind.INSPECTION)
    async with following(town, bob, job, OWN) as bobs, following(town, cleo, job, OWN) as cleos:
        assert (await bobs.item())["job"] == {"dataset": {"id": encode("Dataset", dataset)}}
        assert (await cleos.item())["job"] == {"dataset": None}


async def test_server_sent_events_share_too(
    town: Town, factory: Factory, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, counted = await a_running_job(factory, ann), Counted(monkeypatch)
    body = {"query": EVENTS, "variables": {"id": id_of(job)}}
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {ann.token}"}
    async with (
        following(town, ann, job) as follower,
        town.api.client.stream("POST", "/graphql", json=body, headers=headers) as answer,
    ):
        received = answer.aiter_lines()
        assert await follower.seqs(1) == [0]
        opened = [await anext(received) for _ in range(4)]
        assert opened[:2] == ["event: next", "id: 0"]
        counted.look()
        await told(factory, job, *lines("a"))
        assert await follower.seqs(1) == [1]
        assert [await anext(received) for _ in range(2)] == ["event: next", "id: 1"]
    assert counted.look() == (1, 1)
