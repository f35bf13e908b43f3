"""What `up` has done once, while the platform serves."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import psutil

from app.supervisor.program import Program
from app.supervisor.supervisor import Supervisor
from tests.support.patience import PATIENCE_S


def a_program(name: str, code: str, folder: Path) -> Program:
    return Program(name, [sys.executable, "-c", code], cwd=folder, env=os.environ)


def test_an_errand_that_is_over_is_no_zombie(tmp_path: Path) -> None:
    errand = a_program("The errand", "", tmp_path)
    front = a_program("The front", "import signal; signal.pause()", tmp_path)
    before, deadline = {child.pid for child in psutil.Process().children()}, time.monotonic() + PATIENCE_S
    seen: list[int] = []

    def pause(_seconds: float) -> None:
        seen[:] = [child.pid for child in psutil.Process().children() if child.pid not in before]
        if len(seen) == 1 or time.monotonic() > deadline:
            signal.raise_signal(signal.SIGTERM)

    Supervisor(
        servers=[],
        preparations=[],
        front=front,
        workers=[],
        meanwhile=[errand],
        missing=lambda: None,
        announce=lambda: None,
        say=lambda _: None,
        pause=pause,
    ).run()
    assert len(seen) == 1
