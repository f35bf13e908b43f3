"""`up` with stand-ins for the API and the workers, on real servers."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.embedded.children import living
from app.settings import ROOT
from tests.support.upped import Upped, all_gone, free_port

# One worker makes what all tests here share.
pytestmark = pytest.mark.xdist_group("up")

SERVE = """
import http.server, os, signal, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if "WEAK" in os.environ else 200)
        self.end_headers()
        self.wfile.write(b'{"ready": true}')
    def log_message(self, *_): pass
def leave(number, _):
    # Once: in the middle of its end it would be an error.
    signal.signal(number, signal.SIG_IGN)
    print("API stops", flush=True)
    sys.exit()
def run(settings, endpoints):
    signal.signal(signal.SIGTERM, leave)
    http.server.ThreadingHTTPServer((settings.host, settings.port), Answer).serve_forever()
"""
WORK = """
import os, signal, sys
def run(settings, endpoints, queue):
    if os.environ.get("WEAK") == queue:
        from app.errors import CannotStart
        raise CannotStart("The queue is weak.", "Strengthen it.")
    def leave(number, _):
        signal.signal(number, signal.SIG_IGN)
        os.write(1, f"worker {queue} stops\\n".encode())
        sys.exit()
    signal.signal(signal.SIGTERM, leave)
    while True:
        signal.pause()
"""
MIGRATE = """
import time, os
def upgrade(endpoints):
    print("migrates", flush=True)
    time.sleep(float(os.environ.get("SLOW", 0)))
"""
SEED = "def run(settings, endpoints): print('seeds', flush=True)\n"


@pytest.fixture(scope="module")
def house() -> Iterator[Path]:
    """A copy of the tree whose API and workers are stand-ins."""
    root = Path(tempfile.mkdtemp(prefix="tmw-house-"))
    root.chmod(0o755)
    for room in ("app", "domain"):
        shutil.copytree(ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in {"serve": SERVE, "work": WORK, "migrate": MIGRATE, "seed": SEED}.items():
        shutil.rmtree(root / "app" / name, ignore_errors=True)
        (root / "app" / f"{name}.py").write_text(text)
    yield root
    shutil.rmtree(root)


Start = Callable[..., Upped]


@pytest.fixture
def start(house: Path) -> Iterator[Start]:
    started: list[Upped] = []
    port = free_port()

    def go(**env: str) -> Upped:
        started.append(Upped(house, house / "var", int(env.pop("port", port)), env=env))
        return started[-1]

    yield go
    for one in started:
        if one.process.poll() is None:
            one.stop(signal.SIGTERM)


def get(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5) as answer:
        return int(answer.status)


def test_ctrl_c_stops_everything_in_order(start: Start) -> None:
    one = start().ready()
    assert one.said.index("migrates\n") < one.said.index("seeds\n")
    assert get(one.port) == 200
    family = one.family()
    assert {"postgres", "valkey-server"} <= {process.name() for process in family}
    one.send(signal.SIGINT)
    one.hear("API stops")
    one.send(signal.SIGINT)
    assert one.end() == 0
    assert sorted(line for line in one.said if line.endswith("stops\n"))[1:] == [
        "worker data stops\n",
        "worker evaluation stops\n",
        "worker training stops\n",
    ]
    assert living(family) == []


def test_ctrl_c_in_the_terminal_reaches_only_the_parent(start: Start) -> None:
    one = start().ready()
    groups = {os.getpgid(process.pid) for process in psutil.Process(one.process.pid).children()}
    assert os.getpgid(one.process.pid) not in groups
    assert one.stop(signal.SIGTERM) == 0


def test_a_signal_during_the_start_stops_it(start: Start) -> None:
    one = start(SLOW="60")
    one.hear("migrates")
    family = one.family()
    assert one.stop(signal.SIGTERM) == 0
    assert all_gone(family)


def test_what_dies_is_started_again(start: Start) -> None:
    one = start().ready()
    one.child(" serve ").kill()
    one.hear("The API ended (killed by SIGKILL); it is started again in 0.5 s.")
    one.child("--queue=data").kill()
    one.hear("The worker of the queue data ended (killed by SIGKILL); it is started again in 0.5 s.")
    one.child("postgres -D").kill()
    one.hear("PostgreSQL ended (killed by SIGKILL); it is started again in 0.5 s.")
    one.hear("PostgreSQL runs again.")
    assert one.stop() == 0


def test_killed_with_9_it_starts_again(start: Start) -> None:
    one = start().ready()
    family = one.family()
    one.send(signal.SIGKILL)
    again = start().ready()
    assert all_gone(family)
    assert get(again.port) == 200
    assert again.stop() == 0


def test_a_second_one_is_refused(start: Start) -> None:
    one = start().ready()
    second = start(port=str(free_port()))
    assert second.end() == 1
    assert f"runs already (process {one.process.pid}, http://127.0.0.1:{one.port})" in " ".join(second.said)
    assert one.stop() == 0


def test_a_taken_port_is_said_before_anything_starts(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        one = start(port=str(port))
        assert one.end() == 1
    said = "".join(one.said)
    assert said.count("\n") == 1
    assert f"The API cannot listen on port {port} of 127.0.0.1" in said


def test_a_part_that_refuses_to_start_ends_the_start(start: Start) -> None:
    one = start(WEAK="evaluation")
    assert one.end() == 1
    said = "".join(one.said)
    assert "The queue is weak. Strengthen it." in said
    assert "The worker of the queue evaluation ended at once (exit code 1)." in said
    assert "Traceback" not in said
