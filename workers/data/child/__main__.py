"""The child: one JSON request in, answers in JSON lines out.

The parent holds the pipe of the request open. When it closes, the parent is gone or has no more use for the answer, and
the child ends itself and all that it started.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import sys
import threading
import traceback
from typing import Any, TextIO

from domain.datasets.findings import BadFile
from domain.datasets.plain import to_plain
from domain.errors import Refused
from workers.data.child.jobs import job_of


def main() -> None:
    answers = _own_stdout()
    request = json.loads(sys.stdin.readline())
    _limit(request["memory_bytes"])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _say(answers, _answer(request, answers))


def _own_stdout() -> TextIO:
    """Whatever a library prints must not come between the answers."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _limit(memory_bytes: int) -> None:
    """The parent watches what is resident; this stops what grows faster than it can look.

    RLIMIT_DATA counts what is allocated, which is half as much again as what is used, and leaves out mapped files.
    """
    resource.setrlimit(resource.RLIMIT_DATA, (2 * memory_bytes, 2 * memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end_with_parent() -> None:
    # Not through sys.stdin: its lock would be held when the interpreter ends.
    while os.read(0, 1):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _answer(request: dict[str, Any], answers: TextIO) -> dict[str, Any]:
    def on_progress(share: float, doing: str) -> None:
        _say(answers, {"progress": share, "doing": doing})

    try:
        return {"result": job_of(request["do"])(request, on_progress)}
    except BadFile as bad:
        return {"error": {"kind": "user", "findings": to_plain(bad.findings)}}
    except Refused as refused:
        return {"error": {"kind": "user", "problems": to_plain(refused.problems)}}
    except BaseException as error:  # noqa: BLE001 - panics in extensions are no Exception
        traceback.print_exc()
        return {"error": {"kind": "memory" if _is_memory(error) else "internal", "message": _told(error)}}


def _is_memory(error: BaseException) -> bool:
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _say(answers: TextIO, line: dict[str, Any]) -> None:
    answers.write(json.dumps(line, allow_nan=False) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
