"""Who uses which content."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.blobs import Content, KeptRow, Owner
from domain.ids import new_id
from persistence.blobs.store import PostgresBlobReads
from persistence.database import Reader
from persistence.work import Works
from tests.persistence.blobs.conftest import content_of
from tests.support.clock import NOON, StandingClock

HELLO, WORLD = content_of(b"hello"), content_of(b"world")
LATER = NOON + timedelta(hours=1)


def owner(id: UUID | None = None, part: str = "original") -> Owner:
    return Owner("dataset", id or new_id(), part)


async def given(works: Works, owner: Owner, content: Content) -> None:
    async with works() as work:
        await work.blobs.expect(content)
        await work.blobs.use(owner, content)


async def rows(works: Works, content: Content) -> list[KeptRow]:
    async with works() as work:
        return list(await work.blobs.beginning_with(*[int(content.sha256[:2], 16)] * 2))


async def test_an_owner_has_its_content(works: Works, reader: Reader) -> None:
    reads, mine = PostgresBlobReads(reader), owner()
    assert await reads.content_of(mine) is None
    await given(works, mine, HELLO)
    assert await reads.content_of(mine) == HELLO
    assert await reads.content_of(owner()) is None
    assert await reads.content_of(owner(mine.id, "canonical")) is None
    assert await reads.content_of(Owner("model", mine.id, "original")) is None
    async with works() as work:
        assert await work.blobs.of(mine) == HELLO
        assert await work.blobs.of(owner()) is None


async def test_a_new_content_takes_the_place_of_the_old(works: Works, reader: Reader, clock: StandingClock) -> None:
    mine = owner()
    await given(works, mine, HELLO)
    clock.now = LATER
    await given(works, mine, WORLD)
    assert await PostgresBlobReads(reader).content_of(mine) == WORLD
    assert await rows(works, HELLO) == [KeptRow(HELLO, LATER, used=False)]
    assert await rows(works, WORLD) == [KeptRow(WORLD, LATER, used=True)]


async def test_release_ends_all_parts_of_one_owner_only(works: Works, clock: StandingClock) -> None:
    mine, other = owner(), owner()
    await given(works, mine, HELLO)
    await given(works, owner(mine.id, "canonical"), WORLD)
    await given(works, other, HELLO)
    clock.now = LATER
    async with works() as work:
        await work.blobs.release("dataset", mine.id)
    assert await rows(works, HELLO) == [KeptRow(HELLO, LATER, used=True)]
    assert await rows(works, WORLD) == [KeptRow(WORLD, LATER, used=False)]


async def test_a_rollback_keeps_everything_as_it_was(works: Works, reader: Reader) -> None:
    mine = owner()
    await given(works, mine, HELLO)

    async def failing() -> None:
        async with works() as work:
            await work.blobs.release("dataset", mine.id)
            raise LookupError

    with pytest.raises(LookupError):
        await failing()
    assert await PostgresBlobReads(reader).content_of(mine) == HELLO


async def test_nobody_can_use_what_was_never_brought(works: Works) -> None:
    with pytest.raises(IntegrityError):
        async with works() as work:
            await work.blobs.use(owner(), HELLO)


async def test_bringing_it_again_protects_it_again(works: Works, clock: StandingClock) -> None:
    await given(works, owner(), HELLO)
    clock.now = LATER
    async with works() as work:
        await work.blobs.expect(HELLO)
    assert await rows(works, HELLO) == [KeptRow(HELLO, LATER, used=True)]


@pytest.mark.parametrize("byte", [0, 0x7F, 0xFF])
async def test_rows_are_found_by_their_first_byte(works: Works, byte: int) -> None:
    edges = [Content(f"{byte:02x}" + rest * 62, 1) for rest in "0f"]
    async with works() as work:
        for content in edges:
            await work.blobs.expect(content)
        assert {row.content for row in await work.blobs.beginning_with(byte, byte)} == set(edges)
        other = (byte + 1) % 256
        assert await work.blobs.beginning_with(other, other) == []
        assert {row.content for row in await work.blobs.beginning_with(0, 255)} == set(edges)


async def test_what_is_unused_and_untouched_can_be_locked(works: Works) -> None:
    async with works() as work:
        await work.blobs.expect(HELLO)
    async with works() as work:
        assert not await work.blobs.lock_unused(HELLO.sha256, NOON)
        assert not await work.blobs.lock_unused(WORLD.sha256, LATER)
        assert await work.blobs.lock_unused(HELLO.sha256, LATER)
        await work.blobs.forget(HELLO.sha256)
    assert await rows(works, HELLO) == []


async def test_two_sweepers_do_not_lock_the_same(works: Works) -> None:
    async with works() as work:
        await work.blobs.expect(HELLO)
    async with works() as first, works() as second:
        assert await first.blobs.lock_unused(HELLO.sha256, LATER)
        assert not await second.blobs.lock_unused(HELLO.sha256, LATER)


async def test_what_a_trigger_releases(works: Works, engine: AsyncEngine, reader: Reader) -> None:
    """As the tables of owners have it: whatever deletes the row, its contents are released."""
    mine, other = owner(), owner()
    await given(works, mine, HELLO)
    await given(works, other, HELLO)
    async with engine.begin() as connection:
        for statement in (
            "CREATE TABLE things (id uuid PRIMARY KEY)",
            "CREATE TRIGGER release AFTER DELETE ON things FOR EACH ROW EXECUTE FUNCTION release_blobs('dataset')",
            f"INSERT INTO things VALUES ('{mine.id}'), ('{other.id}')",
            f"DELETE FROM things WHERE id = '{mine.id}'",
            "DROP TABLE things",
        ):
            await connection.execute(text(statement))
    assert await PostgresBlobReads(reader).content_of(mine) is None
    assert await PostgresBlobReads(reader).content_of(other) == HELLO
    assert (await rows(works, HELLO))[0].touched_at > NOON
