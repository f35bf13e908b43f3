"""Becomes another program that ends when its parent ends. Standard library only: it is run as a script.

A script and not code between fork and exec, because that code may hang in a program with threads.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
NOT_STARTED = 126


def _drop(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _die_with(parent: int, signal: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(NOT_STARTED)


def main(parent: str, signal: str, uid: str, gid: str, *command: str) -> None:
    """Parent 0: do not follow anybody. Uid -1: stay who we are."""
    try:
        if int(uid) >= 0:
            _drop(int(uid), int(gid))
        # After the change of user, which would undo it.
        if int(parent):
            _die_with(int(parent), int(signal))
        os.execv(command[0], command)  # noqa: S606
    except OSError as problem:
        sys.stderr.write(f"{command[0]}: {problem.strerror}\n")
        sys.exit(NOT_STARTED)


if __name__ == "__main__":
    main(*sys.argv[1:])
