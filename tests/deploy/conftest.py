"""The files that deploy the platform, parsed."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="session")
def dockerfile() -> list[tuple[str, str]]:
    """Instructions and what follows them."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


class Unit:
    """A systemd unit: settings may be given more than once."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        lines = [line.partition("=") for line in path.read_text().splitlines() if "=" in line and line[0] != "#"]
        self._settings = [(key, value) for key, _, value in lines]

    def all(self, key: str) -> list[str]:
        return [value for name, value in self._settings if name == key]

    def one(self, key: str) -> str:
        (value,) = self.all(key)
        return value

    def commands(self) -> list[list[str]]:
        return [shlex.split(value) for value in self.all("ExecStart")]


@pytest.fixture(scope="session")
def units() -> dict[str, Unit]:
    found = [Unit(path) for path in (ROOT / "deploy/systemd").iterdir()]
    return {unit.name.removeprefix("trademaster-web").lstrip("-"): unit for unit in found}
