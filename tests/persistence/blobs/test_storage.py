"""What every storage does alike."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.blobs import BlobStorage, Content
from persistence.blobs.objects import ObjectStorage
from tests.persistence.blobs.conftest import content_of

MakeFile = Callable[[bytes], Path]
DATA = bytes(range(256)) * 3_000
KNOWN = content_of(DATA)


async def read(storage: BlobStorage, content: Content, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in storage.read(content, start, end)])


async def test_what_is_kept_can_be_read(storage: ObjectStorage, a_file: MakeFile) -> None:
    path = a_file(DATA)
    await storage.keep(path, KNOWN)
    assert not path.exists()
    assert await read(storage, KNOWN) == DATA
    async with storage.as_file(KNOWN) as file:
        assert file.read_bytes() == DATA


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (0, 262_144), (262_143, 262_145), (700_000, None), (767_999, 768_000), (5, 5)]
)
async def test_any_part_of_it(storage: ObjectStorage, a_file: MakeFile, start: int, end: int | None) -> None:
    await storage.keep(a_file(DATA), KNOWN)
    assert await read(storage, KNOWN, start, end) == DATA[start:end]


async def test_pieces_are_small(storage: ObjectStorage, a_file: MakeFile) -> None:
    data = os.urandom(5_000_000)
    await storage.keep(a_file(data), content_of(data))
    assert max([len(piece) async for piece in storage.read(content_of(data))]) <= 2 << 20


async def test_the_same_content_again_is_one_object(storage: ObjectStorage, a_file: MakeFile) -> None:
    for _ in range(3):
        await storage.keep(a_file(DATA), KNOWN)
    byte = int(KNOWN.sha256[:2], 16)
    assert list(await storage.beginning_with(byte)) == [KNOWN]
    assert list(await storage.beginning_with((byte + 1) % 256)) == []


async def test_an_empty_content(storage: ObjectStorage, a_file: MakeFile) -> None:
    await storage.keep(a_file(b""), content_of(b""))
    assert await read(storage, content_of(b"")) == b""
    assert list(await storage.beginning_with(0xE3)) == [content_of(b"")]


async def test_what_is_deleted_is_gone(storage: ObjectStorage, a_file: MakeFile) -> None:
    await storage.keep(a_file(DATA), KNOWN)
    await storage.delete(KNOWN.sha256)
    await storage.delete(KNOWN.sha256)
    assert list(await storage.beginning_with(int(KNOWN.sha256[:2], 16))) == []
    with pytest.raises(FileNotFoundError):
        await read(storage, KNOWN)
    with pytest.raises(FileNotFoundError):
        async with storage.as_file(KNOWN):
            pass
