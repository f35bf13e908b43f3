"""Drives `python -m app up` from outside, the way a person at a terminal does."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from queue import Queue

import psutil

from app.embedded.children import living
from tests.support.patience import PATIENCE_S

READY = "is ready"
LATE_S = 90.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Upped:
    """One running `up`, and all that it said."""

    def __init__(self, root: Path, state_dir: Path, port: int, *, env: Mapping[str, str] | None = None) -> None:
        self.port = port
        self.state_dir = state_dir
        self.said: list[str] = []
        self._heard: Queue[str | None] = Queue()
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TMW_")}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "app", "up"],
            cwd=root,
            env=clean | {"PYTHONPATH": str(root), "TMW_STATE_DIR": str(state_dir), "TMW_PORT": str(port)} | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self._heard.put(line)
        self._heard.put(None)

    def hear(self, words: str) -> str:
        """Wait for a line with these words."""
        while (line := self._heard.get(timeout=LATE_S)) is not None:
            self.said.append(line)
            if words in line:
                return line
        raise AssertionError(f"{words!r} was never said, but:\n{''.join(self.said)}")

    def ready(self) -> Upped:
        self.hear(READY)
        return self

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """Wait for the end and return the exit code."""
        while (line := self._heard.get(timeout=LATE_S)) is not None:
            self.said.append(line)
        return self.process.wait(LATE_S)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.send(number)
        return self.end()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, words: str) -> psutil.Process:
        """The one child whose command line holds the words."""
        [found] = [one for one in psutil.Process(self.process.pid).children() if words in " ".join(one.cmdline())]
        return found


def all_gone(processes: list[psutil.Process], within_s: float = PATIENCE_S) -> bool:
    """Wait for processes that are not our children to end."""
    end = time.monotonic() + within_s
    while living(processes) and time.monotonic() < end:
        time.sleep(0.02)
    return not living(processes)
