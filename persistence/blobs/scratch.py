"""Folders for files that are needed for a while."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path


async def clear_old(folder: Path, before: datetime) -> int:
    """Remove the files and folders in it that nothing happened to since; tells how many there were."""
    return await asyncio.to_thread(_clear, folder, before.timestamp())


def _clear(folder: Path, before: float) -> int:
    return sum(_removed(path, before) for path in list(folder.iterdir()))


def _removed(path: Path, before: float) -> bool:
    # Somebody else may be quicker.
    with suppress(FileNotFoundError):
        if path.stat().st_mtime < before:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            return True
    return False
