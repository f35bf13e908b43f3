"""Starting and ending child processes so that none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

TETHER = Path(__file__).with_name("tether.py")
Output = int | IO[bytes] | None


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that a child runs as."""

    uid: int
    gid: int
    name: str


def tethered(command: Sequence[str | Path], *, death: signal.Signals, account: Account | None = None) -> list[str]:
    """The command line that runs `command` and sends it `death` when this process dies."""
    # Linux ties the signal to the thread that started the child, so only the main thread may tie.
    parent = os.getpid() if threading.current_thread() is threading.main_thread() else 0
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    head = [sys.executable, "-I", "-S", str(TETHER), str(parent), str(int(death)), str(uid), str(gid)]
    return head + [str(word) for word in command]


def spawn(
    command: Sequence[str | Path],
    *,
    death: signal.Signals,
    account: Account | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: Output = subprocess.DEVNULL,
    output: Output = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own: Ctrl-C in the terminal reaches only us."""
    return subprocess.Popen(  # noqa: S603
        tethered(command, death=death, account=account),
        cwd=cwd,
        env=env,
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
    )


def end(child: subprocess.Popen[bytes], steps: Iterable[tuple[signal.Signals, float]]) -> None:
    """Send each signal and wait its time, until the child is gone; the last resort is SIGKILL."""
    for number, seconds in steps:
        if child.poll() is not None:
            return
        child.send_signal(number)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    if child.poll() is None:
        child.kill()
        child.wait()


def how_it_ended(child: subprocess.Popen[bytes] | None) -> str:
    """In words, for a person."""
    code = child.returncode if child else None
    if code is None:
        return "not started"
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def carries(pid: int, mark: str) -> bool:
    """Whether the process lives and shows the mark in its command line, which anybody may read; a process of another
    user hides nearly everything else from a root that lacks the ptrace capability, as in most containers."""
    try:
        process = psutil.Process(pid)
        return _lives(process) and mark in " ".join(process.cmdline())
    except psutil.Error:
        return False


def marked(program: str, mark: str) -> list[psutil.Process]:
    """Living processes of this program that carry the mark, whoever started them."""
    candidates = (process for process in psutil.process_iter() if _named(process, program))
    return [process for process in candidates if carries(process.pid, mark)]


def _named(process: psutil.Process, program: str) -> bool:
    try:
        return process.name().lower().startswith(program)
    except psutil.Error:
        return False


def living(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that still run. One that ended but that nobody has waited for is not among them: in some containers
    nobody ever does."""
    return [process for process in processes if _lives(process)]


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def end_all(processes: Iterable[psutil.Process], *, first: signal.Signals, seconds: float) -> None:
    """End processes that are not our children: ask, wait, then SIGKILL."""
    left = living(processes)
    for number in (first, signal.SIGKILL):
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        deadline = time.monotonic() + seconds
        while left and time.monotonic() < deadline:
            time.sleep(0.02)
            left = living(left)
