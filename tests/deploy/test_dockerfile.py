from __future__ import annotations

import json
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

FILES = {"pyproject.toml", "requirements.lock", "requirements-engine.lock"}


@pytest.fixture
def instructions(dockerfile):
    return {name: [rest for other, rest in dockerfile if other == name] for name, _ in dockerfile}


def test_it_installs_exactly_what_is_locked(instructions):
    packages, engine = [command for command in instructions["RUN"] if "pip install" in command]
    assert {"--require-hashes", "--only-binary=:all:", "requirements.lock"} <= set(packages.split())
    # The builds of one version of torch differ, so it has no hashes.
    assert {"--only-binary=:all:", "requirements-engine.lock"} <= set(engine.split())


def test_it_does_not_run_as_root(dockerfile):
    names = [name for name, _ in dockerfile]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert dict(dockerfile)["USER"] == "trademaster"


def test_it_is_stopped_with_the_signal_that_the_server_knows(instructions):
    assert instructions["STOPSIGNAL"] == ["SIGTERM"]


def test_the_builder_gets_what_the_platform_needs_and_no_more(root):
    lines = (root / ".dockerignore").read_text().split()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    packages = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    assert "*" in lines
    assert let_in == {name.rstrip("*") for name in packages} | {"LICENSE"} | FILES
    assert all((root / name).exists() for name in let_in)


class Alive(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        self.send_response(self.status if self.path == "/health" else 404)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (500, False)])
def test_the_health_check_tells_a_server_that_lives_from_one_that_does_not(instructions, status, healthy):
    (check,) = instructions["HEALTHCHECK"]
    command = json.loads(check.partition(" CMD ")[2])
    with HTTPServer(("127.0.0.1", 0), type("Answering", (Alive,), {"status": status})) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        done = subprocess.run(
            [sys.executable, *command[1:]], env={"TMW_PORT": str(server.server_port)}, capture_output=True, check=False
        )
    assert (done.returncode == 0) is healthy
