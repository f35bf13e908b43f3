"""What a folder does besides."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from persistence.blobs.folder import FolderStorage
from tests.persistence.blobs.conftest import content_of

MakeFile = Callable[[bytes], Path]
KNOWN = content_of(b"hello")


def place(folder: Path) -> Path:
    return folder / "blobs" / "2c" / "f2" / KNOWN.sha256


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("There is no second file system here.")
    with TemporaryDirectory(dir=memory) as name:
        yield Path(name)


async def test_a_file_is_moved_and_closed_to_changes(folder: FolderStorage, a_file: MakeFile, tmp_path: Path) -> None:
    path = a_file(b"hello")
    number = path.stat().st_ino
    await folder.keep(path, KNOWN)
    found = place(tmp_path).stat()
    assert (found.st_ino, stat.S_IMODE(found.st_mode)) == (number, 0o440)


async def test_a_reader_keeps_what_is_stored_anew(folder: FolderStorage, a_file: MakeFile, tmp_path: Path) -> None:
    await folder.keep(a_file(b"hello"), KNOWN)
    with place(tmp_path).open("rb") as reader:
        await folder.keep(a_file(b"hello"), KNOWN)
        assert reader.read() == b"hello"


async def test_a_file_of_another_disk_is_copied_whole(folder: FolderStorage, other_disk: Path, tmp_path: Path) -> None:
    path = other_disk / "upload"
    path.write_bytes(b"hello")
    await folder.keep(path, KNOWN)
    assert place(tmp_path).read_bytes() == b"hello"
    assert not path.exists()
    assert list((tmp_path / "blobs" / "incoming").iterdir()) == []


async def test_a_content_that_was_cut_is_not_passed_off_as_whole(
    folder: FolderStorage, a_file: MakeFile, tmp_path: Path
) -> None:
    await folder.keep(a_file(b"hello"), KNOWN)
    place(tmp_path).chmod(0o600)
    os.truncate(place(tmp_path), 3)
    with pytest.raises(OSError):
        _ = [piece async for piece in folder.read(KNOWN)]


async def test_remains_go_when_they_are_old(folder: FolderStorage, tmp_path: Path) -> None:
    incoming = tmp_path / "blobs" / "incoming"
    for name, moment in (("old", 1_000), ("new", 2_000)):
        (incoming / name).write_bytes(b"half")
        os.utime(incoming / name, (moment, moment))
    assert await folder.clear_remains(datetime.fromtimestamp(1_500, UTC)) == 1
    assert [path.name for path in incoming.iterdir()] == ["new"]


async def test_what_is_no_content_is_left_alone(folder: FolderStorage, a_file: MakeFile, tmp_path: Path) -> None:
    await folder.keep(a_file(b"hello"), KNOWN)
    (place(tmp_path).parent / "notes.txt").write_text("by hand")
    assert list(await folder.beginning_with(0x2C)) == [KNOWN]
