"""The whole platform on this machine."""

from __future__ import annotations

import errno
import http.client
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.embedded import children
from app.embedded.endpoints import embedded
from app.embedded.places import make_folder
from app.embedded.records import Owner
from app.errors import CannotStart
from app.settings import ROOT, Settings
from app.supervisor.program import Program
from app.supervisor.supervisor import Supervisor
from app.supervisor.watched import Say
from app.torch import torch_is_there
from domain.work import Queue

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104
PORT_PATIENCE_S = 1.0
# What a program may take beyond the grace that it gives to running work.
SLACK_S = 5.0


def up(settings: Settings, *, announce: Callable[[], None], say: Say, demo: bool = False) -> None:
    """Run until a signal comes. Raises CannotStart with nothing left behind."""
    state_dir = make_folder(settings.state_dir)
    owner = Owner(state_dir / "up.lock", _already(state_dir), patience_s=0)
    owner.take()
    owner.note(f"process {os.getpid()}, {settings.url}")
    try:
        end_leftovers(state_dir)
        check_port(settings.host, settings.port)
        _supervisor(settings, state_dir, announce, say, demo=demo).run()
    finally:
        owner.release()


def _already(state_dir: Path) -> CannotStart:
    note = ""
    with suppress(OSError):
        note = (state_dir / "up.lock").read_text()
    return CannotStart(
        f"The platform of {state_dir} runs already ({note or 'just started'}).",
        "Stop it with Ctrl-C there, or set TMW_STATE_DIR to another folder for a second one.",
    )


def end_leftovers(state_dir: Path) -> None:
    """Programs of a killed `up`, on systems that do not end them with their parent."""
    found = children.marked("python", attached_to(state_dir))
    children.end_all(found, first=signal.SIGTERM, seconds=5.0)


def attached_to(state_dir: Path) -> str:
    return f"--attached-to={state_dir}"


def check_port(host: str, port: int, patience_s: float = PORT_PATIENCE_S) -> None:
    """Say it before anything starts. A process that was just killed may need a moment to let the port go."""
    deadline = time.monotonic() + patience_s
    while (problem := _cannot_listen(host, port)) is not None:
        if problem.errno != errno.EADDRINUSE or time.monotonic() >= deadline:
            reason = (problem.strerror or str(problem)).lower()
            raise CannotStart(f"The API cannot listen on port {port} of {host} ({reason}).", _cure(problem))
        time.sleep(0.1)


def _cannot_listen(host: str, port: int) -> OSError | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as problem:
        return problem
    return None


def _cure(problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        return "Stop what listens there, or choose another: ./tmw up --port 8001"
    if problem.errno == errno.EACCES:
        return "Ports below 1024 are for root; choose another: ./tmw up --port 8001"
    return "Choose an address of this machine: ./tmw up --host 127.0.0.1"


def missing(host: str, port: int) -> str | None:
    """What /ready says is lacking; None when the platform is ready."""
    line = http.client.HTTPConnection(EVERYWHERE.get(host, host), port, timeout=10)
    try:
        line.request("GET", "/ready")
        answer = line.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return "the API does not answer."
    finally:
        line.close()
    return None if answer.status == http.HTTPStatus.OK else _problems(body)


def _problems(body: bytes) -> str:
    try:
        parts = json.loads(body)["parts"].items()
        return " ".join(f"{name}: {part.get('problem', '')}" for name, part in parts if not part["ok"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "the API gives an answer that is not understood."


def _supervisor(
    settings: Settings, state_dir: Path, announce: Callable[[], None], say: Say, *, demo: bool
) -> Supervisor:
    env = dict(os.environ) | {"TMW_HOST": settings.host, "TMW_PORT": str(settings.port)}

    def program(name: str, *words: str) -> Program:
        command = [sys.executable, "-P", "-m", "app", *words, attached_to(state_dir)]
        return Program(
            name, command, cwd=ROOT, env=env | {"PYTHONPATH": str(ROOT)}, grace_s=settings.shutdown_grace_s + SLACK_S
        )

    return Supervisor(
        servers=[server for server in embedded(settings) if server is not None],
        preparations=[program("The migration of the database", "migrate", "--seed")],
        front=program("The API", "serve"),
        workers=[program(f"The worker of the queue {queue}", "worker", f"--queue={queue}") for queue in Queue],
        meanwhile=[
            *([] if torch_is_there() else [program("The installation of the training engine", "engine")]),
            *([program("The demo", "furnish")] if demo else []),
        ],
        missing=lambda: missing(settings.host, settings.port),
        announce=announce,
        say=say,
    )
