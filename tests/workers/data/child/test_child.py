"""A job in a process of its own: what it answers, and how it ends in each of the ways that it can end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

import workers
from domain.datasets.findings import BadFile, FindingCode, Place
from domain.datasets.report import Report
from workers.data.child import ChildFailed, FailedBy, run_child

PLAIN = "date,close\n2024-01-15,1\n2024-01-16,2\n"
PLENTY = 2_000_000_000
LONG = timedelta(seconds=60)


async def inspected(
    folder: Path, *, memory_bytes: int = PLENTY, time_limit: timedelta = LONG, on_progress: Any = None, **more: Any
) -> dict[str, Any]:
    (folder / "out").mkdir(exist_ok=True)
    request = {"do": "inspect", "path": str(folder / "file"), "name": "prices.csv", "out": str(folder / "out"), **more}
    return await run_child(request, memory_bytes=memory_bytes, time_limit=time_limit, on_progress=on_progress)


def children() -> set[int]:
    """The inspecting processes of this one. A forked one is not yet what it is going to be."""
    found = set()
    for child in psutil.Process().children(recursive=True):
        try:
            if "workers.data.child" in child.cmdline():
                found.add(child.pid)
        except psutil.Error:
            pass
    return found


@pytest.fixture
def stuck(tmp_path: Path) -> Path:
    """A folder with a file that nobody ever finishes reading."""
    os.mkfifo(tmp_path / "file")
    return tmp_path


class Began:
    """Remembers the progress, and calls something when it first comes."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.seen: list[tuple[float, str]] = []
        self.event = asyncio.Event()
        self._then = then

    async def __call__(self, share: float, doing: str) -> None:
        self.seen.append((share, doing))
        if not self.event.is_set():
            self.event.set()
            self._then()


async def test_it_tells_its_progress_and_the_result(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(PLAIN)
    progress = Began()
    result = await inspected(tmp_path, on_progress=progress)
    assert Report.from_json(result["report"]).canonical.rows == 2
    shares = [share for share, _ in progress.seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert children() == set()


async def test_corrections_and_limits_reach_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("time,close\n2024-01-15 09:30,1\n2024-01-15 10:30,2\n")
    result = await inspected(tmp_path, correction={"symbol": "X", "zone": "Asia/Tokyo"})
    assert result["report"]["symbols"][0]["first"] == "2024-01-15T00:30:00+00:00"
    with pytest.raises(BadFile, match="more than 1 rows"):
        await inspected(tmp_path, limits={"rows": 1})


async def test_what_a_person_can_mend_comes_back_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_text('date,close\n2024-01-15,"1\n')
    with pytest.raises(BadFile) as caught:
        await inspected(tmp_path)
    (finding,) = caught.value.findings
    assert (finding.code, finding.places) == (FindingCode.BROKEN_QUOTES, (Place(2, "close"),))
    assert list((tmp_path / "out").iterdir()) == []


async def test_a_fault_of_ours_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed) as caught:
        await inspected(tmp_path)
    assert caught.value.by is FailedBy.FAULT
    assert "FileNotFoundError" in caught.value.message


async def test_it_is_killed_when_it_takes_too_long(stuck: Path) -> None:
    with pytest.raises(ChildFailed) as caught:
        await inspected(stuck, time_limit=timedelta(seconds=1))
    assert caught.value.by is FailedBy.TIME
    assert children() == set()


async def test_a_cancelled_one_is_gone_when_the_cancelling_is_over(stuck: Path) -> None:
    progress = Began()
    task = asyncio.create_task(inspected(stuck, on_progress=progress))
    await progress.event.wait()
    assert len(children()) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == set()


async def test_one_that_is_killed_from_outside_may_be_tried_again(stuck: Path) -> None:
    progress = Began(lambda: [os.kill(pid, signal.SIGKILL) for pid in children()] and None)
    with pytest.raises(ChildFailed) as caught:
        await inspected(stuck, on_progress=progress)
    assert caught.value.by is FailedBy.KILLED


async def test_it_is_gone_when_the_listener_fails(stuck: Path) -> None:
    async def listener(_share: float, _doing: str) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await inspected(stuck, on_progress=listener)
    assert children() == set()


async def test_it_gets_no_more_memory_than_it_may_have(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        file.write("date,close\n" + "2024-01-15 10:00:00,1.5\n" * 1_500_000)
    with pytest.raises(ChildFailed) as caught:
        await inspected(tmp_path, memory_bytes=150_000_000)
    assert caught.value.by is FailedBy.MEMORY
    assert "150 MB" in caught.value.message


async def test_it_ends_with_its_parent(stuck: Path) -> None:
    (stuck / "out").mkdir()
    code = f"""
import asyncio
from datetime import timedelta
from workers.data.child import run_child
async def say(share, doing): print(doing, flush=True)
request = {{"do": "inspect", "path": {str(stuck / "file")!r}, "name": "x", "out": {str(stuck / "out")!r}}}
asyncio.run(run_child(request, memory_bytes={PLENTY}, time_limit=timedelta(hours=1), on_progress=say))
"""
    environment = {"PYTHONPATH": str(Path(workers.__file__).parents[1])}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as parent:  # noqa: ASYNC220
        assert parent.stdout is not None
        assert await asyncio.to_thread(parent.stdout.readline) == b"Opening\n"
        (child,) = psutil.Process(parent.pid).children()
        parent.kill()
        await asyncio.to_thread(child.wait, 30)
        assert not child.is_running()
