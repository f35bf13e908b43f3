"""A process that looks into canonical files for the API, one wish after the other, until its input ends.

It is started as `python -m workers.data.reading_child MEMORY_BYTES`. A message is four bytes of length and then a
pickle, which only this program's own parent ever sends.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import struct
import sys
from typing import Any, BinaryIO

from domain.errors import Refused

LENGTH = struct.Struct(">I")


def main() -> None:
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not end up among the answers.
    os.dup2(2, 1)
    # Only now, so that the limits hold for it as well.
    from workers.data import reading  # noqa: PLC0415

    while (wish := _next(source)) is not None:
        # Should the parent be gone, nobody else would end a wish that never ends.
        signal.alarm(wish.pop("seconds"))
        _say(sink, _answered(reading.answer, wish))
        signal.alarm(0)


def _answered(answer: Any, wish: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"answer": answer(wish.pop("operation"), wish)}
    except Refused as refused:
        return {"refused": refused.problems}
    except MemoryError:
        return {"broken": "MemoryError"}
    except Exception as error:  # noqa: BLE001 - the parent says what broke
        return {"broken": f"{type(error).__name__}: {error}"[:500]}


def _next(source: BinaryIO) -> dict[str, Any] | None:
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    wish: dict[str, Any] = pickle.loads(source.read(LENGTH.unpack(head)[0]))  # noqa: S301 - from our parent alone
    return wish


def _say(sink: BinaryIO, answer: dict[str, Any]) -> None:
    body = pickle.dumps(answer)
    sink.write(LENGTH.pack(len(body)) + body)
    sink.flush()


if __name__ == "__main__":
    main()
