"""Puts together what moves and keeps files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute

from app.adapters.jwt import KeyRing
from app.errors import CannotStart
from app.settings import Settings
from domain.blob_sweeping import BlobSweeper
from domain.blobs import BlobReads, Blobs, BlobStorage
from domain.clock import Clock
from domain.transfers import Tickets, TransferLinks
from domain.uploading import Intake, Uploads
from domain.work import Works
from graph.policy import WRITER
from graph.transfers.bodies import Pace
from graph.transfers.downloads import DownloadDoor
from graph.transfers.multipart import FormLimits, MultipartForms
from graph.transfers.routes import transfer_routes
from graph.transfers.uploads import UploadDoor
from persistence.blobs.bucket import BadAddress, bucket_storage
from persistence.blobs.folder import FolderStorage
from persistence.blobs.parts import PartFolder
from persistence.blobs.scratch import clear_old
from persistence.blobs.store import PostgresBlobReads
from persistence.database import Reader


@dataclass(frozen=True, slots=True)
class Transfers:
    """What one process shares to move files."""

    storage: BlobStorage
    blobs: Blobs
    reads: BlobReads
    parts: PartFolder
    tickets: Tickets
    links: TransferLinks
    forms: MultipartForms
    pace: Pace


@contextmanager
def open_transfers(
    settings: Settings, *, keys: KeyRing, works: Works, reader: Reader, clock: Clock
) -> Iterator[Transfers]:
    """Makes folders, but asks no bucket for anything yet. Raises CannotStart for an address that is none."""
    storage = storage_for(settings)
    parts = part_folder(settings)
    tickets = Tickets(upload_keys=keys.derive_all("uploads"), download_keys=keys.derive_all("downloads"), clock=clock)
    life = timedelta(minutes=settings.transfer_minutes)
    limits = FormLimits(max_file_bytes=settings.max_upload_bytes, max_text_bytes=settings.max_body_bytes)
    pace = Pace()
    try:
        yield Transfers(
            storage=storage,
            blobs=Blobs(works=works, storage=storage),
            reads=PostgresBlobReads(reader),
            parts=parts,
            tickets=tickets,
            links=TransferLinks(tickets=tickets, clock=clock, base_url=settings.url, life=life),
            forms=MultipartForms(parts=parts, limits=limits, admit=_only_writers, pace=pace),
            pace=pace,
        )
    finally:
        parts.close()


def routes(transfers: Transfers, uploads: Uploads) -> list[BaseRoute]:
    """Both doors. `uploads` is told when a file is whole."""
    intake = Intake(parts=transfers.parts, uploads=uploads)
    return transfer_routes(
        uploads=UploadDoor(tickets=transfers.tickets, intake=intake, pace=transfers.pace),
        downloads=DownloadDoor(tickets=transfers.tickets, reads=transfers.reads, storage=transfers.storage),
    )


def blob_sweeper(settings: Settings, *, works: Works, clock: Clock) -> BlobSweeper:
    """For a worker on a machine with the state folder: it clears that too."""
    others = part_folder(settings).clear_remains, partial(clear_old, scratch_folder(settings))
    return BlobSweeper(works=works, storage=storage_for(settings), clock=clock, others=others)


def part_folder(settings: Settings) -> PartFolder:
    return PartFolder(settings.state_dir / "uploads")


def scratch_folder(settings: Settings) -> Path:
    """For files that live as long as one piece of work."""
    folder = settings.state_dir / "scratch"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def storage_for(settings: Settings) -> BlobStorage:
    if settings.storage_url is None:
        return FolderStorage(settings.state_dir / "blobs")
    key_id, secret = settings.storage_key_id, settings.storage_secret_key
    try:
        return bucket_storage(
            settings.storage_url,
            key_id=key_id.get_secret_value() if key_id else None,
            secret=secret.get_secret_value() if secret else None,
            scratch=scratch_folder(settings),
        )
    except BadAddress as error:
        remedy = "Write for example s3://bucket/folder?endpoint=https://storage.example.org&region=eu-central-1."
        raise CannotStart(f"TMW_STORAGE_URL {error}.", remedy) from None


def _only_writers(context: Any) -> None:
    WRITER.check(context.viewer)
