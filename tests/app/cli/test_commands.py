"""The smaller commands, run in this process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import types
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import get_args

import pytest
from redis import Redis
from typer.testing import CliRunner

from app.cli import app, config, main, serving
from app.cli.example import env_example
from app.cli.inspection import disk, findings, folder, packages
from app.cli.trouble import database_trouble
from app.embedded.valkey import EmbeddedValkey
from app.errors import CannotStart
from app.settings import ROOT, Settings
from app.supervisor.up import _problems, check_port, missing
from domain.work import Queue

NOW = datetime(2030, 1, 1, tzinfo=UTC)
CALLS = ["up", "serve", "worker", "migrate", "seed", "doctor", "test", "soak", "check", "schema", "settings", "user"]


def test_help_names_every_command() -> None:
    help_text = CliRunner().invoke(app, ["--help"]).output
    assert [name for name in CALLS if name not in help_text] == []


@pytest.mark.parametrize("heavy", ["strawberry", "sqlalchemy", "starlette", "app.settings"])
def test_help_loads_nothing_heavy(heavy: str) -> None:
    code = f"import sys, app.cli; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("heavy", ["strawberry", "sqlalchemy", "starlette"])
def test_doctor_and_up_load_nothing_heavy(heavy: str) -> None:
    code = f"import sys, app.cli.inspection, app.cli.panels, app.supervisor.up; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_example_is_what_the_settings_say() -> None:
    assert (ROOT / ".env.example").read_text() == env_example()
    assert CliRunner().invoke(app, ["settings"]).output == env_example()


def test_a_worker_may_work_on_every_queue() -> None:
    assert set(get_args(serving.Queue)) == {queue.value for queue in Queue}


def test_wrong_settings_are_named_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMW_PORT", "hunter2")
    monkeypatch.setenv("TMW_RATE_PER_MINUTE", "0")
    with pytest.raises(config.BadSettings) as refusal:
        config.load()
    assert refusal.value.problem.splitlines() == [
        "TMW_PORT: input should be a valid integer, unable to parse string as an integer.",
        "TMW_RATE_PER_MINUTE: input should be greater than or equal to 1.",
    ]
    assert "hunter2" not in str(refusal.value)


def test_a_refusal_is_one_sentence_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("TMW_STATE_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["tmw", "seed", f"--attached-to={tmp_path}"])
    monkeypatch.setitem(sys.modules, "app.seed", types.SimpleNamespace(run=None))
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    assert capsys.readouterr().err == "No platform is running here. Start it with ./tmw up.\n"


def test_a_database_out_of_reach_is_one_sentence() -> None:
    with pytest.raises(CannotStart, match=r"^The database does not answer \(Refused\)\. Look at"), database_trouble():
        raise ConnectionRefusedError(111, "Refused")
    with pytest.raises(KeyError), database_trouble():
        raise KeyError


def test_who_watches_needs_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMW_TOKEN", raising=False)
    result = CliRunner().invoke(app, ["watch", "a-job"])
    needed = "A token is needed: give an access token or an API token as TMW_TOKEN. ./tmw token create makes one.\n"
    assert (result.exit_code, result.stderr) == (1, needed)


@pytest.mark.parametrize("url", ["nonsense", "ftp://a", "http://", "http://a:99999", "http://a:b", "http://[::1"])
def test_what_is_no_address_is_not_watched(url: str) -> None:
    result = CliRunner().invoke(app, ["watch", "a-job", "--url", url, "--token", "t"])
    assert result.exit_code == 2
    assert "Write an address such as http://127.0.0.1:8000." in result.stderr


def test_schema_prints_and_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[Path] = []
    face = types.SimpleNamespace(printed=lambda: "type Query\n", check=checked.append)
    monkeypatch.setitem(sys.modules, "app.schema_file", face)
    monkeypatch.setattr("app.schema_file", face, raising=False)
    assert CliRunner().invoke(app, ["schema"]).output == "type Query\n"
    assert CliRunner().invoke(app, ["schema", "--check"]).exit_code == 0
    assert checked == [ROOT]


def test_doctor_finds_what_is_lacking(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey")
    url = server.start()
    try:
        with Redis.from_url(url) as redis:
            beat = {"at": (NOW - timedelta(seconds=4)).isoformat(), "version": "1.2", "jobs": 0}
            redis.set("tmw:worker:data:abc", json.dumps(beat))
        settings = Settings(
            _env_file=None, state_dir=tmp_path, port=1, database_url="postgresql://u:hunter2@127.0.0.1:1/x"
        )
        found = {one.part: one for one in findings(settings, clock=lambda: NOW)}
    finally:
        server.stop()
    assert {part: one.good for part, one in found.items() if part not in ("packages", "disk")} == {
        "Python": True,
        "state folder": True,
        "PostgreSQL": False,
        "Valkey": True,
        "API": False,
        "worker training": False,
        "worker evaluation": False,
        "worker data": True,
    }
    assert found["worker data"].says == "1 worker, seen 4 s ago"
    assert found["worker data"].version == "1.2"
    assert found["Valkey"].version[0].isdigit()
    assert all(one.good != bool(one.remedy) for one in found.values())
    assert "hunter2" not in str(found)


def test_doctor_looks_at_folder_disk_and_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder(tmp_path / "later").good
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    assert folder(open_to_all).remedy == f"chmod go-w {open_to_all}"
    (tmp_path / "file").touch()
    assert not folder(tmp_path / "file" / "below").good
    assert disk(tmp_path / "not" / "there").good
    monkeypatch.setattr("app.cli.inspection.NEEDED_MB", 10**12)
    assert not disk(tmp_path).good


def test_doctor_compares_what_is_installed_with_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(
        f"psutil=={version('psutil')} \\\n    --hash=sha256:00\nno-such-thing==1 ; sys_platform == 'other'\n"
    )
    assert packages(lock).version == "1 locked"
    # For each Python its own.
    lock.write_text(f"psutil==0.0.1 ; python_version < '3'\npsutil=={version('psutil')} ; python_version >= '3'\n")
    assert packages(lock).version == "1 locked"
    lock.write_text("psutil==0.0.1 ; python_version >= '3' \\\nno-such-thing==1\n")
    assert packages(lock).says == "2 are not as some.lock asks: psutil==0.0.1, no-such-thing==1"


def names(lock: str) -> set[str]:
    return {line.split(" \\")[0] for line in (ROOT / lock).read_text().splitlines() if "==" in line and line[0] != "#"}


def test_the_locks_are_exact_and_the_second_holds_the_first() -> None:
    assert names("requirements.lock") < names("requirements-dev.lock")
    assert names("requirements-engine.lock") == {"torch==2.13.0", "safetensors==0.8.0"}
    for lock in ("requirements.lock", "requirements-dev.lock", "requirements-engine.lock"):
        assert "://" not in (ROOT / lock).read_text()


def test_the_launcher_may_be_run() -> None:
    assert os.access(ROOT / "tmw", os.X_OK)
    assert os.access(ROOT / "scripts/lock", os.X_OK)


@pytest.mark.parametrize(
    ("host", "cure"),
    [("127.0.0.1", "choose another: ./tmw up --port 8001"), ("192.0.2.1", "Choose an address of this machine")],
)
def test_where_the_api_cannot_listen_is_said_with_the_cure(host: str, cure: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CannotStart) as refusal:
        check_port(host, taken.getsockname()[1], patience_s=0)
    assert cure in refusal.value.remedy


def test_what_ready_names_is_told() -> None:
    parts = {"redis": {"ok": False, "problem": "It is asleep."}, "database": {"ok": True}}
    assert _problems(json.dumps({"ready": False, "parts": parts}).encode()) == "redis: It is asleep."
    assert _problems(b"<html>") == "the API gives an answer that is not understood."
    assert missing("127.0.0.1", 1) == "the API does not answer."
