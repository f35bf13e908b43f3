"""Several jobs, or what came of them, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.strategies.diff import diff


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not the same everywhere."""

    path: tuple[str, ...]
    values: tuple[Any, ...]
    """In the order of the objects; None where there is none."""


def differences(objects: Sequence[Mapping[str, Any] | None]) -> tuple[Difference, ...]:
    """What the objects that are there do not have in common. A list counts as one value."""
    there = [each for each in objects if each is not None]
    paths = {change.path for other in there[1:] for change in diff(there[0], other)}
    return tuple(Difference(path, tuple(_at(each, path) for each in objects)) for path in sorted(paths))


def _at(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
