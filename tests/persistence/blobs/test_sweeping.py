"""The sweeper, on a real database and a real folder; and what happens when somebody is quicker."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.blob_sweeping import BlobSweeper, Swept
from domain.blobs import Blobs, Content, Owner
from domain.ids import new_id
from persistence.blobs.folder import FolderStorage
from persistence.blobs.parts import PartFolder
from persistence.blobs.scratch import clear_old
from persistence.work import Works
from tests.persistence.blobs.conftest import content_of
from tests.support.clock import StandingClock
from tests.support.patience import PATIENCE_S

MakeFile = Callable[[bytes], Path]
HELLO = content_of(b"hello")
NOTHING = Swept(0, 0, ())


class House:
    """Keeps content and sweeps."""

    def __init__(self, works: Works, folder: FolderStorage, clock: StandingClock, a_file: MakeFile) -> None:
        self.works, self.folder, self.clock, self.a_file = works, folder, clock, a_file
        self.blobs = Blobs(works=works, storage=folder)
        self.sweeper = BlobSweeper(works=works, storage=folder, clock=clock)

    async def bring(self, data: bytes) -> Content:
        await self.blobs.keep(self.a_file(data), content_of(data))
        return content_of(data)

    async def give(self, data: bytes) -> Owner:
        content, owner = await self.bring(data), Owner("dataset", new_id(), "original")
        async with self.works() as work:
            await work.blobs.use(owner, content)
        return owner

    async def end(self, owner: Owner) -> None:
        async with self.works() as work:
            await work.blobs.release(owner.kind, owner.id)

    async def has(self, content: Content) -> tuple[bool, bool]:
        """Whether there is a row, and whether there are the bytes."""
        byte = int(content.sha256[:2], 16)
        async with self.works() as work:
            row = any(row.content == content for row in await work.blobs.beginning_with(byte, byte))
        return row, content in await self.folder.beginning_with(byte)


@pytest.fixture
def house(works: Works, folder: FolderStorage, clock: StandingClock, a_file: MakeFile) -> House:
    return House(works, folder, clock, a_file)


async def test_what_is_used_stays(house: House) -> None:
    await house.give(b"hello")
    house.clock.advance(days=100)
    assert await house.sweeper.sweep() == NOTHING
    assert await house.has(HELLO) == (True, True)


async def test_what_nobody_uses_any_more_goes_after_an_hour(house: House) -> None:
    owner = await house.give(b"hello")
    house.clock.advance(days=1)
    await house.end(owner)
    house.clock.advance(minutes=60)
    assert await house.sweeper.sweep() == NOTHING
    house.clock.advance(seconds=1)
    assert await house.sweeper.sweep() == Swept(1, 0, ())
    assert await house.has(HELLO) == (False, False)
    assert await house.sweeper.sweep() == NOTHING


async def test_shared_content_goes_with_its_last_user(house: House) -> None:
    first, last = await house.give(b"hello"), await house.give(b"hello")
    await house.end(first)
    house.clock.advance(hours=2)
    assert await house.sweeper.sweep() == NOTHING
    await house.end(last)
    house.clock.advance(hours=2)
    assert await house.sweeper.sweep() == Swept(1, 0, ())


async def test_what_was_brought_and_never_used_goes(house: House) -> None:
    await house.bring(b"hello")
    house.clock.advance(minutes=59)
    assert await house.sweeper.sweep() == NOTHING
    house.clock.advance(minutes=2)
    assert await house.sweeper.sweep() == Swept(1, 0, ())


async def test_objects_that_nobody_knows_wait_for_a_week(house: House, folder: FolderStorage) -> None:
    await folder.keep(house.a_file(b"hello"), HELLO)
    assert await house.sweeper.sweep() == NOTHING
    house.clock.advance(days=7)
    assert await house.sweeper.sweep() == NOTHING
    assert await house.has(HELLO) == (True, True)
    house.clock.advance(hours=1, seconds=1)
    assert await house.sweeper.sweep() == Swept(1, 0, ())
    assert await house.has(HELLO) == (False, False)


async def test_a_stray_that_finds_an_owner_stays(house: House, folder: FolderStorage) -> None:
    await folder.keep(house.a_file(b"hello"), HELLO)
    await house.sweeper.sweep()
    await house.give(b"hello")
    house.clock.advance(days=30)
    assert await house.sweeper.sweep() == NOTHING


async def test_lost_and_cut_bytes_are_told(house: House, tmp_path: Path) -> None:
    await house.give(b"hello")
    await house.give(b"world")
    world = content_of(b"world")
    cut = tmp_path / "blobs" / world.sha256[:2] / world.sha256[2:4] / world.sha256
    cut.chmod(0o600)
    os.truncate(cut, 2)
    await house.folder.delete(HELLO.sha256)
    assert await house.sweeper.sweep() == NOTHING
    house.clock.advance(hours=2)
    assert (await house.sweeper.sweep()).lost == tuple(sorted([HELLO.sha256, world.sha256]))


async def test_a_crash_between_bytes_and_row_is_made_up_for(house: House) -> None:
    await house.bring(b"hello")
    await house.folder.delete(HELLO.sha256)
    house.clock.advance(hours=2)
    assert await house.sweeper.sweep() == Swept(1, 0, ())
    assert await house.has(HELLO) == (False, False)


async def test_other_places_are_cleared_too(house: House, works: Works, tmp_path: Path) -> None:
    scratch, parts = tmp_path / "scratch", PartFolder(tmp_path / "uploads")
    half = tmp_path / "blobs" / "incoming" / "half"
    (scratch / "folder").mkdir(parents=True)
    for path in (scratch / "old", scratch / "folder" / "old", scratch / "new", half):
        path.write_bytes(b"x")
    async with parts.hold(new_id()) as part:
        await part.write(b"half")
    day_before = house.clock.advance(hours=-25).timestamp()
    uploads = list_of(tmp_path / "uploads")
    for path in (scratch / "old", scratch / "folder", half, *uploads):
        os.utime(path, (day_before, day_before))
    house.clock.advance(hours=25)
    others = parts.clear_remains, partial(clear_old, scratch)
    swept = await BlobSweeper(works=works, storage=house.folder, clock=house.clock, others=others).sweep()
    parts.close()
    assert swept == Swept(0, 4, ())
    assert [path.name for path in list_of(scratch)] == ["new"]
    assert list_of(tmp_path / "uploads") == []


def list_of(folder: Path) -> list[Path]:
    return list(folder.iterdir())


class Meddling(FolderStorage):
    """Lets something happen just before it deletes."""

    meanwhile: Callable[[], Awaitable[None]]

    async def delete(self, sha256: str) -> None:
        await self.meanwhile()
        await super().delete(sha256)


async def test_the_same_content_may_come_while_it_is_freed(
    house: House, works: Works, clock: StandingClock, engine: AsyncEngine, tmp_path: Path
) -> None:
    owner = await house.give(b"hello")
    await house.end(owner)
    clock.advance(hours=2)
    bringing: list[asyncio.Task[Owner]] = []

    async def bring() -> None:
        bringing.append(asyncio.create_task(house.give(b"hello")))
        await somebody_waits_for_a_lock(engine)

    storage = Meddling(tmp_path / "blobs")
    storage.meanwhile = bring
    assert (await BlobSweeper(works=works, storage=storage, clock=clock).sweep()).freed == 1
    owner = await bringing[0]
    assert await house.has(HELLO) == (True, True)
    async with works() as work:
        assert await work.blobs.of(owner) == HELLO


async def test_what_is_just_being_taken_is_not_freed(house: House, works: Works, clock: StandingClock) -> None:
    await house.bring(b"hello")
    clock.advance(hours=2)
    async with works() as work:
        await work.blobs.use(Owner("dataset", new_id(), "original"), HELLO)
        assert await house.sweeper.sweep() == NOTHING
    assert await house.has(HELLO) == (True, True)


async def test_what_was_taken_after_the_look_is_not_freed(
    house: House, works: Works, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.bring(b"hello")
    clock.advance(hours=2)
    look = house.folder.beginning_with
    byte_of_hello = int(HELLO.sha256[:2], 16)

    async def look_and_take(byte: int) -> object:
        found = await look(byte)
        if byte == byte_of_hello:
            async with works() as work:
                await work.blobs.use(Owner("dataset", new_id(), "original"), HELLO)
        return found

    monkeypatch.setattr(house.folder, "beginning_with", look_and_take)
    assert await house.sweeper.sweep() == NOTHING
    assert await house.has(HELLO) == (True, True)


async def somebody_waits_for_a_lock(engine: AsyncEngine) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(PATIENCE_S):
        async with engine.connect() as connection:
            while not await connection.scalar(waiting):
                await connection.rollback()
                await asyncio.sleep(0)
