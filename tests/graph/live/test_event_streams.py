"""The same streams as server-sent events: resumed by Last-Event-ID, ended with the right to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest

from app.factory import Factory
from domain.jobs.model import Job
from domain.viewer import Role
from tests.graph.live.following import EVENTS, id_of
from tests.support.events import a_running_job, lines, told
from tests.support.patience import PATIENCE_S
from tests.support.people import Person, a_person
from tests.support.town import Town


class Stream:
    """Reads events one by one."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def event(self) -> dict[str, str]:
        found: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE_S):
            while line := await anext(self._lines):
                name, _, value = line.partition(":")
                found[name] = value.strip()
        return found

    async def items(self, count: int) -> list[tuple[str, str, int]]:
        """Kind, id and seq of so many."""
        found = []
        for _ in range(count):
            event = await self.event()
            found.append((event["event"], event["id"], int(self.item(event)["seq"])))
        return found

    @staticmethod
    def item(event: dict[str, str]) -> dict[str, Any]:
        item: dict[str, Any] = orjson.loads(event["data"])["data"]["jobEvents"]
        return item


@asynccontextmanager
async def streaming(
    town: Town, who: Person, job: Job, last: str | None = None, **variables: object
) -> AsyncIterator[Stream]:
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {who.token}"}
    headers |= {"last-event-id": last} if last is not None else {}
    body = {"query": EVENTS, "variables": {"id": id_of(job), **variables}}
    async with town.api.client.stream("POST", "/graphql", json=body, headers=headers) as response:
        yield Stream(response)


async def test_each_event_has_its_seq_as_its_id(town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *lines("a"))
    async with streaming(town, ann, job) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in stream.response.headers
        assert await stream.items(2) == [("next", "0", 0), ("next", "1", 1)]
        await told(factory, job, *lines("b", "c"))
        assert await stream.items(2) == [("next", "2", 2), ("next", "3", 3)]
        async with factory.works() as work:
            await work.jobs.complete(job.id, 1, factory.clock())
        assert await stream.items(1) == [("next", "4", 4)]
        assert await stream.event() == {"event": "complete", "data": ""}


@pytest.mark.parametrize(
    ("last", "given", "first"),
    [("2", {}, 2), ("2", {"after": 1}, 2), ("1", {"after": 2}, 2), ("x", {}, 0), ("-1", {}, 0), ("9" * 30, {}, 0)],
)
async def test_who_comes_back_goes_on(
    town: Town, factory: Factory, ann: Person, last: str, given: dict[str, int], first: int
) -> None:
    job = await a_running_job(factory, ann, *lines("a", "b", "c"))
    async with streaming(town, ann, job, last, **given) as stream:
        expected = [("next", str(seq), seq) for seq in range(first, 4)]
        assert await stream.items(4 - first) == expected


async def test_a_revoked_session_ends_it_without_another_word(town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann)
    async with streaming(town, ann, job) as stream:
        await stream.items(1)
        assert await town.api.data("mutation { logout { errors { code } } }", ann) == {"logout": {"errors": []}}
        with pytest.raises(StopAsyncIteration):
            await stream.event()
    async with streaming(town, ann, job) as again:
        assert again.response.status_code == 401


async def test_a_right_that_ends_is_told(town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann)
    first, second = await a_person(factory, "ada", Role.ADMIN), await a_person(factory, "eve", Role.ADMIN)
    async with streaming(town, second, job) as stream:
        await stream.items(1)
        assert await town.api.do("setUserRole", first, {"id": second.id, "role": "USER"}) == {"errors": []}
        payload = orjson.loads((await stream.event())["data"])
        assert [error["extensions"]["code"] for error in payload["errors"]] == ["FORBIDDEN"]
        assert (await stream.event())["event"] == "complete"
