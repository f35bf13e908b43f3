"""Puts together what moves and keeps files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.routing import BaseRoute

from app.adapters.jwt import KeyRing
from app.settings import Settings
from app.storage import part_folder, storage_for
from domain.blobs import BlobReads, Blobs, BlobStorage
from domain.clock import Clock
from domain.evaluations.pictures.links import PictureLinks
from domain.transfers import Tickets, TransferLinks
from domain.uploading import Intake, Uploads
from domain.work import Works
from graph.policy import WRITER
from graph.transfers.bodies import Pace
from graph.transfers.downloads import DownloadDoor
from graph.transfers.multipart import FormLimits, MultipartForms
from graph.transfers.routes import transfer_routes
from graph.transfers.uploads import UploadDoor
from persistence.blobs.parts import PartFolder
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
    pictures: PictureLinks
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
            pictures=PictureLinks(keys=keys.derive_all("pictures"), clock=clock, base_url=settings.url, life=life),
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


def _only_writers(context: Any) -> None:
    WRITER.check(context.viewer)
