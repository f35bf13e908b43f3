"""The log as parsed lines."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from app.observe.logging import configure_logging
from app.settings import Settings
from tests.support.logs import usual_logs


class Lines:
    """What was logged."""

    def __init__(self, stream: io.BytesIO) -> None:
        self.stream = stream

    @property
    def text(self) -> str:
        return self.stream.getvalue().decode()

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def one(self) -> dict[str, Any]:
        (line,) = self.all()
        return line

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.all() if line["event"] == event]


@pytest.fixture
def settings_of() -> Callable[..., Settings]:
    return lambda **values: Settings(_env_file=None, **{"log_format": "json", **values})


@pytest.fixture
def log_to(settings_of: Callable[..., Settings]) -> Iterator[Callable[..., Lines]]:
    """Configures logging for one test."""
    root, uvicorn = logging.getLogger(), logging.getLogger("uvicorn.error")
    kept = root.handlers[:], root.level, uvicorn.filters[:]
    # As in a process of its own, whatever uvicorn was told by tests that serve.
    uvicorn.setLevel(logging.NOTSET)

    def configure(stream: io.BytesIO | None = None, **values: Any) -> Lines:
        lines = Lines(stream or io.BytesIO())
        configure_logging(settings_of(**values), lines.stream)
        return lines

    yield configure
    root.handlers[:], root.level, uvicorn.filters[:] = kept
    logging.captureWarnings(capture=False)
    usual_logs()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def lines(log_to: Callable[..., Lines]) -> Lines:
    return log_to()
