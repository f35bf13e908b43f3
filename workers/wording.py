"""How an error is put into words for the log and for the row of a task."""

from __future__ import annotations

import errno
import os

LONGEST = 500
_FULL = {errno.ENOSPC, errno.EDQUOT}


def said(error: BaseException) -> str:
    """Its kind and the first line of what it says: the further lines of a database error quote data."""
    # Postgres stores neither NUL nor lone surrogates.
    lines = str(error).encode("utf-8", "replace").decode().replace("\0", "").strip().splitlines()
    kind = type(error).__name__
    return (f"{kind}: {lines[0]}" if lines else kind)[:LONGEST]


def speaks_of_a_full_disk(error: BaseException) -> bool:
    """Also where it is a child process, or another library, that met it and put it into words."""
    is_it = isinstance(error, OSError) and error.errno in _FULL
    return is_it or any(os.strerror(number) in str(error) for number in _FULL)
