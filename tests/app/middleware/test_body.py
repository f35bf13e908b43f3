from __future__ import annotations

import asyncio

import httpx
import pytest

from app.middleware.body import BodyLimit, BodyRule

LIMIT = 1000


def wrong(answer: httpx.Response) -> tuple[int, str, str]:
    (error,) = answer.json()["errors"]
    assert set(error) == {"message", "extensions"}
    return answer.status_code, error["extensions"]["code"], error["extensions"]["requestId"]


async def chunks(*sizes: int):
    for size in sizes:
        yield b"x" * size


async def test_a_body_of_exactly_the_limit_comes_through(stand, toy, lines):
    answer = await stand.client(stand.wrap(toy, max_body_bytes=LIMIT)).post("/graphql", content=b"x" * LIMIT)
    assert answer.status_code == 200
    assert toy.bodies == [b"x" * LIMIT]


async def test_a_larger_one_is_refused_before_the_app_sees_it(stand, toy, lines):
    answer = await stand.client(stand.wrap(toy, max_body_bytes=LIMIT)).post("/graphql", content=b"x" * (LIMIT + 1))
    assert wrong(answer) == (413, "BAD_USER_INPUT", answer.headers["x-request-id"])
    assert answer.headers["connection"] == "close"
    assert toy.calls == 0


async def test_a_declared_length_is_refused_without_reading():
    events: list[str] = []

    async def receive():
        events.append("read")
        return {"type": "http.disconnect"}

    async def send(message):
        events.append(message["type"] + (":end" if not message.get("more_body", message.get("status")) else ""))

    scope = {"type": "http", "path": "/", "headers": [(b"content-length", b"9999")]}
    await BodyLimit(toy_that_must_not_run, BodyRule(LIMIT))(scope, receive, send)
    assert events == ["http.response.start", "http.response.body", "read", "http.response.body:end"]


async def test_who_waits_for_leave_to_send_gets_the_refusal_alone():
    async def receive():
        raise AssertionError("reading would give leave")

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/", "headers": [(b"content-length", b"9999"), (b"expect", b"100-continue")]}
    await BodyLimit(toy_that_must_not_run, BodyRule(LIMIT))(scope, receive, send)
    assert sent[0]["status"] == 413


async def toy_that_must_not_run(scope, receive, send):
    raise AssertionError


async def test_chunks_are_counted(stand, toy, lines):
    client = stand.client(stand.wrap(toy, max_body_bytes=LIMIT))
    answer = await client.post("/graphql", content=chunks(600, 400))
    assert (answer.status_code, toy.bodies) == (200, [b"x" * LIMIT])
    answer = await client.post("/graphql", content=chunks(600, 400, 1))
    assert wrong(answer) == (413, "BAD_USER_INPUT", answer.headers["x-request-id"])
    assert len(toy.bodies) == 1


async def test_an_app_that_swallows_the_end_of_a_body_cannot_answer_instead(stand, lines):
    async def careless(scope, receive, send):
        while (await receive())["type"] != "http.disconnect":
            pass
        assert (await receive())["type"] == "http.disconnect"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"fine"})

    client = stand.client(stand.wrap(careless, max_body_bytes=LIMIT))
    answer = await client.post("/graphql", content=chunks(LIMIT, 1))
    assert wrong(answer)[0] == 413


