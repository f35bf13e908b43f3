"""Where files are kept, by the settings. For all processes: it knows nothing of requests."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from app.errors import CannotStart
from app.settings import Settings
from domain.blob_sweeping import BlobSweeper
from domain.blobs import BlobStorage
from domain.clock import Clock
from domain.work import Works
from persistence.blobs.bucket import BadAddress, bucket_storage
from persistence.blobs.folder import FolderStorage
from persistence.blobs.parts import PartFolder
from persistence.blobs.scratch import clear_old


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
