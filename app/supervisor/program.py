"""One of our own commands, run as a child process."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from app.embedded import children
from app.errors import CannotStart


class Program:
    """A child that can be started again after its death. Its output goes where ours goes."""

    def __init__(
        self, name: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], grace_s: float = 15.0
    ) -> None:
        self.name = name
        self._command = command
        self._cwd = cwd
        self._env = env
        self._grace_s = grace_s
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def end(self) -> str:
        return children.how_it_ended(self._child)

    def start(self) -> None:
        # After a kill -9 of ours there is nobody left to wait for a graceful end.
        self._child = children.spawn(self._command, death=signal.SIGKILL, cwd=self._cwd, env=self._env)

    def finish(self) -> None:
        """Run to the end; the program itself has said what was wrong."""
        self.start()
        if self._child is not None and self._child.wait():
            raise CannotStart(f"{self.name} did not succeed ({self.end}).", "See what it said above.")

    def ask_to_stop(self) -> None:
        if self._child is not None and self.alive:
            self._child.terminate()

    def stop(self) -> None:
        """End it and whatever it left behind in its process group."""
        if self._child is None:
            return
        children.end(self._child, [(signal.SIGTERM, self._grace_s)])
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
