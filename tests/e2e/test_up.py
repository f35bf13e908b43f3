"""The real platform, started, stopped and killed as a person would."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.embedded.children import living
from app.settings import ROOT
from tests.support.upped import Upped, all_gone, free_port

# One worker makes what all tests here share.
pytestmark = pytest.mark.xdist_group("e2e")

SECOND_START_WITHIN_S = 6.0

Start = Callable[[], Upped]


@pytest.fixture(scope="module")
def state_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tmw-e2e-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def start(state_dir: Path) -> Iterator[Start]:
    started: list[Upped] = []
    port = free_port()

    def go() -> Upped:
        started.append(Upped(ROOT, state_dir, port))
        return started[-1]

    yield go
    for one in started:
        if one.process.poll() is None:
            one.stop(signal.SIGTERM)


def get(one: Upped, path: str, body: object = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{one.port}{path}", data, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def test_it_answers_and_leaves_no_process_behind(start: Start) -> None:
    one = start().ready()
    status, ready = get(one, "/ready")
    assert status == 200
    assert ready["ready"] is True
    status, answer = get(one, "/graphql", {"query": "{ __typename }"})
    assert (status, answer["data"]) == (200, {"__typename": "Query"})
    family = one.family()
    assert one.stop(signal.SIGINT) == 0
    assert living(family) == []


def test_killed_with_9_it_starts_again(start: Start) -> None:
    one = start().ready()
    family = one.family()
    one.send(signal.SIGKILL)
    again = start().ready()
    assert all_gone(family)
    assert get(again, "/ready")[0] == 200
    assert again.stop(signal.SIGTERM) == 0


@pytest.mark.soak
def test_a_second_start_is_fast(start: Start) -> None:
    start().ready().stop()
    took = []
    for _ in range(3):
        began = time.monotonic()
        one = start().ready()
        took.append(time.monotonic() - began)
        one.stop()
    assert min(took) < SECOND_START_WITHIN_S, took
