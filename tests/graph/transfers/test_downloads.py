"""Fetching files from a signed address."""

from __future__ import annotations

import os

import httpx
import pytest

from domain.blobs import Owner
from domain.errors import Unavailable
from domain.ids import new_id
from graph.transfers.downloads import attachment
from tests.graph.transfers.conftest import World, content_of, refusal
from tests.graph.transfers.test_uploads import base, head, talking

DATA = os.urandom(700_000)
ETAG = f'"{content_of(DATA).sha256}"'


async def test_a_whole_file(world: World, client: httpx.AsyncClient) -> None:
    answer = await client.get(await world.download(DATA))
    assert (answer.status_code, answer.content) == (200, DATA)
    expected = {
        "content-type": "text/csv",
        "content-length": str(len(DATA)),
        "content-disposition": "attachment; filename=\"prices.csv\"; filename*=UTF-8''prices.csv",
        "accept-ranges": "bytes",
        "etag": ETAG,
        "cache-control": "private, no-store",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    assert dict(answer.headers) == expected


async def test_only_its_headers(world: World, client: httpx.AsyncClient) -> None:
    address = await world.download(DATA)
    whole, headers = await client.get(address), await client.head(address, headers={"range": "bytes=0-9"})
    assert (headers.status_code, headers.content, headers.headers) == (200, b"", whole.headers)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=262100-262200", 262_100, 262_201), ("bytes=-5", 699_995, 700_000)],
)
async def test_a_part(world: World, client: httpx.AsyncClient, asked: str, start: int, end: int) -> None:
    answer = await client.get(await world.download(DATA), headers={"range": asked, "if-range": ETAG})
    assert (answer.status_code, answer.content) == (206, DATA[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(DATA)}"
    assert answer.headers["content-length"] == str(end - start)
    assert answer.headers["etag"] == ETAG


async def test_a_part_of_what_has_changed_is_all_of_it(world: World, client: httpx.AsyncClient) -> None:
    answer = await client.get(await world.download(DATA), headers={"range": "bytes=0-9", "if-range": '"old"'})
    assert (answer.status_code, answer.content) == (200, DATA)


async def test_a_part_behind_the_end(world: World, client: httpx.AsyncClient) -> None:
    answer = await client.get(await world.download(DATA), headers={"range": f"bytes={len(DATA)}-"})
    assert refusal(answer) == (416, "BAD_USER_INPUT")
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"


async def test_what_the_client_has_is_not_sent_again(world: World, client: httpx.AsyncClient) -> None:
    answer = await client.get(await world.download(DATA), headers={"if-none-match": ETAG})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", ETAG)


async def test_an_empty_file(world: World, client: httpx.AsyncClient) -> None:
    answer = await client.get(await world.download(b""))
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")


async def test_the_content_is_what_the_owner_has_now(world: World, client: httpx.AsyncClient) -> None:
    address = await world.download(DATA)
    (owner,) = world.held.contents
    await world.download(b"newer")
    world.held.contents[owner] = content_of(b"newer")
    assert (await client.get(address)).content == b"newer"
    del world.held.contents[owner]
    assert refusal(await client.get(address)) == (404, "NOT_FOUND")


async def test_no_content_is_reached_by_a_stranger(world: World, client: httpx.AsyncClient) -> None:
    """Whether a content is there or not, an owner that has nothing gets the same answer."""
    await world.download(DATA)
    for part in ("original", content_of(DATA).sha256):
        answer = await client.get(world.address_of(Owner("dataset", new_id(), part)))
        assert refusal(answer) == (404, "NOT_FOUND")


async def test_a_link_ends(world: World, client: httpx.AsyncClient) -> None:
    address = await world.download(DATA)
    world.clock.advance(minutes=15)
    assert refusal(await client.get(address)) == (403, "FORBIDDEN")
    assert (await client.head(address)).status_code == 403


async def test_a_forged_link_is_refused_in_the_same_form(world: World, client: httpx.AsyncClient) -> None:
    address = await world.download(DATA)
    _, upload = world.upload()
    for forged in (address[:-1] + "~", "/downloads/tmd_x", upload.replace("uploads", "downloads")):
        assert refusal(await client.get(forged)) == (403, "FORBIDDEN")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_files_are_only_fetched_here(world: World, client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, await world.download(DATA))
    assert refusal(answer) == (405, "BAD_USER_INPUT")
    assert answer.headers["allow"] == "GET, HEAD"


async def test_bytes_that_are_lost_are_our_failure(world: World, client: httpx.AsyncClient) -> None:
    address = await world.download(DATA)
    await world.storage.delete(content_of(DATA).sha256)
    assert refusal(await client.get(address)) == (500, "INTERNAL")


async def test_a_database_that_is_away(world: World, client: httpx.AsyncClient) -> None:
    address = await world.download(DATA)
    world.held.fails = [Unavailable()]
    assert refusal(await client.get(address)) == (503, "UNAVAILABLE")


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("prices.csv", "attachment; filename=\"prices.csv\"; filename*=UTF-8''prices.csv"),
        ("Kurse März.csv", "attachment; filename=\"Kurse M_rz.csv\"; filename*=UTF-8''Kurse%20M%C3%A4rz.csv"),
        ("价格.csv", "attachment; filename=\"__.csv\"; filename*=UTF-8''%E4%BB%B7%E6%A0%BC.csv"),
        (
            'a"; filename=b.exe',
            "attachment; filename=\"a_; filename=b.exe\"; filename*=UTF-8''a_%3B%20filename%3Db.exe",
        ),
        ("a\r\nx-evil: 1.csv", "attachment; filename=\"a x-evil_ 1.csv\"; filename*=UTF-8''a%20x-evil_%201.csv"),
        ("../50%.csv", "attachment; filename=\"50_.csv\"; filename*=UTF-8''50%25.csv"),
    ],
)
def test_names_are_safe_in_the_header(name: str, header: str) -> None:
    assert attachment(name) == header


class TestOnTheWire:
    """With a real server, as clients meet it."""

    async def test_all_answers_are_whole(self, world: World) -> None:
        address = await world.download(DATA)
        async with world.served() as server, httpx.AsyncClient(base_url=base(server)) as client:
            assert (await client.get(address)).content == DATA
            assert (await client.head(address)).headers["content-length"] == str(len(DATA))
            assert (await client.get(address, headers={"range": "bytes=5-8"})).content == DATA[5:9]
            assert (await client.get(address, headers={"if-none-match": ETAG})).status_code == 304
            assert (await client.get(await world.download(b""))).content == b""
            assert (await client.get("/downloads/tmd_x")).status_code == 403
            assert server.connections == 1

    async def test_bytes_that_are_lost_on_the_way_break_the_connection(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address = await world.download(DATA)
        path = next((world.folder / "blobs").glob("*/*/*"))
        path.chmod(0o600)
        os.truncate(path, 300_000)
        async with world.served() as server, talking(server) as (reader, writer):
            writer.write(head("GET", address, 0))
            answer = await reader.read()
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert len(answer) < len(DATA)
