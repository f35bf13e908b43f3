"""A Valkey of a test's own, to be stopped and started."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.embedded.valkey import EmbeddedValkey


@pytest.fixture
def valkey() -> Iterator[EmbeddedValkey]:
    """Not started; its address stays the same from one start to the next."""
    with tempfile.TemporaryDirectory(prefix="tmw-test-") as folder:
        server = EmbeddedValkey(Path(folder) / "valkey")
        yield server
        server.stop()
