"""The hub, without Redis and Postgres: each thing that can go wrong, one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from domain.errors import Refused
from domain.ids import new_id
from domain.jobs.events import JobEvent
from domain.live import Sights, Standing, Wanted
from domain.viewer import Role, Viewer
from domain.work import AccessChanged
from graph.live.hub import Hub
from graph.live.streams import JobStream
from graph.live.watchers import Watchers
from tests.graph.live.fakes import OVER, FakeChannels, FakeLog
from tests.graph.transport.wire import settle
from tests.support.jobs import a_job
from tests.support.patience import PATIENCE_S

ROOM = 10


@dataclass
class Words:
    """Says things as plain tuples."""

    def opened(self, job: Any, after: int, standing: Standing) -> object:
        return ("opened", after, standing.oldest_seq, standing.last_seq)

    def heartbeat(self, seq: int) -> object:
        return ("heartbeat", seq)

    def history_gone(self, after: int, standing: Standing) -> object:
        return ("gone", after, standing.oldest_seq)


class Rights:
    """Everybody may see everything, until a test says otherwise."""

    def __init__(self) -> None:
        self.taken = False

    async def __call__(self, wanted: Wanted) -> Sights:
        roles = dict.fromkeys(wanted.people, Role.USER)
        return Sights(roles, {} if self.taken else dict.fromkeys(wanted.jobs))


class World:
    def __init__(self) -> None:
        self.log, self.channels, self.rights = FakeLog(), FakeChannels(), Rights()
        self.hub = Hub(channels=self.channels, log=self.log, room=ROOM, look_every_s=0.01, deaf_look_every_s=0.01)
        self.watchers = Watchers(self.rights)
        self.viewer = Viewer(new_id(), Role.USER)

    def stream(self, after: int = 0, *, heartbeat_s: float | None = None) -> JobStream:
        job = replace(a_job(_Owner()), id=self.log.job_id)  # type: ignore[arg-type]
        return JobStream(
            hub=self.hub,
            watchers=self.watchers,
            viewer=self.viewer,
            job=job,
            after=after,
            view=lambda item: item,
            words=Words(),
            heartbeat_s=heartbeat_s,
        )

    def happen(self, count: int) -> None:
        self.channels.tell(self.log, self.log.lines(count))


class _Owner:
    class user:  # noqa: N801
        id = new_id()


@pytest.fixture
def world() -> World:
    return World()


def said(items: Any) -> list[Any]:
    return [item.value.seq if isinstance(item.value, JobEvent) else item.value for item in items]


async def taken(stream: JobStream) -> list[Any]:
    async with asyncio.timeout(PATIENCE_S):
        return said(await stream.take())


async def rest(stream: JobStream) -> list[Any]:
    found: list[Any] = []
    while items := await taken(stream):
        found += items
    return found


async def opened(world: World, after: int = 0) -> JobStream:
    stream = world.stream(after)
    assert (await taken(stream))[0] == ("opened", after, 1, world.log.last)
    return stream


async def test_what_is_said_is_not_read(world: World) -> None:
    stream = await opened(world)
    world.happen(3)
    world.happen(2)
    assert await taken(stream) == [1, 2, 3, 4, 5]
    assert world.log.reads == []


async def test_what_was_seen_is_dropped(world: World) -> None:
    stream = await opened(world)
    events = world.log.lines(4)
    world.channels.tell(world.log, events[:3])
    world.channels.tell(world.log, events[:2])
    world.channels.tell(world.log, events[1:])
    assert await taken(stream) == [1, 2, 3, 4]


async def test_a_hole_is_read_from_the_log(world: World) -> None:
    stream = await opened(world)
    world.happen(1)
    world.log.lines(2)
    world.happen(1)
    assert await taken(stream) == [1]
    assert await taken(stream) == [2, 3, 4]
    assert world.log.reads == [(1, ROOM)]


async def test_a_batch_that_was_too_large_to_be_said(world: World) -> None:
    stream = await opened(world)
    world.channels.tell(world.log, world.log.lines(3), whole=False)
    assert await taken(stream) == [1, 2, 3]


async def test_a_hole_larger_than_the_memory(world: World) -> None:
    stream = await opened(world)
    world.log.lines(5 * ROOM)
    world.happen(1)
    world.channels.tell(world.log, world.log.write(OVER))
    assert await rest(stream) == list(range(1, 5 * ROOM + 3))


@pytest.mark.parametrize("noise", [b"rubbish", b"{}", b'{"first":1,"last":2,"events":[{}]}', b"[]", b'{"first":"x"}'])
async def test_what_is_not_understood_is_a_reason_to_look(world: World, noise: bytes) -> None:
    stream = await opened(world)
    world.log.lines(2)
    world.channels.ring(f"tmw:job:{world.log.job_id}", noise)
    assert await taken(stream) == [1, 2]


async def test_more_was_said_than_was_written(world: World) -> None:
    stream = await opened(world)
    world.happen(1)
    assert await taken(stream) == [1]
    world.channels.ring(f"tmw:job:{world.log.job_id}", {"first": 1_000, "last": 1_000, "events": []})
    await settle()
    world.happen(1)
    assert await taken(stream) == [2]


async def test_one_who_is_slow_holds_up_nobody_and_gets_all(world: World) -> None:
    slow, quick = await opened(world), await opened(world)
    heard: list[int] = []
    for _ in range(20):
        world.happen(3)
        heard += await taken(quick)
    world.channels.tell(world.log, world.log.write(OVER))
    assert [*heard, *await rest(quick)] == list(range(1, 62))
    assert world.log.reads == []
    first = await taken(slow)
    assert first == list(range(1, ROOM + 1))
    assert [*first, *await rest(slow)] == list(range(1, 62))
    assert len(world.log.reads) == 5


async def test_many_who_come_at_once_read_once(world: World) -> None:
    world.log.lines(3)
    streams = [await opened(world) for _ in range(20)]
    batches = await asyncio.gather(*(stream.take() for stream in streams))
    assert world.log.reads == [(0, ROOM)]
    assert all(item is other for item, other in zip(batches[0], batches[7], strict=True))


async def test_a_batch_is_no_longer_than_the_memory(world: World) -> None:
    world.log.lines(3 * ROOM + 1)
    stream = await opened(world)
    assert [len(await taken(stream)) for _ in range(4)] == [ROOM, ROOM, ROOM, 1]


async def test_deaf_it_looks_by_itself(world: World) -> None:
    world.channels.hears = False
    stream = await opened(world)
    looking = asyncio.create_task(world.hub.run())
    world.log.lines(2)
    assert await taken(stream) == [1, 2]
    world.log.write(OVER)
    assert await rest(stream) == [3]
    looking.cancel()


async def test_a_writer_that_died_before_it_could_tell(world: World) -> None:
    stream = await opened(world)
    world.log.lines(2)
    await world.hub.look()
    assert await taken(stream) == [1, 2]


async def test_the_channel_opens_after_the_first_look(world: World) -> None:
    """Deaf while it begins; what happened until it hears is found when it does."""
    world.channels.hears = False
    stream = await opened(world)
    [ear] = world.channels.joined[f"tmw:job:{world.log.job_id}"]
    world.log.lines(2)
    ear.gap()
    assert await taken(stream) == [1, 2]


async def test_the_log_is_away_for_a_while(world: World) -> None:
    world.log.lines(3)
    stream = await opened(world)
    world.log.is_away = True
    waiting = asyncio.create_task(taken(stream))
    await settle()
    await world.hub.look()
    assert not waiting.done()
    world.log.is_away = False
    await world.hub.look()
    assert await waiting == [1, 2, 3]


async def test_a_job_that_is_over_can_begin_again(world: World) -> None:
    stream = await opened(world)
    world.channels.tell(world.log, [*world.log.write(OVER), *world.log.lines(1)])
    assert await taken(stream) == [1, 2]
    waiting = asyncio.create_task(stream.take())
    await settle()
    assert not waiting.done()
    world.channels.tell(world.log, world.log.write(OVER))
    assert said(await waiting) == [3]
    assert await taken(stream) == []


async def test_deleted_while_watched(world: World) -> None:
    stream = await opened(world)
    world.log.is_deleted = True
    waiting = asyncio.create_task(stream.take())
    await settle()
    await world.hub.look()
    with pytest.raises(Refused):
        await waiting


async def test_who_comes_while_the_hub_looks_is_not_taken_for_gone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(world)
    other, late = World(), []
    other.hub, other.log.job_id = world.hub, new_id()
    original = world.log.stands

    async def stands(ids: Sequence[UUID]) -> Mapping[UUID, Standing]:
        found = await original(ids)
        if not late:
            late.append(await world.hub.watch(other.log.job_id, other, lambda: 0))
        return found

    monkeypatch.setattr(world.log, "stands", stands)
    await world.hub.look()
    assert [feed.is_gone for feed in late] == [False]


async def test_history_that_goes_while_it_is_read(world: World) -> None:
    world.log.lines(3 * ROOM)
    stream = await opened(world)
    assert await taken(stream) == list(range(1, ROOM + 1))
    del world.log.events[: 2 * ROOM]
    assert await taken(stream) == [("gone", ROOM, 2 * ROOM + 1)]
    assert await taken(stream) == []


async def test_the_last_one_to_leave_closes_the_channel(world: World) -> None:
    first, second = await opened(world), await opened(world)
    assert (len(world.hub), len(world.channels.joined)) == (1, 1)
    await first.aclose()
    await first.aclose()
    assert (len(world.hub), len(world.channels.joined)) == (1, 1)
    await second.aclose()
    assert (len(world.hub), len(world.channels.joined), len(world.watchers)) == (0, 0, 0)


async def test_what_all_have_seen_is_let_go_of(world: World) -> None:
    stream, behind = await opened(world), await opened(world)
    world.happen(6)
    await taken(stream)
    await world.hub.look()
    feed = world.hub._kept[world.log.job_id].feed
    assert len(feed.in_hand(0, ROOM) or ()) == 6
    await taken(behind)
    await world.hub.look()
    assert feed.in_hand(0, ROOM) is None
    assert feed.in_hand(6, ROOM) == []


async def test_rights_that_end_end_the_stream_and_what_was_taken_is_stale(world: World) -> None:
    stream = await opened(world)
    world.happen(1)
    await taken(stream)
    waiting = asyncio.create_task(stream.take())
    await settle()
    world.rights.taken = True
    world.watchers.changed(AccessChanged(world.viewer.id))
    with pytest.raises(Exception, match="no longer"):
        await waiting
    assert stream.is_stale


async def test_silence_is_broken_on_request(world: World) -> None:
    stream = world.stream(heartbeat_s=0.05)
    assert await taken(stream) == [("opened", 0, 1, 0)]
    assert await taken(stream) == [("heartbeat", 0)]
    world.happen(1)
    assert await taken(stream) == [1]
    assert await taken(stream) == [("heartbeat", 1)]
