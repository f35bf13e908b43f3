"""How an error is put into words for the log and for the row of a task."""

from __future__ import annotations

LONGEST = 500


def said(error: BaseException) -> str:
    """Its kind and the first line of what it says: the further lines of a database error quote data."""
    # Postgres stores neither NUL nor lone surrogates.
    lines = str(error).encode("utf-8", "replace").decode().replace("\0", "").strip().splitlines()
    kind = type(error).__name__
    return (f"{kind}: {lines[0]}" if lines else kind)[:LONGEST]
