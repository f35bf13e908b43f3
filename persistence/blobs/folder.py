"""Content as files in a folder of this machine."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from obstore.store import LocalStore

from domain.blobs import Content
from persistence.blobs.objects import ObjectStorage, key_of
from persistence.blobs.scratch import clear_old

PIECE = 256 << 10
INCOMING = "incoming"


class FolderStorage(ObjectStorage):
    """Takes files over by renaming them, so that nothing is copied, and sees to it that they outlive a power cut."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / INCOMING
        for each in (folder, self._incoming):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        super().__init__(LocalStore(folder), scratch=self._incoming, piece=PIECE)

    async def keep(self, path: Path, content: Content) -> None:
        await asyncio.to_thread(self._take, path, self._folder / key_of(content.sha256))

    @asynccontextmanager
    async def as_file(self, content: Content) -> AsyncIterator[Path]:
        path = self._folder / key_of(content.sha256)
        await asyncio.to_thread(os.stat, path)
        yield path

    async def clear_remains(self, before: datetime) -> int:
        return await clear_old(self._incoming, before)

    def _take(self, path: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.chmod(0o440)
        _sync(path)
        try:
            path.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._copy(path, target)
        for folder in (target.parent, target.parent.parent, self._folder):
            _sync(folder)

    def _copy(self, path: Path, target: Path) -> None:
        """From another file system, under another name until it is whole."""
        incoming = self._incoming / uuid4().hex
        shutil.copy(path, incoming)
        _sync(incoming)
        incoming.replace(target)
        path.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
