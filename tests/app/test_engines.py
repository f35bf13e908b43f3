"""The training engine is installed when it is first needed."""

from __future__ import annotations

import pytest

from app.engines import PENDING, Torch
from domain.jobs.running import JobFailed


class Machine:
    """With or without torch; `installs` says whether an installation succeeds."""

    def __init__(self, *, has_torch: bool, installs: bool = True) -> None:
        self.has_torch = has_torch
        self.installs = installs
        self.installations = 0

    async def install(self) -> bool:
        self.installations += 1
        self.has_torch = self.installs
        return self.installs

    def torch(self) -> Torch:
        return Torch(is_there=lambda: self.has_torch, install=self.install)


async def test_what_is_there_is_not_installed() -> None:
    machine = Machine(has_torch=True)
    assert machine.torch().pending is None
    await machine.torch().ready()
    assert machine.installations == 0


async def test_what_is_missing_is_said_and_installed() -> None:
    machine = Machine(has_torch=False)
    assert machine.torch().pending == PENDING
    await machine.torch().ready()
    assert machine.installations == 1
    assert machine.torch().pending is None


async def test_what_cannot_be_installed_fails_the_job_with_a_remedy() -> None:
    machine = Machine(has_torch=False, installs=False)
    with pytest.raises(JobFailed) as failed:
        await machine.torch().ready()
    assert failed.value.code == "ENGINE_MISSING"
    assert "./tmw engine" in failed.value.message
