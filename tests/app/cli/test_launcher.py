"""./tmw on copies of the tree whose locks ask for nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.settings import ROOT

# One worker makes what all tests here share.
pytestmark = pytest.mark.xdist_group("launcher")

SAY = "import os, sys; print(sys.prefix, os.getcwd(), *sys.argv[1:])\n"


def make_tree(root: Path) -> Path:
    for folder in ("scripts", "app"):
        (root / folder).mkdir(parents=True)
    shutil.copy(ROOT / "tmw", root)
    shutil.copy(ROOT / "scripts/bootstrap.py", root / "scripts")
    (root / "requirements.lock").write_text("# nothing\n")
    (root / "requirements-dev.lock").write_text("# nothing for development\n")
    (root / "requirements-engine.lock").write_text("# nothing for training\n")
    (root / "app/__init__.py").touch()
    (root / "app/__main__.py").write_text(SAY)
    return root


def command(tree: Path, *words: str) -> list[str]:
    return [str(tree / "tmw"), *words]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TMW_", "PYTHON"))}
    return kept | {"TMW_PYTHON": sys.executable} | more


def run(tree: Path, *words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(tree, *words), cwd=cwd, env=environment(**env), capture_output=True, text=True, check=False
    )


@dataclass(frozen=True)
class Story:
    """A tree whose first call was killed in the middle, and which two calls then made at the same time."""

    tree: Path
    left_unfinished: bool
    codes: list[int]
    problems: list[str]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    tree = make_tree(tmp_path_factory.mktemp("made") / "tree")
    kill_half_way(tree)
    left_unfinished = (tree / ".venv/.unfinished").exists()
    both = [
        subprocess.Popen(
            command(tree, word), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for word in ("one", "two")
    ]
    problems = [child.communicate()[1] for child in both]
    return Story(tree, left_unfinished, [child.returncode for child in both], problems)


def kill_half_way(tree: Path) -> None:
    child = subprocess.Popen(
        command(tree), env=environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, process_group=0
    )
    assert child.stderr is not None
    with child.stderr:
        assert "making" in child.stderr.readline()
        while not (tree / ".venv/pyvenv.cfg").exists():
            assert child.poll() is None
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@pytest.fixture
def made(story: Story) -> Path:
    return story.tree


def test_what_was_left_half_made_is_made_anew_by_one_of_two(story: Story) -> None:
    assert story.left_unfinished
    assert story.codes == [0, 0]
    assert sum("making the Python environment" in said for said in story.problems) == 1
    assert not (story.tree / ".venv/.unfinished").exists()


def test_later_calls_begin_at_once(made: Path) -> None:
    done = run(made, "a word", "--flag", cwd=Path("/"))
    assert (done.stdout, done.stderr, done.returncode) == (f"{made}/.venv / a word --flag\n", "", 0)


def test_it_works_through_links(made: Path, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/first").symlink_to(made / "tmw")
    (tmp_path / "second").symlink_to("deep/first")
    done = subprocess.run(
        ["./second", "x"], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{made}/.venv {tmp_path} x\n"


def test_a_package_named_app_where_one_stands_does_not_come_first(made: Path, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").touch()
    assert run(made, cwd=tmp_path).returncode == 0


def test_a_changed_lock_is_installed_and_development_has_its_own(made: Path) -> None:
    (made / "requirements.lock").write_text("# nothing new\n")
    assert "installing" in run(made, "up").stderr
    assert run(made, "up").stderr == ""
    assert "installing" in run(made, "test").stderr
    assert run(made, "check").stderr == ""
    assert run(made, "up").stderr == ""


def test_the_training_engine_comes_when_it_is_asked_for_and_with_development(made: Path) -> None:
    (made / "requirements-engine.lock").write_text("# another version of nothing\n")
    assert run(made, "up").stderr == ""
    assert "installing the training engine" in run(made, "engine").stderr
    assert run(made, "engine").stderr == ""
    (made / "requirements-engine.lock").write_text("# and another\n")
    assert "installing the training engine" in run(made, "test").stderr
    assert run(made, "test").stderr == ""


def test_an_engine_that_cannot_be_had_leaves_the_rest_as_it_is(made: Path) -> None:
    lock = made / "requirements-engine.lock"
    before = lock.read_text()
    lock.write_text("no-such-package==1.0\n")
    try:
        done = run(made, "engine", PIP_INDEX_URL="http://127.0.0.1:9/", PIP_NO_INDEX="0", PIP_RETRIES="1")
        assert (done.returncode, done.stdout) == (1, "")
        assert "the training engine could not be installed: pip cannot reach its package index" in done.stderr
        assert run(made, "up").stderr == ""
    finally:
        lock.write_text(before)


def test_no_recent_python_is_said(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree")
    done = run(tree, TMW_PYTHON="/bin/false")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "tmw: TMW_PYTHON names /bin/false, which is not a Python 3.11 or newer; name another.\n"


def test_a_folder_that_is_something_else_is_not_touched(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree")
    other = tmp_path / "other"
    (other / "kept").mkdir(parents=True)
    done = run(tree, TMW_VENV=str(other))
    assert done.returncode == 1
    assert f"the folder {other} holds something else than a Python environment" in done.stderr
    assert [path.name for path in other.iterdir()] == ["kept"]


def test_an_index_out_of_reach_is_said(made: Path) -> None:
    lock = made / "requirements.lock"
    before = lock.read_text()
    lock.write_text("no-such-package==1.0 --hash=sha256:" + "0" * 64 + "\n")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_NO_INDEX": "0", "PIP_RETRIES": "1"}
    try:
        done = run(made, "up", **nowhere)
        assert (done.returncode, done.stdout) == (1, "")
        assert "pip cannot reach its package index" in done.stderr
        assert "Traceback" not in done.stderr
    finally:
        lock.write_text(before)
    assert run(made, "up").stderr == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_tree_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree")
    tree.chmod(0o500)
    done = run(tree)
    assert done.returncode == 1
    assert "cannot be made" in done.stderr
    tree.chmod(0o700)
