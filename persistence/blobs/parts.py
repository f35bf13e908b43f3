"""Uploads under way, in a folder that all processes of this machine share."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from domain.blobs import Content
from domain.uploading import NoRoom, Progress, Received
from persistence.blobs import markers

CHUNK = 1 << 20
THREADS = 2
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

T = TypeVar("T")


class PartFolder:
    """Implements domain.uploading.Parts.

    Each upload has a file of bytes, and beside it a marker: whoever holds the upload has a lock on the marker, which
    the system takes back from a process that was killed. Once the upload is complete, the marker says what it was.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        # Threads of its own: a slow disk keeps nobody else waiting.
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="uploads")

    def close(self) -> None:
        self._threads.shutdown()

    @asynccontextmanager
    async def hold(self, upload_id: UUID) -> AsyncIterator[FilePart]:
        part = FilePart(self._folder, upload_id, self._threads)
        try:
            await part.open()
            yield part
        finally:
            await part.close()

    async def progress(self, upload_id: UUID) -> Progress:
        return await _in(self._threads, lambda: markers.progress(self._folder / str(upload_id)))

    async def clear_remains(self, before: datetime) -> int:
        return await _in(self._threads, lambda: self._clear(before.timestamp()))

    def _clear(self, before: float) -> int:
        return sum(markers.cleared(base, before) for base in markers.bases(self._folder))


class FilePart:
    """Implements domain.uploading.Part."""

    def __init__(self, folder: Path, upload_id: UUID, threads: ThreadPoolExecutor) -> None:
        self._base = folder / str(upload_id)
        self._threads = threads
        # A request that is cut off leaves its last write running: whatever comes next waits for it.
        self._turn = threading.Lock()
        self._closed = False
        self._marker = self._file = -1
        self._digest: hashlib._Hash | None = None
        self._waiting = bytearray()
        self._written = 0
        self._complete: Content | None = None

    @property
    def progress(self) -> Progress:
        if self._complete is not None:
            return Progress(self._complete.size, self._complete)
        return Progress(self._written + len(self._waiting))

    async def open(self) -> None:
        await self._run(self._open)

    async def restart(self) -> None:
        await self._run(self._restart)

    async def write(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) >= CHUNK:
            await self._flush()

    async def whole(self) -> Received:
        await self._flush()
        return await self._run(self._whole)

    async def complete(self, content: Content) -> None:
        self._complete = content
        await self._run(lambda: self._remember(content))

    async def discard(self) -> None:
        self._waiting = bytearray()
        await self._run(self._discard)

    async def close(self) -> None:
        data, self._waiting = self._waiting, bytearray()
        await asyncio.shield(_in(self._threads, lambda: self._close(data)))

    async def _flush(self) -> None:
        data, self._waiting = self._waiting, bytearray()
        if data:
            await self._run(lambda: self._append(data))

    async def _run(self, job: Callable[[], T]) -> T:
        def in_turn() -> T:
            with self._turn:
                if self._closed:
                    raise ValueError("This part was closed.")
                return job()

        return await _in(self._threads, in_turn)

    def _open(self) -> None:
        self._marker = markers.locked(self._base)
        self._complete = markers.said(self._marker)
        if self._complete is None:
            self._file = os.open(markers.bytes_of(self._base), os.O_RDWR | os.O_CREAT, 0o600)
            self._written = os.fstat(self._file).st_size

    def _restart(self) -> None:
        os.ftruncate(self._file, 0)
        self._digest, self._written = hashlib.sha256(), 0

    def _append(self, data: bytearray) -> None:
        digest = self._hashed()
        try:
            _write_all(self._file, data, self._written)
        except OSError as error:
            os.ftruncate(self._file, self._written)
            if error.errno in _FULL:
                raise NoRoom from error
            raise
        digest.update(data)
        self._written += len(data)

    def _hashed(self) -> hashlib._Hash:
        """The hash of what is written; of what an earlier request wrote, by reading it."""
        if self._digest is None:
            with open(self._file, "rb", closefd=False) as file:
                file.seek(0)
                self._digest = hashlib.file_digest(file, "sha256")
        return self._digest

    def _whole(self) -> Received:
        digest = self._hashed()
        os.fsync(self._file)
        return Received(Content(digest.hexdigest(), self._written), markers.bytes_of(self._base))

    def _remember(self, content: Content) -> None:
        markers.say(self._marker, content)
        markers.bytes_of(self._base).unlink(missing_ok=True)

    def _discard(self) -> None:
        markers.remove(self._base)

    def _close(self, data: bytearray) -> None:
        with self._turn:
            self._closed = True
            with suppress(NoRoom, OSError):
                if data and self._file >= 0:
                    self._append(data)
            for descriptor in (self._file, self._marker):
                if descriptor >= 0:
                    os.close(descriptor)


async def _in(threads: ThreadPoolExecutor, job: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, job)


def _write_all(file: int, data: bytearray, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written
