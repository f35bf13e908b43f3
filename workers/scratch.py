"""Folders for the files of one piece of work. They go with it; and if its worker is killed, soon after that."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_MARK = "held-"
_LOCK = ".lock"


@contextmanager
def scratch(parent: Path, kind: str) -> Iterator[Path]:
    """An empty folder of its own for the block. The system lets go of its lock when this process dies."""
    new = Path(tempfile.mkdtemp(dir=parent, prefix=f"{kind}-"))
    lock = os.open(new / _LOCK, os.O_RDWR | os.O_CREAT)
    folder = new
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Only now: what has this name and no lock is nobody's.
        folder = new.rename(new.with_name(_MARK + new.name))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def clear_abandoned(parent: Path) -> int:
    """Removes the folders of processes that died; tells how many. Many may do so at once."""
    return sum(_cleared(folder) for folder in list(parent.glob(f"{_MARK}*")))


def _cleared(folder: Path) -> bool:
    with suppress(FileNotFoundError):
        lock = os.open(folder / _LOCK, os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            shutil.rmtree(folder, ignore_errors=True)
            return True
        finally:
            os.close(lock)
    return False
