"""What an embedded server must remember between two starts, and who runs it now."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from app.errors import CannotStart

WAIT_FOR_OWNER_S = 20.0
# Below those that systems hand out for outgoing connections, so that one is still free after a restart.
PORTS = range(20_000, 32_000)


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """Kept in a file of mode 0600."""

    home: str
    port: int
    password: str

    @classmethod
    def read(cls, path: Path) -> Self | None:
        try:
            return cls(**json.loads(path.read_text()))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError as problem:
            raise not_ours(path) from problem
        except (ValueError, TypeError):
            return None

    @classmethod
    def new(cls, home: Path) -> Self:
        return cls(home=str(home), port=free_port(), password=secrets.token_urlsafe(32))

    def write(self, path: Path) -> None:
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def not_ours(path: Path) -> CannotStart:
    return CannotStart(
        f"{path} belongs to another user.",
        "Run as the user who started the platform first, or set TMW_STATE_DIR to a folder of your own.",
    )


def free_port(wanted: int | None = None) -> int:
    """The wanted port of the loopback if it is free, otherwise another one."""
    others = (secrets.choice(PORTS) for _ in range(50))
    for port in (*([wanted] if wanted else []), *others, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise CannotStart("No port of 127.0.0.1 is free.", "Stop some programs that listen there.")


class Owner:
    """A lock that exactly one process holds; the system lets it go when that process dies."""

    def __init__(self, path: Path, refusal: CannotStart, *, patience_s: float = WAIT_FOR_OWNER_S) -> None:
        self._path = path
        self._refusal = refusal
        self._patience_s = patience_s
        self._descriptor: int | None = None

    def take(self) -> None:
        if self._descriptor is not None:
            return
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError as problem:
            raise not_ours(self._path) from problem
        deadline = time.monotonic() + self._patience_s
        while not self._locked(descriptor):
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise self._refusal
            time.sleep(0.05)
        self._descriptor = descriptor

    def note(self, text: str) -> None:
        """Leave word for whoever is refused."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, text.encode(), 0)

    @staticmethod
    def _locked(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
