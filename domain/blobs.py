"""Content that is kept under its own sha256: once, and for as long as somebody uses it.

Nothing in the API takes a hash, so that knowing one tells nobody whether its content is here.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from domain.work import Works


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes, by what they are: their sha256 in 64 hexadecimal digits, and how many there are."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Who uses a content: one part of one object, such as the original of a dataset. It has one content at a time."""

    kind: str
    id: UUID
    part: str


@dataclass(frozen=True, slots=True)
class KeptRow:
    """What the database says of a content."""

    content: Content
    touched_at: datetime
    used: bool


class BlobStorage(Protocol):
    """Where the bytes lie: a folder, or a bucket."""

    async def keep(self, path: Path, content: Content) -> None:
        """Take this file over; it is gone afterwards. Others see all of its bytes or none."""

    def read(self, content: Content, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to but not with `end`, in small pieces. Raises FileNotFoundError."""

    def as_file(self, content: Content) -> AbstractAsyncContextManager[Path]:
        """A file on this machine, to be read only and only inside the block. Raises FileNotFoundError."""

    async def delete(self, sha256: str) -> None:
        """What is not there is deleted already."""

    async def beginning_with(self, byte: int) -> Collection[Content]:
        """All objects whose hash begins with this byte."""

    async def clear_remains(self, before: datetime) -> int:
        """Remove what was begun before that moment and never became an object; tells how many there were."""


class BlobStore(Protocol):
    """Which content there is and who uses it, inside one unit of work."""

    async def expect(self, content: Content) -> None:
        """The bytes are about to be stored. Waits while they are being freed; afterwards they are safe for a while."""

    async def use(self, owner: Owner, content: Content) -> None:
        """The owner has this content now, in place of the one it had before."""

    async def release(self, kind: str, id: UUID, part: str | None = None) -> None:
        """No part of this object uses any content any more, or this part does not."""

    async def of(self, owner: Owner) -> Content | None: ...

    async def beginning_with(self, first: int, last: int) -> Sequence[KeptRow]:
        """All rows whose hash begins with one of these bytes."""

    async def adopt(self, stray: Content, touched_at: datetime) -> None:
        """Write down an object that nobody knows of, if that is still so."""

    async def lock_unused(self, sha256: str, before: datetime) -> bool:
        """Whether nobody uses it and nobody touched it since; then nobody can until the unit of work ends."""

    async def forget(self, sha256: str) -> None: ...


class BlobReads(Protocol):
    async def content_of(self, owner: Owner) -> Content | None:
        """Whoever asks must have made sure of the right to it, such as by a signed ticket."""

    async def contents_of(self, kind: str, ids: Sequence[UUID], parts: Collection[str]) -> Mapping[Owner, Content]:
        """Those of these parts that there are."""


class Blobs:
    """Puts content where it is safe until an owner is written down for it."""

    def __init__(self, *, works: Works, storage: BlobStorage) -> None:
        self._works = works
        self._storage = storage

    async def keep(self, path: Path, content: Content) -> None:
        """Take the file over. Then give it to an owner with `work.blobs.use`, or the sweeper frees it in an hour.

        The bytes are stored even when they are here already: the time it takes must not tell.
        """
        async with self._works() as work:
            await work.blobs.expect(content)
        await self._storage.keep(path, content)


def content_of_file(path: Path) -> Content:
    """Reads the whole file: call it from a thread or a worker process."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return Content(digest.hexdigest(), file.tell())
