"""What each process loads: memory and start-up time are what a laptop has least of."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.settings import ROOT

HEAVY = ("torch", "polars", "numpy", "talib")


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("app.asgi", HEAVY),
        ("app.work", (*HEAVY, "strawberry", "graphql", "uvicorn")),
        ("app.cli", (*HEAVY, "strawberry", "sqlalchemy", "alembic", "uvicorn")),
    ],
)
def test_a_process_loads_only_what_it_needs(module: str, unwanted: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([name for name in {unwanted!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
