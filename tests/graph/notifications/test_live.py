"""Being told as it happens: over real sockets, in real time, from another process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from app.settings import Settings
from domain.clock import Clock, utc_now
from domain.notifications.model import NoticeKind
from graph.ids import encode
from tests.graph.live.following import Follower
from tests.support.notices import a_notice, choose, ids_of, tell, tell_everyone
from tests.support.people import Person
from tests.support.town import Town, a_town

WATCH = "subscription($after: ID) { notifications(after: $after) { cursor unread notification { id title } } }"


@pytest.fixture
def clock() -> Clock:
    """Sockets live in real time."""
    return utc_now


@pytest.fixture
async def town(factory: Factory, settings: Settings, endpoints: Endpoints) -> AsyncIterator[Town]:
    """The `factory` stands for another process, a worker's say."""
    async with a_town(settings, endpoints) as town:
        yield town


@asynccontextmanager
async def watching(town: Town, who: Person, **variables: object) -> AsyncIterator[Follower]:
    async with town.socket(who) as talker:
        await talker.subscribe("1", WATCH, variables=variables)
        yield Follower(talker)


def told(item: dict[str, Any]) -> tuple[int, str | None]:
    """How many are unread, and the title of the new one."""
    notification = item["notification"]
    return item["unread"], notification and notification["title"]


async def nothing_more(follower: Follower, within_s: float = 0.3) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(within_s):
            await follower.talker.hear()


async def test_on_every_socket_of_that_person_and_on_no_other(
    town: Town, factory: Factory, ann: Person, bob: Person
) -> None:
    await tell(factory, ann, a_notice("before"))
    async with watching(town, ann) as first, watching(town, ann) as second, watching(town, bob) as bobs:
        opened = [told(await each.item()) for each in (first, second, bobs)]
        assert opened == [(1, None), (1, None), (0, None)]
        await tell(factory, ann, a_notice("a"))
        await tell(factory, ann, a_notice("b"))
        for each in (first, second):
            assert [told(await each.item())[1] for _ in range(2)] == ["a", "b"]
        await nothing_more(bobs)
        await tell_everyone(factory, "to all")
        assert [told(await each.item()) for each in (first, second, bobs)] == [
            (4, "to all"),
            (4, "to all"),
            (1, "to all"),
        ]


async def test_who_comes_back_has_missed_nothing_and_hears_nothing_twice(
    town: Town, factory: Factory, ann: Person
) -> None:
    async with watching(town, ann) as follower:
        beginning = (await follower.item())["cursor"]
        await tell(factory, ann, a_notice("a"))
        last = await follower.item()
        assert last["cursor"] == last["notification"]["id"]
    for number in range(120):
        await tell(factory, ann, a_notice(f"{number}"))
    await tell_everyone(factory, "to all")
    missed = [*map(str, range(120)), "to all"]
    for after, titles in ((last["cursor"], missed), (beginning, ["a", *missed])):
        async with watching(town, ann, after=after) as follower:
            assert told(await follower.item()) == (122, None)
            assert [told(await follower.item())[1] for _ in titles] == titles
            await tell(factory, ann, a_notice("next"))
            assert told(await follower.item()) == (123, "next")
        [newest, *_] = await ids_of(town.api, ann)
        await town.api.do("markNotificationsRead", ann, {"ids": [newest]})
        async with factory.engine.begin() as connection:
            await connection.execute(text("DELETE FROM notifications WHERE title = 'next'"))


async def test_who_has_none_yet_may_come_back_too(town: Town, factory: Factory, ann: Person) -> None:
    async with watching(town, ann) as follower:
        cursor = (await follower.item())["cursor"]
    await tell(factory, ann, a_notice("a"))
    async with watching(town, ann, after=cursor) as follower:
        assert [told(await follower.item()) for _ in range(2)] == [(1, None), (1, "a")]


async def test_what_is_read_on_one_socket_is_read_on_the_others(town: Town, factory: Factory, ann: Person) -> None:
    await tell(factory, ann, a_notice("a"), a_notice("b"))
    async with watching(town, ann) as follower:
        assert told(await follower.item()) == (2, None)
        [newest, _] = await ids_of(town.api, ann)
        await town.api.do("markNotificationsRead", ann, {"ids": [newest]})
        assert told(await follower.item()) == (1, None)
        await town.api.data("mutation { markAllNotificationsRead { marked } }", ann)
        assert told(await follower.item()) == (0, None)
        await town.api.data("mutation { markAllNotificationsRead { marked } }", ann)
        await nothing_more(follower)


async def test_what_is_not_wanted_is_not_told(town: Town, factory: Factory, ann: Person) -> None:
    for kind in (NoticeKind.BROADCAST, NoticeKind.JOB_FAILED):
        await choose(town.api, ann, kind, inApp=False)
    async with watching(town, ann) as follower:
        assert told(await follower.item()) == (0, None)
        await tell_everyone(factory, "to all")
        await tell(factory, ann, a_notice("a"), a_notice("b", NoticeKind.DATASET_BAD))
        assert told(await follower.item()) == (1, "b")


async def test_what_redis_never_said_is_found(town: Town, factory: Factory, ann: Person) -> None:
    async with watching(town, ann) as follower:
        assert told(await follower.item()) == (0, None)
        async with factory.works() as work:
            await work.notifications.add(ann.user.id, a_notice("unsaid"), factory.clock())
        assert told(await follower.item()) == (1, "unsaid")


async def test_a_connection_to_redis_that_is_cut(town: Town, factory: Factory, ann: Person) -> None:
    async with watching(town, ann) as follower:
        assert told(await follower.item()) == (0, None)
        for number in range(3):
            await factory.redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            await tell(factory, ann, a_notice(f"{number}"))
        assert [told(await follower.item())[1] for _ in range(3)] == ["0", "1", "2"]


async def test_somebody_who_is_shut_out_hears_nothing_more(
    town: Town, factory: Factory, ann: Person, admin: Person
) -> None:
    async with watching(town, ann) as follower:
        assert told(await follower.item()) == (0, None)
        await town.api.do("setUserActive", admin, {"id": ann.id, "isActive": False})
        await tell(factory, ann, a_notice())
        async with asyncio.timeout(5):
            assert await follower.talker.hear_end() == 4403


async def test_an_id_of_something_else_is_refused(town: Town, ann: Person) -> None:
    async with watching(town, ann, after=encode("Job", ann.user.id)) as follower:
        assert await follower.refusal() == "BAD_USER_INPUT"


async def test_over_server_sent_events_too(town: Town, factory: Factory, ann: Person) -> None:
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {ann.token}"}
    await tell(factory, ann, a_notice("a"))
    last = await heard(town, headers, 1)
    await tell(factory, ann, a_notice("b"), a_notice("c"))
    assert [title for _, title in await heard(town, headers | {"last-event-id": last[-1][0]}, 3)] == [None, "b", "c"]
    [_, (second, _), *_] = await heard(town, headers | {"last-event-id": last[-1][0]}, 2)
    assert [title for _, title in await heard(town, headers | {"last-event-id": second}, 2)] == [None, "c"]


async def heard(town: Town, headers: dict[str, str], count: int) -> list[tuple[str, str | None]]:
    """The ids and titles of so many events."""
    found: list[tuple[str, str | None]] = []
    id_ = ""
    async with town.api.client.stream("POST", "/graphql", json={"query": WATCH}, headers=headers) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                id_ = line.removeprefix("id: ")
            elif line.startswith("data: {"):
                item = orjson.loads(line.removeprefix("data: "))["data"]["notifications"]
                found.append((id_, told(item)[1]))
                if len(found) == count:
                    break
    return found
