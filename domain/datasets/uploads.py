"""How a dataset gets its file: by a signed link, or along with the request itself."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from domain.blobs import Blobs
from domain.clock import Clock
from domain.datasets.model import Dataset, DatasetStatus, Papers, Part, Upload
from domain.datasets.rights import editable
from domain.datasets.rules import clean_filename, clean_key
from domain.datasets.service import inspected
from domain.datasets.states import KIND, must_be_idle, part_of
from domain.errors import Code, Forbidden, Refused
from domain.ids import new_id
from domain.text import Problems
from domain.transfers import Link, TransferLinks, UploadTicket
from domain.uploading import Received, UploadedFile
from domain.viewer import Role, Viewer
from domain.work import UnitOfWork, Works


class DatasetUploads:
    """Promises and takes files. Implements domain.uploading.Uploads."""

    def __init__(self, *, works: Works, blobs: Blobs, links: TransferLinks, clock: Clock, max_bytes: int) -> None:
        self._works = works
        self._blobs = blobs
        self._links = links
        self._clock = clock
        self.max_bytes = max_bytes

    async def request(
        self, viewer: Viewer, id: UUID, *, filename: str, size: int | None = None, key: str | None = None
    ) -> tuple[Link, int]:
        """A link to send the file to, and how many bytes it takes. The same key goes on with the same upload."""
        with Problems() as problems:
            filename = problems.take(clean_filename, filename)
            key = problems.take(clean_key, key)
            problems.take(self._must_fit, size)
        async with self._works() as work:
            dataset = await self._waiting(work, viewer, id)
            upload = await self._promised(work, viewer, dataset, filename, key)
        most = self.max_bytes if size is None else size
        return self._links.upload(upload.id, user_id=viewer.id, kind=KIND, max_bytes=most, size=size), most

    async def bring(self, viewer: Viewer, id: UUID, file: UploadedFile, *, key: str | None = None) -> Dataset:
        """A file that came with the request."""
        with Problems() as problems:
            filename = problems.take(clean_filename, file.name)
            key = problems.take(clean_key, key)
        async with self._works() as work:
            known = await work.uploads.asked_with(viewer.id, key) if key else None
            if known is not None and known.done_at is not None:
                return await editable(work, viewer, _same(known, id, filename).dataset_id, field="dataset_id")
            dataset = await self._waiting(work, viewer, id)
            upload = await self._promised(work, viewer, dataset, filename, key)
        return await self._take(viewer, upload.id, file.received)

    async def finished(self, ticket: UploadTicket, received: Received) -> None:
        async with self._works() as work:
            viewer = await _behind(work, ticket.user_id)
            upload = await self._wanted(work, ticket.upload_id)
            if upload.done_at is not None:
                return
            await self._waiting(work, viewer, upload.dataset_id)
        await self._take(viewer, upload.id, received)

    async def _take(self, viewer: Viewer, upload_id: UUID, received: Received) -> Dataset:
        await self._blobs.keep(received.path, received.content)
        async with self._works() as work:
            upload = await self._wanted(work, upload_id)
            if upload.done_at is not None:
                return await editable(work, viewer, upload.dataset_id, field="dataset_id")
            dataset = await self._waiting(work, viewer, upload.dataset_id)
            await work.uploads.done(upload.id, self._clock())
            await work.blobs.release(KIND, dataset.id)
            await work.blobs.use(part_of(dataset, Part.ORIGINAL), received.content)
            await work.datasets.save_papers(Papers(dataset.id))
            fresh = replace(dataset, filename=upload.filename, file_size=received.content.size, sha256=None)
            return await inspected(work, viewer, replace(fresh, row_count=None), self._clock)

    async def _waiting(self, work: UnitOfWork, viewer: Viewer, id: UUID) -> Dataset:
        """The dataset, held, if it can take a file just now."""
        dataset = await editable(work, viewer, id, field="dataset_id")
        await must_be_idle(work, dataset, field="dataset_id")
        if dataset.filename is None and dataset.status is not DatasetStatus.EMPTY:
            message = "This dataset was made by the platform. Create another one for your file."
            raise Refused.because(Code.WRONG_STATE, message, "dataset_id")
        return dataset

    async def _promised(
        self, work: UnitOfWork, viewer: Viewer, dataset: Dataset, filename: str, key: str | None
    ) -> Upload:
        upload = Upload(new_id(), dataset.id, viewer.id, filename, None, self._clock())
        if await work.uploads.add(upload, key):
            return upload
        known = await work.uploads.asked_with(viewer.id, key) if key else None
        # It can only be gone if its dataset was just deleted.
        return _same(known, dataset.id, filename) if known else upload

    async def _wanted(self, work: UnitOfWork, upload_id: UUID) -> Upload:
        upload = await work.uploads.lock(upload_id)
        if upload is None:
            raise Refused.because(Code.NOT_FOUND, "The dataset that this file was meant for is gone.", "id")
        return upload

    def _must_fit(self, size: int | None) -> None:
        if size is not None and not 0 < size <= self.max_bytes:
            message = f"A file may have 1 to {self.max_bytes:,} bytes."
            raise Refused.because(Code.OUT_OF_RANGE, message, "size")


async def _behind(work: UnitOfWork, user_id: UUID) -> Viewer:
    """Who holds the ticket, as they are now."""
    user = (await work.users.get(user_id)).user
    if not user.is_active or user.role is Role.GUEST:
        raise Forbidden("You may not send files any more.")
    return Viewer(user.id, user.role)


def _same(upload: Upload, dataset_id: UUID, filename: str) -> Upload:
    if (upload.dataset_id, upload.filename) != (dataset_id, filename):
        message = "You used this key for another file or dataset. Make a new one for each wish."
        raise Refused.because(Code.INVALID, message, "idempotency_key")
    return upload
