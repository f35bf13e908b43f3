"""The child process of a training or an evaluation: one JSON request in, JSON lines out.

The parent holds the pipe of the request open. Another line in it asks for a checkpoint. When it closes, the parent is
gone or has no more use for the answer, and the child ends itself and all that it started.
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
from collections.abc import Callable
from typing import Any, TextIO

_BESIDE_DATA = 512 << 20
_OUT_OF_MEMORY = ("can't allocate memory", "Cannot allocate memory", "failed to map segment", "could not spawn threads")


def main() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    lines = _own_stdout()
    request = json.loads(sys.stdin.readline())
    _limit(request["memory_bytes"])
    checkpoint_wanted = threading.Event()
    threading.Thread(target=_hear_parent, args=(checkpoint_wanted,), daemon=True).start()
    _say(lines, _answer(request, lines, checkpoint_wanted))


def _own_stdout() -> TextIO:
    """Whatever a library prints must not come between the lines."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return lines


def _limit(memory_bytes: int) -> None:
    """The parent watches what is resident; this stops what grows faster than it can look.

    RLIMIT_DATA counts what is allocated, about twice what is used; the libraries alone take some hundred megabytes.
    """
    most = 2 * memory_bytes + _BESIDE_DATA
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _hear_parent(checkpoint_wanted: threading.Event) -> None:
    """Ends with it."""
    # Not through sys.stdin: its lock would be held when the interpreter ends.
    while os.read(0, 1):
        checkpoint_wanted.set()
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _answer(request: dict[str, Any], lines: TextIO, checkpoint_wanted: threading.Event | None = None) -> dict[str, Any]:
    # Idle threads of the libraries would spin beside the one that works.
    os.environ.update(OMP_NUM_THREADS="1", OMP_WAIT_POLICY="PASSIVE", POLARS_MAX_THREADS="1")
    try:
        from workers.engines.embedded.shapes import BadInput  # noqa: PLC0415 - within the limits set above
        from workers.engines.embedded.voice import Voice  # noqa: PLC0415
    except BaseException as error:  # noqa: BLE001 - libraries fail in many ways where memory is short
        return _failed(error)
    try:
        return {"result": _work(request.get("do", "train"))(request, Voice(lines, checkpoint_wanted=checkpoint_wanted))}
    except BadInput as bad:
        return {"error": {"code": bad.code, "message": bad.message}}
    except BaseException as error:  # noqa: BLE001 - panics in extensions are no Exception
        return _failed(error)


def _work(name: str) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """What does it. Only that is imported."""
    if name == "evaluate":
        from workers.evaluations.run import evaluate_plain  # noqa: PLC0415

        return evaluate_plain
    from workers.engines.embedded.request import Request  # noqa: PLC0415
    from workers.engines.embedded.run import run  # noqa: PLC0415

    return lambda request, voice: run(Request.of(request), voice)


def _failed(error: BaseException) -> dict[str, Any]:
    traceback.print_exc()
    return {"error": {"kind": "memory" if _is_memory(error) else "internal", "message": _told(error)}}


def _is_memory(error: BaseException) -> bool:
    no_memory = isinstance(error, OSError) and error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or no_memory or any(sign in str(error) for sign in _OUT_OF_MEMORY)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _say(lines: TextIO, line: dict[str, Any]) -> None:
    lines.write(json.dumps(line, allow_nan=False) + "\n")
    lines.flush()


if __name__ == "__main__":
    main()
