"""A platform to talk to: the one that runs already, or one of our own for as long as it is needed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.embedded import children
from app.embedded.places import make_folder
from app.errors import CannotStart
from app.settings import ROOT, Settings

READY_WITHIN_S = 120.0
LOOK_EVERY_S = 0.2
GRACE_S = 30.0
TOLD = 12


@contextmanager
def platform(settings: Settings) -> Iterator[bool]:
    """Whether it was there already. Ours is stopped at the end, and its data stays."""
    if ready(settings.url):
        yield True
        return
    log = make_folder(settings.state_dir) / "demo.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "app", "up"], cwd=ROOT, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait(settings.url, child, log)
        yield False
    finally:
        children.end(child, [(signal.SIGINT, GRACE_S)])


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", timeout=5).is_success
    except httpx.HTTPError:
        return False


def _wait(url: str, child: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not ready(url):
        if child.poll() is not None or time.monotonic() > deadline:
            told = "\n".join(log.read_text(errors="replace").splitlines()[-TOLD:])
            raise CannotStart(f"The platform did not start:\n{told}\n", f"All it said is in {log}.")
        time.sleep(LOOK_EVERY_S)
