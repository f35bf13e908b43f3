"""Folders for a piece of work: gone when it is over, and soon after its worker was killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.settings import ROOT
from workers.scratch import clear_abandoned, scratch

HOLDER = """
import sys
from pathlib import Path
from workers.scratch import scratch
with scratch(Path(sys.argv[1]), "training") as folder:
    (folder / "weights").write_bytes(b"1")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_empty_at_first_and_gone_afterwards(tmp_path: Path) -> None:
    with scratch(tmp_path, "training") as folder, scratch(tmp_path, "training") as other:
        assert folder != other
        assert [path.name for path in folder.iterdir() if not path.name.startswith(".")] == []
        (folder / "below").mkdir()
        (folder / "below" / "file").write_bytes(b"1")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_cleared_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-c", HOLDER, str(tmp_path)]
    holders = [
        subprocess.Popen(
            command, env={"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    try:
        folders = [Path(holder.stdout.readline().strip()) for holder in holders if holder.stdout]
        assert clear_abandoned(tmp_path) == 0
        holders[0].kill()
        holders[0].wait()
        assert folders[0].exists()
        assert clear_abandoned(tmp_path) == 1
        assert list(tmp_path.iterdir()) == [folders[1]]
        assert (folders[1] / "weights").read_bytes() == b"1"
    finally:
        for holder in holders:
            holder.kill()
            holder.communicate()


def test_what_others_have_there_is_left_to_them(tmp_path: Path) -> None:
    (tmp_path / "job-abc").mkdir()
    (tmp_path / "held-half-gone").mkdir()
    assert clear_abandoned(tmp_path) == 0
