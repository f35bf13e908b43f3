"""What a training says, in JSON lines. Logs and metrics are numbered, and nothing numbered knows the time."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TextIO

from workers.engines.embedded.shapes import Measures, Split

Level = Literal["info", "warning"]
_BETWEEN_PROGRESS_S = 0.5


class Voice:
    """Speaks line by line; a full pipe makes it wait."""

    def __init__(
        self,
        out: TextIO,
        clock: Callable[[], float] = time.monotonic,
        *,
        checkpoint_wanted: threading.Event | None = None,
    ) -> None:
        self._out = out
        self._clock = clock
        self._next_progress = clock()
        self.next_n = 1
        """The number of the next log or metric. A resumed run goes on where its checkpoint was."""
        self.checkpoint_wanted = checkpoint_wanted or threading.Event()
        """Set by whoever listens, when they want one before the next is due."""

    def log(self, message: str, level: Level = "info") -> None:
        self._numbered("log", {"level": level, "message": message})

    def metric(self, epoch: int, step: int, split: Split, values: Measures, seed: int | None) -> None:
        """The seed is named where there are several."""
        named = {} if seed is None else {"seed": seed}
        self._numbered("metric", {"epoch": epoch, "step": step, "split": split, **named, "values": values})

    def progress(self, facts: Callable[[], Mapping[str, float]], *, is_last: bool = False) -> None:
        """Not more often than anyone can see."""
        if (now := self._clock()) >= self._next_progress or is_last:
            self._next_progress = now + _BETWEEN_PROGRESS_S
            self.say({"progress": dict(facts())})

    def checkpoint(self, path: Path, step: int) -> None:
        self.say({"checkpoint": {"path": str(path), "step": step}})

    def say(self, line: Mapping[str, Any]) -> None:
        self._out.write(json.dumps(line, allow_nan=False) + "\n")
        self._out.flush()

    def _numbered(self, what: str, told: Mapping[str, Any]) -> None:
        self.say({"n": self.next_n, what: told})
        self.next_n += 1
