"""UUID version 7: ids that sort by the time they were made."""

from __future__ import annotations

import os
import time
from threading import Lock
from uuid import UUID

_RANDOM_BITS = 74
_STEP_BYTES = 4
_lock = Lock()
_last = 0


def new_id() -> UUID:
    """48 bits of milliseconds, then 74 random bits (RFC 9562). Of two that one process made the later one is the
    greater one, also within a millisecond and when the clock was set back: lists go by it."""
    global _last  # noqa: PLW0603 - the order is that of the process
    with _lock:
        made = time.time_ns() // 1_000_000 << _RANDOM_BITS | int.from_bytes(os.urandom(10)) >> 6
        if made >> _RANDOM_BITS <= _last >> _RANDOM_BITS:
            made = _last + 1 + int.from_bytes(os.urandom(_STEP_BYTES))
        _last = made
    return UUID(int=_with_version(made))


def _with_version(made: int) -> int:
    """The fixed bits stand after the first 60 and the next 12."""
    high, low = made >> 62, made & (1 << 62) - 1
    return (high >> 12) << 80 | 0x7 << 76 | (high & 0xFFF) << 64 | 0x2 << 62 | low
