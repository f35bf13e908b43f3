"""A secret that is made once and kept in a file which only its owner may read."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

import structlog

from app.errors import CannotStart

log = structlog.get_logger(__name__)


def kept_secret(path: Path) -> str:
    """Raises CannotStart when the file can neither be read, made nor kept from others."""
    try:
        if not path.exists():
            _make(path)
        return _read(path)
    except OSError as error:
        raise CannotStart(
            f"The signing key {path} cannot be read or written: {error.strerror}.",
            "Make its folder writable for this user, or set TMW_STATE_DIR or TMW_SIGNING_KEY.",
        ) from error


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(handle)
        _place(draft, path)
    finally:
        draft.unlink()


def _place(draft: Path, path: Path) -> None:
    """Of several that start at once the first wins; nobody ever reads half a key."""
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return


def _read(path: Path) -> str:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), errors="replace") as file:
        _keep_from_others(file.fileno(), path)
        return file.read().strip()


def _keep_from_others(handle: int, path: Path) -> None:
    if not _is_open_to_others(handle):
        return
    os.fchmod(handle, 0o600)
    if _is_open_to_others(handle):
        raise CannotStart(
            f"The signing key {path} can be read by other users of this machine.",
            "Keep it on a disk that has permissions (TMW_STATE_DIR), or set TMW_SIGNING_KEY.",
        )
    log.warning("signing key was readable by others; now it is not", path=str(path))


def _is_open_to_others(handle: int) -> bool:
    return bool(stat.S_IMODE(os.fstat(handle).st_mode) & 0o077)
