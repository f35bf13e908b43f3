"""Uploads under way: who holds them, what a crash leaves, and what is cleared away."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from domain.ids import new_id
from domain.uploading import NoRoom, PartInUse, Progress
from persistence.blobs.parts import CHUNK, PartFolder
from tests.persistence.blobs.conftest import content_of

LONG_AGO, NOW = 1_000, 2_000
BETWEEN = datetime.fromtimestamp(1_500, UTC)

HOLDER = """
import asyncio, sys
from pathlib import Path
from uuid import UUID
from persistence.blobs.parts import PartFolder

async def main():
    async with PartFolder(Path(sys.argv[1])).hold(UUID(sys.argv[2])) as part:
        await part.write(b"x" * {size})
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[PartFolder]:
    folder = PartFolder(tmp_path)
    yield folder
    folder.close()


def aged(folder: Path, moment: int) -> None:
    for path in folder.iterdir():
        os.utime(path, (moment, moment))


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def begun(parts: PartFolder, data: bytes = b"half") -> UUID:
    upload_id = new_id()
    async with parts.hold(upload_id) as part:
        await part.write(data)
    return upload_id


async def test_an_upload_goes_on_where_it_stopped(parts: PartFolder) -> None:
    data = os.urandom(3 * CHUNK + 5)
    upload_id = await begun(parts, data[: CHUNK + 7])
    assert await parts.progress(upload_id) == Progress(CHUNK + 7)
    async with parts.hold(upload_id) as part:
        assert part.progress == Progress(CHUNK + 7)
        for start in range(CHUNK + 7, len(data), 65_536):
            await part.write(data[start : start + 65_536])
        received = await part.whole()
    assert (received.content, received.path.read_bytes()) == (content_of(data), data)


async def test_two_cannot_hold_one_upload(parts: PartFolder) -> None:
    upload_id = new_id()
    async with parts.hold(upload_id):
        with pytest.raises(PartInUse):
            async with parts.hold(upload_id):
                pass
    async with parts.hold(upload_id):
        pass


async def test_another_process_holds_it_until_it_is_killed(parts: PartFolder, tmp_path: Path) -> None:
    upload_id = new_id()
    command = [sys.executable, "-c", HOLDER.format(size=CHUNK + 1), str(tmp_path), str(upload_id)]
    holder = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    with pytest.raises(PartInUse):
        async with parts.hold(upload_id):
            pass
    holder.kill()
    await holder.wait()
    async with parts.hold(upload_id) as part:
        # What was handed to the disk is there; what was still in the killed process is not.
        assert part.progress == Progress(CHUNK + 1)


async def test_a_complete_upload_is_remembered(parts: PartFolder, tmp_path: Path) -> None:
    upload_id = await begun(parts)
    async with parts.hold(upload_id) as part:
        received = await part.whole()
        await part.complete(received.content)
    done = Progress(4, content_of(b"half"))
    assert await parts.progress(upload_id) == done
    async with parts.hold(upload_id) as part:
        assert part.progress == done
    assert [path.suffix for path in left_in(tmp_path)] == [".upload"]


async def test_whoever_took_the_file_keeps_it(parts: PartFolder, tmp_path: Path) -> None:
    upload_id = await begun(parts)
    async with parts.hold(upload_id) as part:
        received = await part.whole()
        received.path.rename(tmp_path / "taken")
        await part.discard()
    assert (tmp_path / "taken").read_bytes() == b"half"
    assert [path.name for path in left_in(tmp_path)] == ["taken"]


async def test_a_request_that_is_cut_off_keeps_what_it_wrote(parts: PartFolder) -> None:
    upload_id = new_id()
    wrote = asyncio.Event()

    async def request() -> None:
        async with parts.hold(upload_id) as part:
            await part.write(b"a" * (CHUNK + 3))
            await part.write(b"b" * 5)
            wrote.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(request())
    await wrote.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await parts.progress(upload_id) == Progress(CHUNK + 8)
    async with parts.hold(upload_id) as part:
        assert (await part.whole()).content == content_of(b"a" * (CHUNK + 3) + b"b" * 5)


async def test_a_full_disk_keeps_what_was_whole(parts: PartFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    upload_id = await begun(parts, b"a" * CHUNK)
    write = os.pwrite
    left = [300]

    def almost_full(file: int, data: memoryview, offset: int) -> int:
        if not left:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[: left.pop()], offset)

    monkeypatch.setattr(os, "pwrite", almost_full)
    with pytest.raises(NoRoom):
        async with parts.hold(upload_id) as part:
            await part.write(b"b" * CHUNK)
    monkeypatch.undo()
    assert await parts.progress(upload_id) == Progress(CHUNK)
    async with parts.hold(upload_id) as part:
        assert (await part.whole()).content == content_of(b"a" * CHUNK)


async def test_short_writes_are_finished(parts: PartFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, offset: write(file, data[:1_000], offset))
    data = os.urandom(10_500)
    upload_id = await begun(parts, data)
    async with parts.hold(upload_id) as part:
        received = await part.whole()
        assert (received.content, received.path.read_bytes()) == (content_of(data), data)


async def test_old_uploads_are_cleared(parts: PartFolder, tmp_path: Path) -> None:
    old = await begun(parts)
    async with parts.hold(await begun(parts)) as part:
        await part.complete((await part.whole()).content)
    aged(tmp_path, LONG_AGO)
    kept = await begun(parts)
    for suffix in (".part", ".upload"):
        os.utime(tmp_path / f"{kept}{suffix}", (NOW, NOW))
    assert await parts.clear_remains(BETWEEN) == 2
    assert {path.stem for path in left_in(tmp_path)} == {str(kept)}
    assert await parts.progress(old) == Progress(0)


async def test_an_upload_that_goes_on_is_not_old(parts: PartFolder, tmp_path: Path) -> None:
    upload_id = await begun(parts)
    aged(tmp_path, LONG_AGO)
    os.utime(tmp_path / f"{upload_id}.part", (NOW, NOW))
    assert await parts.clear_remains(BETWEEN) == 0
    aged(tmp_path, LONG_AGO)
    async with parts.hold(upload_id) as part:
        assert await parts.clear_remains(BETWEEN) == 0
        await part.write(b"more")
    assert await parts.progress(upload_id) == Progress(8)


async def test_a_lock_on_a_marker_that_is_gone_is_no_lock(
    parts: PartFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody discards the upload between our opening of its marker and our lock."""
    upload_id = new_id()
    marker = tmp_path / f"{upload_id}.upload"
    lock, calls = fcntl.flock, []

    def late(descriptor: int, kind: int) -> None:
        calls.append(descriptor)
        if len(calls) == 1:
            marker.unlink()
        lock(descriptor, kind)

    monkeypatch.setattr(fcntl, "flock", late)
    async with parts.hold(upload_id):
        monkeypatch.undo()
        assert marker.exists()
        with pytest.raises(PartInUse):
            async with parts.hold(upload_id):
                pass
    assert len(calls) == 2
