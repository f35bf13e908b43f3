from __future__ import annotations

from http import HTTPStatus

import pytest

from app.middleware.access import AccessLog


class Clock:
    """Half a second later at each look."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 0.5
        return self.now


def value(stand, name, **labels):
    return stand.metrics.registry.get_sample_value(name, labels)


async def test_one_line_tells_what_a_request_was(stand, toy, lines):
    toy.to_state = {"operation_name": "Projects", "user_id": "42"}
    toy.status = HTTPStatus.OK
    await stand.client(stand.wrap(toy), peer="198.51.100.7").post("/graphql?token=abc", content=b"{}")
    (line,) = lines.all()
    assert line.pop("ms") >= 0
    assert len(line.pop("request_id")) == 20
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "event": "request",
        "logger": "app.access",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "bytes": 2,
        "operation_name": "Projects",
        "user_id": "42",
        "client_address": "198.51.100.7",
    }


async def test_time_is_told_to_the_log_the_client_and_the_metrics(stand, toy, lines):
    toy.to_state = {"operation_name": "Projects"}
    answer = await stand.client(AccessLog(toy, stand.metrics, clock=Clock())).get("/graphql")
    assert answer.headers["server-timing"] == "app;dur=500.0"
    assert lines.all()[0]["ms"] == 1000.0
    assert value(stand, "tmw_operation_duration_seconds_sum", operation="Projects") == 1.0


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
async def test_probes_are_logged_only_for_debugging(stand, toy, log_to, path):
    quiet = log_to()
    await stand.client(stand.wrap(toy)).get(path)
    assert quiet.all() == []
    talkative = log_to(log_level="debug")
    await stand.client(stand.wrap(toy)).get(path)
    assert [(line["level"], line["path"]) for line in talkative.of("request")] == [("debug", path)]


async def test_a_failure_of_ours_is_a_warning(stand, toy, lines):
    toy.status = 503
    await stand.client(stand.wrap(toy)).get("/graphql")
    assert [(line["level"], line["status"]) for line in lines.of("request")] == [("warning", 503)]


async def test_requests_are_counted_by_method_and_status(stand, toy, lines):
    client = stand.client(stand.wrap(toy))
    await client.get("/graphql")
    await client.post("/graphql")
    await client.request("BREW", "/graphql")
    assert value(stand, "tmw_http_requests_total", method="GET", status="200") == 1
    assert value(stand, "tmw_http_requests_total", method="POST", status="200") == 1
    assert value(stand, "tmw_http_requests_total", method="other", status="200") == 1


async def test_only_operations_are_timed_and_streams_are_not(stand, toy, lines):
    client = stand.client(stand.wrap(toy))
    await client.get("/somewhere")
    toy.to_state = {"operation_name": None}
    await client.get("/graphql")
    toy.headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
    await client.get("/graphql")
    assert value(stand, "tmw_operation_duration_seconds_count", operation="anonymous") == 1


async def test_a_client_that_left_before_the_answer_is_499(stand, lines):
    async def silent(scope, receive, send):
        return

    async def nothing(message=None):
        raise AssertionError

    scope = {"type": "http", "method": "GET", "path": "/graphql", "headers": [], "client": None}
    await stand.wrap(silent)(scope, nothing, nothing)
    (line,) = lines.of("request")
    assert (line["status"], line["bytes"], line["client_address"]) == (499, 0, "unknown")


async def test_a_long_path_is_cut_and_control_characters_are_made_visible(stand, toy, lines):
    await stand.client(stand.wrap(toy)).get("/a%1b%0a" + "b" * 500)
    (line,) = lines.of("request")
    assert line["path"].startswith("/a\\x1b\\nbbb")
    assert len(line["path"]) == 200 + len("\\x1b\\n") - 2


@pytest.mark.parametrize(
    ("app_sends", "client_sends", "status", "code"),
    [
        (["websocket.accept", "websocket.close"], [], 101, 4400),
        (["websocket.accept"], [{"type": "websocket.disconnect", "code": 1001}], 101, 1001),
        (["websocket.close"], [], 403, 4400),
    ],
)
async def test_one_line_tells_what_became_of_a_socket(stand, socket_of, lines, app_sends, client_sends, status, code):
    async def app(scope, receive, send):
        await receive()
        for kind in app_sends:
            await send({"type": kind, "code": 4400} if kind.endswith("close") else {"type": kind})
        for _ in client_sends:
            await receive()

    await socket_of(client_sends).through(stand.wrap(app))
    (line,) = lines.of("request")
    assert (line["method"], line["path"], line["status"], line["code"]) == ("WEBSOCKET", "/graphql", status, code)
    assert value(stand, "tmw_http_requests_total", method="WEBSOCKET", status=str(status)) == 1
