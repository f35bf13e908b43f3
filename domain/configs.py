"""System configuration that an admin may change while the platform runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from domain.audit import Action
from domain.catalogue import supported_algorithms
from domain.clock import Clock
from domain.errors import Code, Problem, Refused
from domain.free_json import clean_object
from domain.text import Problems, readable
from domain.viewer import Viewer, only_admins

if TYPE_CHECKING:
    from domain.work import Works


@dataclass(frozen=True, slots=True)
class SystemConfig:
    id: UUID
    key: str
    value: Any
    description: str
    created_at: datetime
    updated_at: datetime


class ConfigStore(Protocol):
    async def lock(self, key: str) -> SystemConfig:
        """Refuses with NOT_FOUND when there is none of that name."""

    async def save(self, config: SystemConfig) -> None: ...


class ConfigReads(Protocol):
    async def all(self, viewer: Viewer) -> Sequence[SystemConfig]:
        """Every one, by key, for an admin; for others there are none."""


class Configs:
    """Change what the platform is told to do."""

    def __init__(self, *, works: Works, clock: Clock) -> None:
        self._works = works
        self._clock = clock

    async def update(self, viewer: Viewer, key: str, value: object) -> SystemConfig:
        only_admins(viewer)
        async with self._works() as work:
            config = await work.configs.lock(key)
            _CHECKS.get(key, _check_free)(value)
            changed = replace(config, value=value, updated_at=self._clock())
            await work.configs.save(changed)
            before, after = {"key": key, "value": config.value}, {"key": key, "value": value}
            await work.audit.record(
                viewer, Action.CONFIG_CHANGED, of="SystemConfig", id=config.id, before=before, after=after
            )
        return changed


def _whole_number(lowest: int, highest: int) -> Callable[[object], None]:
    def check(value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refused.because(Code.INVALID, "This must be a whole number.", "value")
        if not lowest <= value <= highest:
            raise Refused.because(Code.OUT_OF_RANGE, f"This must be from {lowest:,} to {highest:,}.", "value")

    return check


def _check_algorithms(value: object) -> None:
    """An object of lists: only tasks and algorithms that there are; a task that is left out offers none."""
    if not isinstance(value, dict):
        raise Refused.because(Code.INVALID, "This must be an object: the names of algorithms by task.", "value")
    offered = supported_algorithms()
    with Problems() as problems:
        for task, names in value.items():
            problems.add(*_task_problems(offered, task, names))


def _task_problems(offered: dict[str, list[str]], task: str, names: object) -> list[Problem]:
    place = ("value", readable(task))
    if task not in offered:
        return [Problem(Code.UNKNOWN, f"There is no such task. Choose from: {', '.join(offered)}.", place)]
    if not isinstance(names, list):
        return [Problem(Code.INVALID, "This must be a list of names of algorithms.", place)]
    known = f"There is no such algorithm for this task. Choose from: {', '.join(offered[task])}."
    twice = "This algorithm is named twice."
    return [
        Problem(Code.UNKNOWN, known, (*place, str(index)))
        if name not in offered[task]
        else Problem(Code.INVALID, twice, (*place, str(index)))
        for index, name in enumerate(names)
        if name not in offered[task] or name in names[:index]
    ]


def _check_free(value: object) -> None:
    """Any JSON that can be kept."""
    clean_object({"value": value}, "value")


_CHECKS: dict[str, Callable[[object], None]] = {
    "max_concurrent_jobs": _whole_number(1, 1_000),
    "default_epochs": _whole_number(1, 100_000),
    "supported_algorithms": _check_algorithms,
}
