"""Content as objects of a store: a bucket that speaks S3, or memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from domain.blobs import Content
from domain.errors import Unavailable

# The smallest parts that S3 takes, one on its way and one being read: what keeping a file costs in memory.
PART, AT_ONCE = 5 << 20, 1
PIECE = 2 << 20
HASH_LENGTH = 64

_log = structlog.get_logger()


class ObjectStorage:
    """Implements domain.blobs.BlobStorage.

    Reading asks for piece after piece: a client that is slow holds no connection to the store meanwhile.
    """

    def __init__(self, store: ObjectStore, *, scratch: Path, piece: int = PIECE) -> None:
        self._store = store
        self._scratch = scratch
        self._piece = piece

    async def keep(self, path: Path, content: Content) -> None:
        # Not found is the bucket here: the file was there a moment ago.
        with _reachable(FileNotFoundError):
            # An object appears when its last part has arrived; parts that were left over are the bucket's to clear.
            await obstore.put_async(self._store, key_of(content.sha256), path, chunk_size=PART, max_concurrency=AT_ONCE)
            stored = await obstore.head_async(self._store, key_of(content.sha256))
        if stored["size"] != content.size:
            raise OSError(f"The store has {stored['size']} bytes of {content.size}.")
        await asyncio.to_thread(path.unlink, missing_ok=True)

    async def read(self, content: Content, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        key, end = key_of(content.sha256), content.size if end is None else end
        for begin in range(start, end, self._piece):
            stop = min(begin + self._piece, end)
            with _reachable():
                piece = bytes(await obstore.get_range_async(self._store, key, start=begin, end=stop))
            if len(piece) != stop - begin:
                raise OSError("The object is shorter than it was.")
            yield piece

    @asynccontextmanager
    async def as_file(self, content: Content) -> AsyncIterator[Path]:
        path = self._scratch / f"{uuid4().hex}.content"
        try:
            with path.open("wb") as file:
                async for piece in self.read(content):
                    await asyncio.to_thread(file.write, piece)
            yield path
        finally:
            path.unlink(missing_ok=True)

    async def delete(self, sha256: str) -> None:
        with _reachable(), suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key_of(sha256))

    async def beginning_with(self, byte: int) -> Collection[Content]:
        with _reachable():
            listed = await obstore.list(self._store, prefix=f"{byte:02x}").collect_async()
        named = [(meta["path"].rpartition("/")[2], meta["size"]) for meta in listed]
        return [Content(name, size) for name, size in named if len(name) == HASH_LENGTH]

    async def clear_remains(self, before: datetime) -> int:  # noqa: ARG002 - nothing half made lies where we can see it
        return 0


def key_of(sha256: str) -> str:
    """Two levels, so that no folder gets too full."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


@contextmanager
def _reachable(*refusals: type[Exception]) -> Iterator[None]:
    """What the store refuses, it may give again once somebody has seen to it."""
    kinds: tuple[type[Exception], ...] = (BaseError, PermissionError, *refusals)
    try:
        yield
    except kinds as error:
        _log.error("storage.refused", problem=str(error).partition("\n")[0])
        raise Unavailable from error
