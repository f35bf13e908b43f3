from __future__ import annotations

import asyncio

import httpx
import pytest
import websockets
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

STREAM = {"accept": "text/event-stream"}


async def test_nothing_new_is_begun_once_the_stop_has(stand, toy, lines):
    client = stand.client(stand.wrap(toy))
    assert (await client.post("/graphql")).status_code == 200
    stand.drain.begin()
    answer = await client.post("/graphql")
    assert (answer.status_code, answer.headers["retry-after"], answer.headers["connection"]) == (503, "1", "close")
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": answer.headers["x-request-id"]}
    assert toy.calls == 1


async def test_probes_are_still_answered(stand, toy, lines):
    stand.drain.begin()
    assert (await stand.client(stand.wrap(toy)).get("/health")).status_code == 200


@pytest.mark.parametrize(("can_refuse", "first"), [(True, {"status": 503}), (False, {"code": 1013})])
async def test_a_new_socket_is_refused(stand, toy, socket_of, lines, can_refuse, first):
    stand.drain.begin()
    sent = await socket_of([], can_refuse=can_refuse).through(stand.wrap(toy))
    assert first.items() <= sent[0].items()
    assert toy.calls == 0


class Exchange:
    """An open exchange whose client stays and says nothing more."""

    def __init__(self, app, **headers: str) -> None:
        self.sent: list[dict] = []
        self.started = asyncio.Event()
        self._first = True
        named = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/graphql",
            "headers": named,
            "scheme": "http",
            "client": None,
        }
        self.task = asyncio.create_task(app(scope, self.receive, self.send))

    async def receive(self):
        if self._first:
            self._first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        return await asyncio.Event().wait()

    async def send(self, message):
        self.sent.append(message)
        self.started.set()


def listening(content_type: bytes, heard: asyncio.Event):
    async def app(scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", content_type)]})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        assert (await receive())["type"] == "http.disconnect"
        heard.set()

    return app


async def test_an_open_event_stream_is_ended(stand, lines):
    heard = asyncio.Event()
    exchange = Exchange(stand.wrap(listening(b"text/event-stream; charset=utf-8", heard)), **STREAM)
    await exchange.started.wait()
    stand.drain.begin()
    await exchange.task
    assert heard.is_set()
    assert exchange.sent[-1] == {"type": "http.response.body", "body": b""}


async def test_a_stream_that_begins_during_the_stop_is_ended_at_once(stand, lines):
    heard = asyncio.Event()
    inner = listening(b"text/event-stream", heard)

    async def late(scope, receive, send):
        stand.drain.begin()
        await inner(scope, receive, send)

    await Exchange(stand.wrap(late), **STREAM).task
    assert heard.is_set()


async def test_an_ordinary_answer_is_not_disturbed_by_the_stop(stand, lines):
    heard = asyncio.Event()
    exchange = Exchange(stand.wrap(listening(b"application/json", heard)), accept="application/json, text/event-stream")
    await exchange.started.wait()
    stand.drain.begin()
    for _ in range(10):
        await asyncio.sleep(0)
    assert not heard.is_set()
    exchange.task.cancel()
    await asyncio.wait({exchange.task})


async def test_a_real_server_lets_requests_finish_ends_streams_and_closes_sockets(stand, lines):
    running, finish = asyncio.Event(), asyncio.Event()

    async def slow(request):
        running.set()
        await finish.wait()
        return PlainTextResponse("done")

    async def endless():
        yield "data: 1\n\n"
        await asyncio.Event().wait()

    async def events(request):
        return StreamingResponse(endless(), media_type="text/event-stream")

    async def echo(socket):
        await socket.accept()
        async for text in socket.iter_text():
            await socket.send_text(text)

    app = Starlette(routes=[Route("/slow", slow), Route("/events", events), WebSocketRoute("/ws", echo)])
    async with stand.served(stand.wrap(app)) as server, httpx.AsyncClient(base_url=server.url) as client:
        answer = asyncio.create_task(client.get("/slow"))
        stream = asyncio.create_task(client.get("/events", headers=STREAM))
        socket = await websockets.connect(server.url.replace("http", "ws") + "/ws")
        await socket.send("hello")
        assert await socket.recv() == "hello"
        await running.wait()
        server.begin_stop()
        assert (await stream).text == "data: 1\n\n"
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd.code == 1012
        with pytest.raises(httpx.ConnectError):
            await client.get("/slow")
        assert not answer.done()
        finish.set()
        assert (await answer).text == "done"
        assert (await answer).headers["connection"] == "close"
