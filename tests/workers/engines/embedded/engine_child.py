"""The engine's process as its parent meets it: a request in, lines out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import workers
from domain.catalogue import complete

PLENTY = 2 << 30
Line = dict[str, Any]


def request(data: Path, out: Path, task: str = "algorithmic_trading", algorithm: str = "dqn", **more: Any) -> Line:
    """One small training, unless told otherwise; `config` changes the defaults."""
    out.mkdir(parents=True, exist_ok=True)
    asked = {
        "task": task,
        "algorithm": algorithm,
        "seeds": [1],
        "symbol": None,
        "data": str(data),
        "data_sha256": "ab" * 32,
        "out": str(out),
        "checkpoint": None,
        "checkpoint_every_s": 60,
        "memory_bytes": PLENTY,
        "device": "cpu",
        "papers": {"dataset": "a name"},
    }
    config = complete(task, algorithm, more.pop("config", {}))
    return {**asked, "config": config, **more}


class Child:
    """The real process, in a session of its own as its parent starts it."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        environment = {"PYTHONPATH": str(Path(workers.__file__).parents[1]), "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            (sys.executable, "-P", "-m", "workers.engines.embedded"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(asked).encode() + b"\n")
        self.process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def lines(self) -> Iterator[Line]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield json.loads(line)

    def until(self, what: str, count: int = 1) -> list[Line]:
        """All lines up to the one that says this for the so many-th time."""
        seen: list[Line] = []
        for line in self.lines():
            seen.append(line)
            count -= what in line
            if count == 0:
                return seen
        raise AssertionError(f"it ended without {what}: {seen[-3:]}")

    def rest(self) -> list[Line]:
        """What it still said before it was killed; the last line may be half of one."""
        assert self.process.stdout is not None
        lines = self.process.stdout.read().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def ask_for_a_checkpoint(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def send(self, signal: int) -> None:
        os.kill(self.process.pid, signal)


def trained(asked: Mapping[str, Any]) -> list[Line]:
    """All lines of a training that comes to its end by itself."""
    with Child(asked) as child:
        lines = list(child.lines())
        assert child.process.wait(30) == 0
        return lines


def numbered(lines: list[Line]) -> list[Line]:
    return [line for line in lines if "n" in line]
