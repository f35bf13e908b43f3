"""What the embedded servers have in common: one owner, a remembered address, an orderly end."""

from __future__ import annotations

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from app.embedded import children
from app.embedded.places import make_folder, short_hash
from app.embedded.records import Owner, Record
from app.errors import CannotStart

START_WITHIN_S = 120.0
LARGEST_LOG = 10_000_000


class EmbeddedServer(ABC):
    """A server that belongs to one folder. At most one process runs it; others may ask where it is."""

    name: ClassVar[str]
    program: ClassVar[str]
    setting: ClassVar[str]
    stop_steps: ClassVar[tuple[tuple[signal.Signals, float], ...]]

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = Owner(
            self.folder / "owner.lock",
            CannotStart(
                f"Another process runs the {self.name} of {self.folder}.",
                "Stop that one, or set TMW_STATE_DIR to another folder.",
            ),
        )

    @property
    def record_file(self) -> Path:
        return self.folder / "record.json"

    @property
    def alive(self) -> bool:
        """Whether the server that this object started still runs."""
        return self._child is not None and self._child.poll() is None

    @property
    def end(self) -> str:
        """How it ended, in words."""
        return children.how_it_ended(self._child)

    def start(self) -> str:
        """Start the server (again, if it died) and return its URL."""
        record = Record.read(self.record_file) if self.alive else None
        if record is not None:
            return self.url(record)
        self.folder = make_folder(self.folder)
        self._owner.take()
        try:
            return self._launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server that this object started. Nothing is lost."""
        if self._child is not None:
            children.end(self._child, self.stop_steps)
            self._child = None
        self._owner.release()

    def running(self) -> str | None:
        """The URL of the server, whoever started it; None when it does not run."""
        record = Record.read(self.record_file)
        if record is None or not self.ready(record):
            return None
        return self.url(record)

    @abstractmethod
    def url(self, record: Record) -> str: ...

    @abstractmethod
    def data(self, record: Record) -> Path: ...

    @abstractmethod
    def log(self, record: Record) -> Path: ...

    @abstractmethod
    def ready(self, record: Record) -> bool: ...

    @abstractmethod
    def prepare(self) -> Record:
        """Make what is lacking: folders, the record, the first data."""

    @abstractmethod
    def command(self, record: Record) -> subprocess.Popen[bytes]:
        """Start the child."""

    def mark(self, data: Path) -> str:
        """A word in the command line of each of the server's processes, by which they are known as ours."""
        return "trademaster-web-" + short_hash(data)

    def end_leftovers(self, data: Path) -> None:
        """End what a killed parent left running on the data."""
        found = children.marked(self.program, self.mark(data))
        first, seconds = self.stop_steps[0]
        children.end_all(found, first=first, seconds=seconds)

    def _launch(self) -> str:
        record = self.prepare()
        self._child = self.command(record)
        self._wait(record, self._child)
        return self.url(record)

    def _wait(self, record: Record, child: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_WITHIN_S
        while not self.ready(record):
            if child.poll() is not None:
                raise self._failed(record, "ended at once")
            if time.monotonic() > deadline:
                raise self._failed(record, f"was not ready within {START_WITHIN_S:.0f} s")
            time.sleep(0.01)

    def _failed(self, record: Record, how: str) -> CannotStart:
        log = self.log(record)
        return CannotStart(
            f"The embedded {self.name} {how}: {last_line(log)}",
            f"Its log is {log}; a server of your own can be named by {self.setting}.",
        )


def fresh_log(log: Path) -> Path:
    """The log to append to; a long one is begun anew."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.unlink()
    return log


def last_line(log: Path) -> str:
    lines = [line for line in _tail(log) if line.strip()]
    return lines[-1].strip() if lines else "it said nothing."


def _tail(log: Path) -> Iterable[str]:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 4096))
            return file.read().decode(errors="replace").splitlines()
    except OSError:
        return ()
