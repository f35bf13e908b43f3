"""What the measurements run on: servers of their own in a temporary folder, and the two programs that are compared."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from app import migrate
from app.embedded.endpoints import Endpoints
from app.embedded.postgres import EmbeddedPostgres
from app.embedded.valkey import EmbeddedValkey
from app.settings import ROOT

READY_WITHIN_S = 60.0
OFTEN = "1000000000"


@dataclass(frozen=True, slots=True)
class Program:
    """A running server, with a process of its own."""

    port: int
    process: psutil.Process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def cpu_s(process: psutil.Process) -> float:
    """What a process has used up so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


@dataclass(frozen=True, slots=True)
class Servers:
    """The folder that everything is in, where the servers listen, and the process of PostgreSQL."""

    folder: Path
    endpoints: Endpoints
    postgres: psutil.Process

    def postgres_cpu_s(self) -> float:
        return sum(map(cpu_s, self.postgres.children()))


@contextmanager
def servers() -> Iterator[Servers]:
    """A PostgreSQL with empty tables and a Valkey."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tmw-bench-", ignore_cleanup_errors=True)))
        # As root, Postgres runs as another user, who must be able to pass through.
        folder.chmod(0o711)
        postgres, valkey = EmbeddedPostgres(folder / "postgres", durable=False), EmbeddedValkey(folder / "valkey")
        stack.callback(postgres.stop)
        stack.callback(valkey.stop)
        endpoints = Endpoints(postgres.start(), None, valkey.start())
        migrate.upgrade(endpoints)
        [postmaster] = [child for child in psutil.Process().children() if child.name() == "postgres"]
        yield Servers(folder, endpoints, postmaster)


@contextmanager
def the_api(base: Servers, more: Mapping[str, str] | None = None) -> Iterator[Program]:
    """The API as users run it: everything on, its log in a file; only that nobody asks too often."""
    settings = {
        "TMW_DATABASE_URL": base.endpoints.database_url,
        "TMW_REDIS_URL": base.endpoints.redis_url,
        "TMW_SIGNING_KEY": secrets.token_urlsafe(48),
        "TMW_STATE_DIR": str(base.folder / "state"),
        "TMW_LOG_FORMAT": "json",
        "TMW_RATE_PER_MINUTE": OFTEN,
        "TMW_LIST_RATE_PER_MINUTE": OFTEN,
        **(more or {}),
    }
    with _started(base.folder / "api.log", ["app", "serve"], settings, "TMW_PORT", "/health") as program:
        yield program


@contextmanager
def the_limit(base: Servers) -> Iterator[Program]:
    """One hand-written statement behind a bare route."""
    settings = {"BENCH_DATABASE_URL": base.endpoints.database_url}
    with _started(base.folder / "bare.log", ["bench.support.bare"], settings, "BENCH_PORT", "/") as program:
        yield program


@contextmanager
def bare_sockets(base: Servers) -> Iterator[Program]:
    """Sockets that forward what they are told."""
    settings = {"BENCH_REDIS_URL": base.endpoints.redis_url}
    with _started(base.folder / "sockets.log", ["bench.support.bare_socket"], settings, "BENCH_PORT", "/") as program:
        yield program


@contextmanager
def _started(log: Path, words: list[str], settings: Mapping[str, str], port_name: str, path: str) -> Iterator[Program]:
    port = _free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TMW_")}
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env={**clean, **settings, port_name: str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        program = Program(port, psutil.Process(child.pid))
        _wait_for(program.url + path, child, log)
        yield program
    finally:
        child.terminate()
        child.wait()


def _wait_for(url: str, child: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while child.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"It did not start:\n{log.read_text()[-4000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
