from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request
from starlette.routing import Route, Router


async def broken(scope, receive, send):
    raise RuntimeError("SELECT * FROM users failed")


def internal(answer):
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": answer.headers["x-request-id"]}
    assert "SELECT" not in answer.text
    return answer.status_code


async def test_an_unexpected_error_is_told_without_its_text_and_logged_once_with_it(stand, lines):
    answer = await stand.client(stand.wrap(broken)).get("/graphql")
    assert internal(answer) == 500
    (line,) = lines.of("unexpected error")
    assert line["level"] == "error"
    assert line["request_id"] == answer.headers["x-request-id"]
    assert "RuntimeError: SELECT * FROM users failed" in line["exception"]
    assert [line["status"] for line in lines.of("request")] == [500]


async def test_an_error_inside_a_route_is_told_the_same_way(stand, lines):
    async def endpoint(request: Request):
        raise RuntimeError("SELECT * FROM users failed")

    app = Router(routes=[Route("/graphql", endpoint)])
    answer = await stand.client(stand.wrap(app)).get("/graphql")
    assert internal(answer) == 500
    assert len(lines.of("unexpected error")) == 1


async def test_an_error_in_an_open_socket_closes_it_with_1011(stand, socket_of, lines):
    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})
        raise RuntimeError("no")

    sent = await socket_of([]).through(stand.wrap(app))
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.close"]
    assert sent[-1]["code"] == 1011


@pytest.mark.parametrize(("can_refuse", "first"), [(True, "websocket.http.response.start"), (False, "websocket.close")])
async def test_an_error_before_a_socket_is_open_refuses_it(stand, socket_of, lines, can_refuse, first):
    sent = await socket_of([], can_refuse=can_refuse).through(stand.wrap(broken))
    assert sent[0]["type"] == first
    assert sent[0].get("status") == (500 if can_refuse else None)


async def test_a_client_that_went_away_is_no_error(stand, socket_of, lines):
    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})

    async def gone(message):
        raise OSError("connection lost")

    socket = socket_of([])
    await stand.wrap(app)(socket.scope, socket.receive, gone)
    assert lines.of("unexpected error") == []


async def answer_of_cancelled(app):
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": [], "scheme": "http", "client": None}
    task = asyncio.create_task(app(scope, asyncio.Event().wait, send))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    return task, sent


async def waiting(scope, receive, send):
    await asyncio.Event().wait()


async def test_a_request_that_outlasts_a_stop_is_told_so(stand, lines):
    wrapped = stand.wrap(waiting)

    async def begin_then_run(scope, receive, send):
        await wrapped(scope, receive, send)

    task = asyncio.ensure_future(answer_of_cancelled(begin_then_run))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    stand.drain.begin()
    done, sent = await task
    assert not done.cancelled()
    assert (sent[0]["status"], b'"code":"INTERNAL"' in sent[1]["body"]) == (503, True)


async def test_any_other_cancellation_goes_through(stand, lines):
    done, sent = await answer_of_cancelled(stand.wrap(waiting))
    assert done.cancelled()
    assert sent == []
