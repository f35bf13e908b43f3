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


@pytest.fixture(scope="session")
def redis_url(worker_number):
    import os
    return os.environ["TMW_TEST_REDIS_URL"].replace("db=0", f"db={worker_number}")
