"""The recordings: single answers, and whole logs."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "recordings"


@cache
def _text(path: str) -> str:
    with (HERE / path).open(encoding="utf-8", newline="") as file:
        return file.read()


def recording(name: str) -> dict[str, Any]:
    """method, path, body, status, json, text."""
    found: dict[str, Any] = json.loads(_text(f"answers/{name}.json"))
    return found


def answer(name: str) -> dict[str, Any]:
    found: dict[str, Any] = recording(name)["json"]
    return found


def log(name: str) -> str:
    """As it lies in the file of the service."""
    return _text(f"logs/{name}.txt")


def sent(text: str) -> str:
    """As the service hands a log out: what stands before the last "m " of a line is cut off, and progress bars too."""
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    if "it/s]" in line:
        return line.split("it/s]")[-2]
    return line.rpartition("m ")[2]