async def test_an_answer_that_has_begun_is_left_alone(stand, lines):
    async def eager(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["type"] != "http.disconnect":
            pass
        await send({"type": "http.response.body", "body": b"end"})

    answer = await stand.client(stand.wrap(eager, max_body_bytes=LIMIT)).post("/graphql", content=chunks(LIMIT, 1))
    assert (answer.status_code, answer.content) == (200, b"end")


async def test_the_longest_prefix_decides(stand, toy, lines):
    rules = {"/uploads": BodyRule(2000), "/uploads/big": BodyRule(3000)}
    client = stand.client(stand.wrap(toy, max_body_bytes=LIMIT, body_rules=rules))

    async def status(path: str, size: int) -> int:
        return (await client.post(path, content=b"x" * size)).status_code

    assert await status("/graphql", 1001) == 413
    assert [await status("/uploads", size) for size in (2000, 2001)] == [200, 413]
    assert [await status("/uploads/big/1", size) for size in (3000, 3001)] == [200, 413]


@pytest.mark.parametrize("before", [b"", b"some"])
async def test_a_body_that_never_comes_is_408(stand, toy, lines, before):
    async def stalled():
        if before:
            yield before
        await asyncio.Event().wait()

    rules = {"/graphql": BodyRule(LIMIT, patience_s=0.02)}
    answer = await stand.client(stand.wrap(toy, body_rules=rules)).post("/graphql", content=stalled())
    assert wrong(answer) == (408, "BAD_USER_INPUT", answer.headers["x-request-id"])
    assert toy.bodies == []


def test_patience_is_for_the_network_not_for_the_app(monkeypatch):
    # In a loop of its own: others in this one would sleep until the pretended time.
    assert asyncio.run(_seen_by_a_slow_app(monkeypatch)) == [b"one", b"two"]


async def _seen_by_a_slow_app(monkeypatch):
    loop = asyncio.get_running_loop()
    real, offset = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: real() + offset)
    parts = [b"one", b"two", b""]

    async def receive():
        await asyncio.sleep(0)
        body = parts.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(parts)}

    async def app(scope, receive, send):
        nonlocal offset
        seen.append((await receive())["body"])
        offset = 1000.0
        seen.append((await receive())["body"])

    async def send(message):
        raise AssertionError

    seen: list[bytes] = []
    scope = {"type": "http", "path": "/", "headers": [(b"transfer-encoding", b"chunked")]}
    await BodyLimit(app, BodyRule(LIMIT, patience_s=10.0))(scope, receive, send)
    return seen


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/graphql-response+json", "application/graphql-response+json; charset=utf-8"),
        ("application/json", "application/json; charset=utf-8"),
        ("*/*", "application/json; charset=utf-8"),
    ],
)
async def test_a_refusal_is_in_a_type_that_the_client_reads(stand, toy, lines, accept, content_type):
    client = stand.client(stand.wrap(toy, max_body_bytes=LIMIT))
    answer = await client.post("/graphql", content=b"x" * 2000, headers={"accept": accept})
    assert answer.headers["content-type"] == content_type


class Wire:
    """Speaks HTTP by hand."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Wire:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def say(self, *parts: bytes) -> None:
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()

    async def answer(self) -> bytes:
        return await self.reader.read()


POST = b"POST /graphql HTTP/1.1\r\nhost: x\r\n"


async def test_over_a_real_connection_chunks_are_cut_off(stand, toy, lines):
    async with stand.served(stand.wrap(toy, max_body_bytes=LIMIT)) as server, Wire(server.port) as wire:
        await wire.say(
            POST, b"transfer-encoding: chunked\r\n\r\n", b"3e8\r\n", b"x" * LIMIT, b"\r\n1\r\nx\r\n", b"0\r\n\r\n"
        )
        answer = await wire.answer()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nconnection: close\r\n" in answer
    assert b'"code":"BAD_USER_INPUT"' in answer


async def test_over_a_real_connection_a_slow_body_is_given_up(stand, toy, lines):
    wrapped = stand.wrap(toy, body_rules={"/graphql": BodyRule(LIMIT, patience_s=0.02)})
    async with stand.served(wrapped) as server, Wire(server.port) as wire:
        await wire.say(POST, b"content-length: 100\r\n\r\n", b"x")
        answer = await wire.answer()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"\r\nconnection: close\r\n" in answer


async def test_over_a_real_connection_the_refusal_reaches_who_sends_everything_first(stand, toy, lines):
    size = 5_000_000
    async with stand.served(stand.wrap(toy, max_body_bytes=LIMIT)) as server, Wire(server.port) as wire:
        await wire.say(POST, b"content-length: %d\r\n\r\n" % size, b"x" * size)
        answer = await wire.answer()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert toy.calls == 0
