"""Which machine this is, which process, and whether another one still lives."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

from domain.jobs.stores import Process

GONE_WITHIN_S = 5.0
_LOOK_S = 0.02
# Where the kernel does not count from the boot, a start is reckoned from a wall clock, which may be set meanwhile.
_TOLERANCE_S = 0.0 if sys.platform == "linux" else 2.0


@cache
def this_machine() -> str:
    """All processes that see the same process numbers call it the same, and nobody else does."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # A container has numbers of its own.
        return f"{boot}:{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return socket.gethostname()


def this_process() -> Process:
    pid = os.getpid()
    return Process(this_machine(), pid, _started(pid))


def signature(process: Process, token: str) -> str:
    """What a worker signs the tasks with that it claims."""
    return f"{process.machine}|{process.pid}|{process.started}|{token}"


def signer(signature: str) -> Process | None:
    """The process that signed; None when it is no signature."""
    try:
        machine, pid, started, _ = signature.split("|")
        return Process(machine, int(pid), float(started))
    except ValueError:
        return None


def is_alive(process: Process) -> bool:
    """Of a process of this machine. One that stands still lives; one that nobody has waited for does not."""
    try:
        same = abs(_started(process.pid) - process.started) <= _TOLERANCE_S
        return same and psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE
    except (OSError, psutil.Error):
        return False


def stands_still(process: Process) -> bool:
    """Of a living process of this machine: somebody stopped it, so that it hears nothing until it is told to go on."""
    try:
        return psutil.Process(process.pid).status() in {psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP}
    except psutil.Error:
        return False


async def end_group(group: int, started_after: float, *, within_s: float = GONE_WITHIN_S) -> bool:
    """Kills the process group. True: it is proven that none of it runs any more.

    A group whose members are older than `started_after` is another one, whose number was used again: it is left alone.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while await asyncio.to_thread(_may_end, group, started_after):
                with suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGKILL)
                await asyncio.sleep(_LOOK_S)
            return True
    return False


def _may_end(group: int, started_after: float) -> bool:
    """Whether the group has a living member, and may be killed: never our own, nor that of the system."""
    if group <= 1 or group == os.getpgrp():
        return False
    starts = list(_members(group))
    return bool(starts) and min(starts) >= started_after - _TOLERANCE_S


def _members(group: int) -> Iterator[float]:
    """When each living member began."""
    for pid in psutil.pids():
        with suppress(OSError, psutil.Error):
            if os.getpgid(pid) == group and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                yield _started(pid)


def _started(pid: int) -> float:
    """When the process began, in seconds: since the boot where the kernel tells it so, which no clock change moves."""
    if sys.platform != "linux":
        return psutil.Process(pid).create_time()
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
    return int(after_name.split()[19]) / os.sysconf("SC_CLK_TCK")
