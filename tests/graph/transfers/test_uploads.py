"""Sending files to a signed address."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from domain.errors import Code, Refused, Unavailable
from tests.graph.transfers.conftest import LIMIT, World, content_of, refusal
from tests.graph.transport.wire import Server, until
from tests.support.patience import PATIENCE_S

DATA = os.urandom(300_000)
WHOLE = content_of(DATA)


def state(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["upload-offset"], answer.headers["upload-complete"]


async def in_chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 50_000):
        yield data[start : start + 50_000]


async def test_a_file_in_one_go(world: World, client: httpx.AsyncClient) -> None:
    ticket, address = world.upload()
    answer = await client.put(address, content=DATA)
    assert answer.status_code == 200
    assert answer.json() == {"uploadId": str(ticket.upload_id), "sha256": WHOLE.sha256, "size": len(DATA)}
    assert state(answer) == (200, str(len(DATA)), "?1")
    assert answer.headers["cache-control"] == "no-store"
    assert world.noun.got == [(ticket, WHOLE)]
    assert world.stored(DATA)
    assert world.left() == [".upload"]


async def test_a_file_whose_length_nobody_told(world: World, client: httpx.AsyncClient) -> None:
    _, address = world.upload()
    assert (await client.put(address, content=in_chunks(DATA))).json()["sha256"] == WHOLE.sha256


async def test_how_far_it_is(world: World, client: httpx.AsyncClient) -> None:
    _, address = world.upload()
    answer = await client.head(address)
    assert state(answer) == (204, "0", "?0")
    assert answer.headers["upload-limit"] == f"max-size={LIMIT}"
    await client.put(address, content=DATA[:100], headers={"upload-complete": "?0"})
    assert state(await client.head(address)) == (204, "100", "?0")
    await client.put(address, content=DATA)
    assert state(await client.head(address)) == (204, str(len(DATA)), "?1")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_going_on(world: World, client: httpx.AsyncClient, method: str) -> None:
    _, address = world.upload()
    headers = {"upload-offset": "0", "upload-complete": "?0", "content-type": "application/partial-upload"}
    assert state(await client.request(method, address, content=DATA[:100], headers=headers)) == (204, "100", "?0")
    answer = await client.request(method, address, content=DATA[100:], headers={"upload-offset": "100"})
    assert answer.json()["sha256"] == WHOLE.sha256


async def test_a_new_link_goes_on_too(world: World, client: httpx.AsyncClient) -> None:
    ticket, address = world.upload()
    await client.put(address, content=DATA[:100], headers={"upload-complete": "?0"})
    world.clock.advance(minutes=5)
    other = "/uploads/" + world.tickets.of_upload(ticket)
    assert (await client.put(other, content=DATA[100:], headers={"upload-offset": "100"})).status_code == 200


async def test_a_wrong_offset_is_told_the_right_one(world: World, client: httpx.AsyncClient) -> None:
    _, address = world.upload()
    await client.put(address, content=DATA[:100], headers={"upload-complete": "?0"})
    answer = await client.put(address, content=DATA, headers={"upload-offset": "99"})
    assert refusal(answer) == (409, "WRONG_OFFSET")
    assert state(answer) == (409, "100", "?0")


async def test_a_complete_upload_takes_nothing_more(world: World, client: httpx.AsyncClient) -> None:
    _, address = world.upload()
    await client.put(address, content=DATA)
    answer = await client.put(address, content=b"other")
    assert refusal(answer) == (409, "WRONG_OFFSET")
    assert state(answer) == (409, str(len(DATA)), "?1")
    again = await client.put(address, headers={"upload-offset": str(len(DATA))})
    assert again.json()["sha256"] == WHOLE.sha256
    assert len(world.noun.got) == 1


@pytest.mark.parametrize("rest", [{"upload-offset": "200000"}, {}])
async def test_a_body_shorter_than_was_said_is_not_the_file(
    world: World, client: httpx.AsyncClient, rest: dict[str, str]
) -> None:
    _, address = world.upload(max_bytes=len(DATA), size=len(DATA))
    answer = await client.put(address, content=DATA[:200_000])
    assert refusal(answer) == (409, "UNFINISHED")
    assert "Only 200,000 of 300,000 bytes" in answer.text
    assert state(answer) == (409, "200000", "?0")
    assert state(await client.head(address)) == (204, "200000", "?0")
    assert world.noun.got == []
    answer = await client.put(address, content=DATA[200_000:] if rest else DATA, headers=rest)
    assert answer.json()["sha256"] == WHOLE.sha256


async def test_too_large_is_told_before_it_comes(world: World, client: httpx.AsyncClient) -> None:
    _, address = world.upload(max_bytes=1_000)
    answer = await client.put(address, content=b"x" * 1_001)
    assert refusal(answer) == (413, "TOO_LARGE")
    assert answer.headers["upload-limit"] == "max-size=1000"
    assert answer.headers["connection"] == "close"
    assert (await client.put(address, content=b"x" * 1_000)).status_code == 200


async def test_too_large_without_a_length_leaves_nothing(world: World, client: httpx.AsyncClient) -> None:
    _, address = world.upload(max_bytes=100_000)
    assert refusal(await client.put(address, content=in_chunks(DATA))) == (413, "TOO_LARGE")
    assert world.left() == []


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("PUT", {"content-range": "bytes 0-9/10"}, 400),
        ("PUT", {"upload-offset": "-1"}, 400),
        ("PUT", {"upload-offset": "1.0"}, 400),
        ("PUT", {"upload-offset": ""}, 400),
        ("PUT", {"upload-offset": "9" * 16}, 400),
        ("PUT", {"upload-complete": "yes"}, 400),
        ("PATCH", {}, 400),
        ("POST", {}, 405),
        ("GET", {}, 405),
        ("DELETE", {}, 405),
    ],
)
async def test_what_is_not_understood(
    world: World, client: httpx.AsyncClient, method: str, headers: dict[str, str], status: int
) -> None:
    _, address = world.upload()
    answer = await client.request(method, address, content=b"x", headers=headers)
    assert refusal(answer) == (status, "BAD_USER_INPUT")
    assert status != 405 or answer.headers["allow"] == "HEAD, PUT, PATCH"
    assert world.left() == []


async def test_a_link_ends(world: World, client: httpx.AsyncClient) -> None:
    _, address = world.upload()
    world.clock.advance(minutes=15)
    assert refusal(await client.put(address, content=DATA)) == (403, "FORBIDDEN")
    assert (await client.head(address)).status_code == 403
    assert world.left() == []


async def test_a_forged_link_is_refused_in_the_same_form(world: World, client: httpx.AsyncClient) -> None:
    _, address = world.upload()
    download = await world.download(b"x")
    for forged in (address[:-1] + "~", "/uploads/tmu_x", "/uploads/" + download.rsplit("/")[-1]):
        assert refusal(await client.put(forged, content=DATA)) == (403, "FORBIDDEN")
    assert world.left() == []


async def test_an_unwanted_file(world: World, client: httpx.AsyncClient) -> None:
    _, address = world.upload()
    world.noun.fails = [Refused.because(Code.QUOTA_EXCEEDED, "You have no room left.")]
    assert refusal(await client.put(address, content=DATA)) == (409, "QUOTA_EXCEEDED")
    assert world.left() == []


async def test_a_failure_of_ours_can_be_made_up_for(world: World, client: httpx.AsyncClient) -> None:
    _, address = world.upload()
    world.noun.fails = [RuntimeError("a secret detail"), Unavailable()]
    answer = await client.put(address, content=DATA)
    assert refusal(answer) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"] == "1"
    rest = {"upload-offset": (await client.head(address)).headers["upload-offset"]}
    answer = await client.put(address, headers=rest)
    assert refusal(answer) == (500, "INTERNAL")
    assert "secret" not in answer.text
    assert (await client.put(address, headers=rest)).json()["sha256"] == WHOLE.sha256


async def test_two_at_once(world: World, client: httpx.AsyncClient) -> None:
    _, address = world.upload()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield DATA[:1_000]
        begun.set()
        await go_on.wait()
        yield DATA[1_000:]

    first = asyncio.create_task(client.put(address, content=slowly()))
    await begun.wait()
    second = await client.put(address, content=DATA)
    assert refusal(second) == (409, "IN_USE")
    assert second.headers["retry-after"] == "5"
    go_on.set()
    assert (await first).status_code == 200
    assert len(world.noun.got) == 1


async def test_silence_is_given_up(world: World) -> None:
    world.idle_s = 0.05
    _, address = world.upload()

    async def silent() -> AsyncIterator[bytes]:
        yield DATA[:1_000]
        await asyncio.Event().wait()

    transport = httpx.ASGITransport(world.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert refusal(await client.put(address, content=silent())) == (408, "TOO_SLOW")
        assert state(await client.head(address)) == (204, "1000", "?0")


class TestOnTheWire:
    """With a real server, as clients meet it."""

    async def test_a_cut_connection_leaves_its_bytes(self, world: World) -> None:
        _, address = world.upload()
        async with world.served() as server, httpx.AsyncClient(base_url=base(server)) as client:
            async with talking(server) as (_, writer):
                writer.write(head("PUT", address, len(DATA)) + DATA[:200_000])
                await writer.drain()
                await until(lambda: world.left() == [".part", ".upload"])
                assert refusal(await client.put(address, content=DATA)) == (409, "IN_USE")
            await until(lambda: world.bytes_left() > 0)
            offset = int((await client.head(address)).headers["upload-offset"])
            assert 0 < offset <= 200_000
            answer = await client.put(address, content=DATA[offset:], headers={"upload-offset": str(offset)})
            assert answer.json()["sha256"] == WHOLE.sha256

    async def test_who_asks_for_leave_is_refused_without_sending(self, world: World) -> None:
        _, address = world.upload(max_bytes=1_000)
        async with world.served() as server, talking(server) as (reader, writer):
            writer.write(head("PUT", address, 10**9, "expect: 100-continue"))
            answer = await reader.read()
            assert answer.startswith(b"HTTP/1.1 413 ")
            assert b"100 Continue" not in answer

    async def test_who_sends_at_once_gets_the_refusal_too(self, world: World) -> None:
        _, address = world.upload(max_bytes=1_000)
        async with world.served() as server, talking(server) as (reader, writer):
            writer.write(head("PUT", address, 10**9) + DATA * 10)
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 413 ")
            body = await reader.readuntil(b"}]}")
            assert json.loads(body)["errors"][0]["extensions"]["code"] == "TOO_LARGE"

    async def test_the_connection_goes_on_after_a_whole_upload(self, world: World) -> None:
        async with world.served() as server, httpx.AsyncClient(base_url=base(server)) as client:
            for _ in range(3):
                assert (await client.put(world.upload()[1], content=DATA)).status_code == 200
            assert server.connections == 1


def base(server: Server) -> str:
    return server.url.replace("ws://", "http://").removesuffix("/graphql")


@asynccontextmanager
async def talking(server: Server) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, port = base(server).removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def head(method: str, address: str, length: int, *more: str) -> bytes:
    lines = [f"{method} {address} HTTP/1.1", "host: test", f"content-length: {length}", *more, "", ""]
    return "\r\n".join(lines).encode()
