"""Who is woken, and when: with a database and a bell in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from domain.errors import Unavailable
from domain.ids import new_id
from domain.live import Listener, Sights, Wanted
from domain.notifications.model import NoticeKind, Notification, Tone, following
from domain.notifications.stores import News
from domain.viewer import Role, Viewer
from graph.live.watchers import Watchers
from graph.notifications.inboxes import Inboxes
from graph.notifications.streams import AT_ONCE, Change, NoticeStream
from tests.graph.live.fakes import FakeChannels
from tests.support.clock import NOON
from tests.support.patience import PATIENCE_S

FIRST = UUID(int=1 << 80)
ANN, BOB = (Viewer(new_id(), Role.USER) for _ in range(2))
# It looks only when it is told to.
NEVER_S = 3_600.0
NO_LISTENERS: dict[str, list[Listener]] = {}


@dataclass
class Box:
    """All notifications. What is written here is committed; nobody is told."""

    kept: list[Notification] = field(default_factory=list)
    is_away: bool = False
    answers: int = 0

    def write(self, who: Viewer | None, title: str = "") -> UUID:
        id_ = following(FIRST, self.kept[-1].id) if self.kept else FIRST
        user_id = who.id if who else None
        told = Notification(id_, user_id, NoticeKind.BROADCAST, Tone.INFO, title, "", None, None, None, NOON)
        self.kept.append(told)
        return id_

    async def newest(self, viewer: Viewer) -> tuple[UUID, int]:
        found = self._of(viewer)
        return max((each.id for each in found), default=UUID(int=0)), self._unread(found)

    async def after(self, viewer: Viewer, id: UUID, limit: int) -> tuple[Sequence[Notification], int]:
        found = self._of(viewer)
        return [each for each in found if each.id > id][:limit], self._unread(found)

    async def tip(self) -> UUID | None:
        self._answer()
        return self.kept[-1].id if self.kept else None

    async def since(self, id: UUID | None, limit: int) -> Sequence[News]:
        self._answer()
        found = [each for each in self.kept if id is None or each.id > id]
        return [News(each.id, each.user_id) for each in found][:limit]

    def _of(self, viewer: Viewer) -> list[Notification]:
        self._answer()
        return [each for each in self.kept if each.user_id in {None, viewer.user_id}]

    def _unread(self, found: list[Notification]) -> int:
        return len([each for each in found if each.read_at is None])

    def _answer(self) -> None:
        self.answers += 1
        if self.is_away:
            raise Unavailable


async def still_seen(wanted: Wanted) -> Sights:
    return Sights(dict.fromkeys(wanted.people, Role.USER), {})


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def channels() -> FakeChannels:
    return FakeChannels()


@pytest.fixture
def inboxes(box: Box, channels: FakeChannels) -> Inboxes:
    return Inboxes(channels=channels, reads=box, look_every_s=NEVER_S, deaf_look_every_s=NEVER_S)


class Wakes:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


async def test_a_bell_wakes_whom_it_concerns(inboxes: Inboxes, channels: FakeChannels) -> None:
    ann, ann_too, bob = Wakes(), Wakes(), Wakes()
    for viewer, wakes in ((ANN, ann), (ANN, ann_too), (BOB, bob)):
        inboxes.watch(viewer.id, wakes)
    channels.ring(f"tmw:notices:{ANN.id}", {"id": str(new_id())})
    assert (ann.times, ann_too.times, bob.times) == (1, 1, 0)
    channels.ring("tmw:notices", {"id": str(new_id())})
    assert (ann.times, ann_too.times, bob.times) == (2, 2, 1)
    inboxes.leave(ANN.id, ann)
    channels.ring(f"tmw:notices:{ANN.id}", {"id": None})
    assert (ann.times, ann_too.times, bob.times) == (2, 3, 1)
    inboxes.leave(ANN.id, ann_too)
    inboxes.leave(ANN.id, ann_too)
    inboxes.leave(BOB.id, bob)
    assert (len(inboxes), channels.joined) == (0, NO_LISTENERS)


async def test_a_look_wakes_those_who_were_not_told_and_nobody_else(
    inboxes: Inboxes, box: Box, channels: FakeChannels
) -> None:
    ann, bob = Wakes(), Wakes()
    inboxes.watch(ANN.id, ann)
    inboxes.watch(BOB.id, bob)
    box.write(ANN)
    # The first look knows of nothing before it.
    await inboxes.look()
    assert (ann.times, bob.times) == (1, 1)
    heard, _unheard = box.write(ANN), box.write(BOB)
    channels.ring(f"tmw:notices:{ANN.id}", {"id": str(heard)})
    assert (ann.times, bob.times) == (2, 1)
    await inboxes.look()
    assert (ann.times, bob.times) == (2, 2)
    await inboxes.look()
    box.write(None)
    await inboxes.look()
    assert (ann.times, bob.times) == (3, 3)


async def test_a_look_goes_on_beyond_one_page(inboxes: Inboxes, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.notifications.inboxes.MOST", 2)
    ann = Wakes()
    inboxes.watch(ANN.id, ann)
    await inboxes.look()
    for who in (BOB, BOB, BOB, BOB, ANN):
        box.write(who)
    await inboxes.look()
    assert ann.times == 2


async def test_rubbish_on_a_channel_makes_somebody_look(inboxes: Inboxes, box: Box, channels: FakeChannels) -> None:
    ann = Wakes()
    inboxes.watch(ANN.id, ann)
    running = asyncio.create_task(inboxes.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while ann.times == 0:  # noqa: ASYNC110
                await asyncio.sleep(0)
            for number, rubbish in enumerate((b"\xff", b"{}", b'{"id": 1}', b'{"id": "x"}', b"[]"), 2):
                box.write(ANN)
                channels.ring("tmw:notices", rubbish)
                while ann.times < number:  # noqa: ASYNC110
                    await asyncio.sleep(0)
    finally:
        running.cancel()


def a_stream(inboxes: Inboxes, viewer: Viewer = ANN, after: UUID | None = None) -> NoticeStream:
    return NoticeStream(inboxes=inboxes, watchers=Watchers(still_seen), viewer=viewer, after=after)


async def taken(stream: NoticeStream) -> list[tuple[int, str | None]]:
    async with asyncio.timeout(PATIENCE_S):
        found = [item.value for item in await stream.take()]
    changes = [each for each in found if isinstance(each, Change)]
    return [(each.unread, each.notification and each.notification.title) for each in changes]


async def test_what_could_not_be_read_is_read_later(inboxes: Inboxes, box: Box, channels: FakeChannels) -> None:
    stream = a_stream(inboxes)
    assert await taken(stream) == [(0, None)]
    await inboxes.look()
    coming = asyncio.create_task(taken(stream))
    await asyncio.sleep(0)
    box.is_away = True
    channels.ring(f"tmw:notices:{ANN.id}", {"id": str(box.write(ANN, "a"))})
    for _ in range(5):
        await asyncio.sleep(0)
    await inboxes.look()
    assert not coming.done()
    box.is_away = False
    await inboxes.look()
    assert await coming == [(1, "a")]
    await stream.aclose()
    assert len(inboxes) == 0


async def test_a_long_absence_comes_in_parts(inboxes: Inboxes, box: Box) -> None:
    ids = [box.write(ANN, str(number)) for number in range(2 * AT_ONCE + 1)]
    stream = a_stream(inboxes, after=ids[0])
    found = [await taken(stream) for _ in range(3)]
    assert [len(part) for part in found] == [1, AT_ONCE, AT_ONCE]
    assert [title for part in found[1:] for _, title in part] == [str(number) for number in range(1, 2 * AT_ONCE + 1)]


async def test_what_is_written_while_a_stream_opens_is_told_once(inboxes: Inboxes, box: Box) -> None:
    stream, read_newest = a_stream(inboxes), box.newest

    async def newest(viewer: Viewer) -> tuple[UUID, int]:
        found = await read_newest(viewer)
        box.write(ANN, "between")
        return found

    box.newest = newest  # type: ignore[method-assign]
    assert await taken(stream) == [(0, None)]
    assert await taken(stream) == [(1, "between")]


async def test_what_is_new_and_how_many_are_unread_are_of_one_moment(inboxes: Inboxes, box: Box) -> None:
    """Read one after the other, a number could be told before the notification that it counts."""
    stream = a_stream(inboxes)
    await taken(stream)
    box.write(ANN, "a")
    before = box.answers
    assert await taken(stream) == [(1, "a")]
    assert box.answers == before + 1
