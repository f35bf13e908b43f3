"""Turns a database that cannot be used into one sentence; every other error stays what it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError, DBAPIError

from app.errors import CannotStart

REMEDY = "Look at TMW_DATABASE_URL and at the server that it names."
# SQLSTATE, or the class of it in two letters: no way in, no such database, no connection, no room, just starting.
UNUSABLE = ("28", "3D000", "08", "53300", "57P")


@contextmanager
def database_trouble() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise CannotStart(
            f"The database does not answer ({problem.strerror or type(problem).__name__}).", REMEDY
        ) from None
    except ArgumentError:
        raise CannotStart(
            "TMW_DATABASE_URL is no address of a database.", "postgresql://user:password@host/name"
        ) from None
    except DBAPIError as problem:
        if not str(getattr(problem.orig, "sqlstate", "")).startswith(UNUSABLE):
            raise
        said = str(problem.orig).rpartition(": ")[2]
        raise CannotStart(f"The database refuses: {said}.", REMEDY) from None
