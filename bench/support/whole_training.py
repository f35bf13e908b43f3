"""A whole training as a worker starts it: from the start of its process to its result."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from domain.catalogue import complete
from workers.data.frames import write_frame

TASK, ALGORITHM = "algorithmic_trading", "dqn"


def whole_training(made: Callable[..., Any]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.parquet"
        write_frame(made("regimes", rows=900), data, {})
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        _child(_asked(folder, data))
        after, took = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{cpu:.2f} CPU s, {took:.2f} s, {after.ru_maxrss / 1024:,.0f} MB resident"


def _asked(folder: str, data: Path) -> dict[str, Any]:
    return {
        "task": TASK,
        "algorithm": ALGORITHM,
        "config": complete(TASK, ALGORITHM, {"epochs": 20}),
        "seeds": [1],
        "symbol": None,
        "data": str(data),
        "data_sha256": "",
        "out": folder,
        "checkpoint": None,
        "checkpoint_every_s": 15,
        "memory_bytes": 2 << 30,
        "device": "cpu",
        "papers": {},
    }


def _child(asked: dict[str, Any]) -> None:
    with subprocess.Popen(
        (sys.executable, "-P", "-m", "workers.engines.embedded"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asked).encode() + b"\n")
        process.stdin.flush()
        last = list(process.stdout)[-1]
    assert b"result" in last, last
