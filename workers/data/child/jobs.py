"""What a child process can do, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

OnProgress = Callable[[float, str], None]
Job = Callable[[dict[str, Any], OnProgress], dict[str, Any]]
"""Takes the request and returns what can be written as JSON."""

JOBS: Mapping[str, str] = {
    "inspect": "workers.data.inspection.job:run",
    "prepare": "workers.data.making:prepare",
    "fetch": "workers.data.making:fetch",
    "bars": "workers.data.labelling:bars",
    "labels": "workers.data.labelling:labels",
}
"""Where each function is. It is imported only in the child, as it may bring much along."""


def job_of(name: str) -> Job:
    module, function = JOBS[name].split(":")
    return cast("Job", getattr(import_module(module), function))
