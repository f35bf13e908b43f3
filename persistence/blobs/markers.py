"""The marker beside the bytes of an upload: who holds it, and what it was once it is complete."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from domain.blobs import Content
from domain.uploading import PartInUse, Progress

MARKER, BYTES = ".upload", ".part"


def bytes_of(base: Path) -> Path:
    return base.with_suffix(BYTES)


def bases(folder: Path) -> Sequence[Path]:
    return [marker.with_suffix("") for marker in folder.glob(f"*{MARKER}")]


def locked(base: Path) -> int:
    """The descriptor of the marker, locked. It may be removed between opening and locking: then again."""
    marker = base.with_suffix(MARKER)
    while True:
        descriptor = os.open(marker, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(marker, descriptor):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            raise PartInUse from None
        os.close(descriptor)


def _is_still(marker: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(marker.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def said(marker: int) -> Content | None:
    """What the upload was, if it is complete."""
    text = os.pread(marker, 200, 0)
    return Content(*json.loads(text)) if text else None


def say(marker: int, content: Content) -> None:
    os.pwrite(marker, json.dumps([content.sha256, content.size]).encode(), 0)


def progress(base: Path) -> Progress:
    with suppress(FileNotFoundError):
        text = base.with_suffix(MARKER).read_bytes()
        if text:
            complete = Content(*json.loads(text))
            return Progress(complete.size, complete)
        return Progress(bytes_of(base).stat().st_size)
    return Progress(0)


def cleared(base: Path, before: float) -> bool:
    """Remove the upload if nobody holds it and nothing happened to it since."""
    try:
        touched = [path.stat().st_mtime for path in (base.with_suffix(MARKER), bytes_of(base)) if path.exists()]
        if not touched or max(touched) >= before:
            return False
        marker = locked(base)
    except (FileNotFoundError, PartInUse):
        return False
    remove(base)
    os.close(marker)
    return True


def remove(base: Path) -> None:
    # The marker last: as long as it is there, a sweep finds the rest.
    bytes_of(base).unlink(missing_ok=True)
    base.with_suffix(MARKER).unlink(missing_ok=True)
