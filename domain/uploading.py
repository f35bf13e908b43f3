"""Taking in the bytes of an upload, whichever door they come through: in chunks, hashed as they pass, resumable."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from domain.blobs import Content
from domain.errors import Forbidden, Refused
from domain.transfers import UploadTicket


@dataclass(frozen=True, slots=True)
class Received:
    """A whole upload, as a file on this machine. Whoever keeps it takes the file away with `Blobs.keep`."""

    content: Content
    path: Path


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that came with a request, under the name and the type that its sender gave it. It goes when that ends."""

    name: str
    type: str
    received: Received


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of an upload has arrived; and what it was, once it is complete."""

    size: int
    complete: Content | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one request brings: from which offset on (None: all of it, anew), and whether it brings the end."""

    chunks: AsyncIterator[bytes]
    offset: int | None = None
    length: int | None = None
    is_last: bool = True


class PartInUse(Exception):
    """Another request is bringing the same upload just now."""


class WrongOffset(Exception):
    """The upload goes on somewhere else, or it is complete."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(f"The upload has {progress.size} bytes.")
        self.progress = progress


class Unfinished(Exception):
    """The body ended before the file did, going by the size that was said of it. What has arrived stays."""

    def __init__(self, progress: Progress, size: int) -> None:
        super().__init__(f"The upload has {progress.size} of {size} bytes.")
        self.progress = progress
        self.size = size


class NoRoom(Exception):
    """The disk is full."""


class TooLarge(Exception):
    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"The upload may have at most {max_bytes} bytes.")
        self.max_bytes = max_bytes


class Part(Protocol):
    """An upload under way, held by one request at a time."""

    @property
    def progress(self) -> Progress: ...

    async def restart(self) -> None:
        """Throw away what has arrived."""

    async def write(self, data: bytes) -> None:
        """Raises NoRoom."""

    async def whole(self) -> Received:
        """Everything is written and safe."""

    async def complete(self, content: Content) -> None:
        """Somebody has taken the file over. Remember for a while that the upload is done."""

    async def discard(self) -> None:
        """Forget the upload."""


class Parts(Protocol):
    """Where uploads lie until they are complete."""

    def hold(self, upload_id: UUID) -> AbstractAsyncContextManager[Part]:
        """Raises PartInUse. What has arrived when the block ends stays, unless it was discarded."""

    async def progress(self, upload_id: UUID) -> Progress: ...

    async def clear_remains(self, before: datetime) -> int:
        """Remove the uploads that nobody touched since; tells how many there were."""


class Uploads(Protocol):
    """The noun that asked for an upload."""

    async def finished(self, ticket: UploadTicket, received: Received) -> None:
        """Keep the file and write down whose it is. Raises Refused or Forbidden for what is no longer wanted.

        It may be called again with the same upload, when the answer to the first time was lost.
        """


class Intake:
    """Receives signed uploads."""

    def __init__(self, *, parts: Parts, uploads: Uploads) -> None:
        self._parts = parts
        self._uploads = uploads

    async def progress(self, ticket: UploadTicket) -> Progress:
        return await self._parts.progress(ticket.upload_id)

    async def take(self, ticket: UploadTicket, delivery: Delivery) -> Progress:
        """Raises PartInUse, WrongOffset, Unfinished, TooLarge, NoRoom; and Refused or Forbidden if nobody wants it."""
        async with self._parts.hold(ticket.upload_id) as part:
            if part.progress.complete is not None:
                return _again(part.progress, delivery)
            await _begin(part, delivery, ticket.max_bytes)
            async for chunk in delivery.chunks:
                await add(part, chunk, ticket.max_bytes)
            return await self._finish(ticket, part) if delivery.is_last else part.progress

    async def _finish(self, ticket: UploadTicket, part: Part) -> Progress:
        if ticket.size is not None and part.progress.size < ticket.size:
            raise Unfinished(part.progress, ticket.size)
        received = await part.whole()
        try:
            await self._uploads.finished(ticket, received)
        except (Refused, Forbidden):
            await part.discard()
            raise
        await part.complete(received.content)
        return part.progress


async def add(part: Part, chunk: bytes, max_bytes: int) -> None:
    """Raises TooLarge at the first byte that is too many; then nothing of the upload stays."""
    if part.progress.size + len(chunk) > max_bytes:
        await part.discard()
        raise TooLarge(max_bytes)
    await part.write(chunk)


async def _begin(part: Part, delivery: Delivery, max_bytes: int) -> None:
    here = part.progress.size
    if delivery.offset not in {None, here}:
        raise WrongOffset(part.progress)
    if (delivery.offset or 0) + (delivery.length or 0) > max_bytes:
        raise TooLarge(max_bytes)
    if delivery.offset is None and here:
        await part.restart()


def _again(progress: Progress, delivery: Delivery) -> Progress:
    """The answer once more, for a client that lost it: it stands at the end and brings nothing."""
    if delivery.offset != progress.size or delivery.length != 0:
        raise WrongOffset(progress)
    return progress
