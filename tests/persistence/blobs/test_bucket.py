"""A bucket of a server that speaks S3."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import structlog

from domain.errors import Unavailable
from persistence.blobs.bucket import BadAddress, bucket_storage
from persistence.blobs.objects import ObjectStorage
from tests.persistence.blobs.conftest import content_of

MakeFile = Callable[[bytes], Path]


async def test_a_large_content_goes_in_parts_and_comes_in_pieces(
    bucket: ObjectStorage, a_file: MakeFile, tmp_path: Path
) -> None:
    data = os.urandom(12_000_000)
    known = content_of(data)
    path = a_file(data)
    await bucket.keep(path, known)
    assert not path.exists()
    pieces = [piece async for piece in bucket.read(known)]
    assert (b"".join(pieces), max(map(len, pieces))) == (data, 2 << 20)
    assert b"".join([piece async for piece in bucket.read(known, 4_999_999, 5_000_001)]) == data[4_999_999:5_000_001]
    async with bucket.as_file(known) as file:
        assert file.read_bytes() == data
    assert list((tmp_path / "scratch").iterdir()) == []


async def test_the_life_of_a_content(bucket: ObjectStorage, a_file: MakeFile) -> None:
    known = content_of(b"hello")
    for _ in range(2):
        await bucket.keep(a_file(b"hello"), known)
    assert list(await bucket.beginning_with(0x2C)) == [known]
    await bucket.delete(known.sha256)
    await bucket.delete(known.sha256)
    assert list(await bucket.beginning_with(0x2C)) == []
    with pytest.raises(FileNotFoundError):
        _ = [piece async for piece in bucket.read(known)]


async def test_prefixes_keep_platforms_apart(
    bucket: ObjectStorage, bucket_url: str, a_file: MakeFile, tmp_path: Path
) -> None:
    other = bucket_storage(bucket_url.replace("where", "else"), key_id="k", secret="s", scratch=tmp_path)
    await bucket.keep(a_file(b"hello"), content_of(b"hello"))
    assert list(await other.beginning_with(0x2C)) == []


async def test_a_bucket_that_is_not_there_is_unavailable(s3_server: str, a_file: MakeFile, tmp_path: Path) -> None:
    nowhere = bucket_storage(f"s3://nowhere?endpoint={s3_server}", key_id="k", secret="s", scratch=tmp_path)
    path = a_file(b"hello")
    with pytest.raises(Unavailable):
        await nowhere.keep(path, content_of(b"hello"))
    assert path.exists()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bucket",
        "http://host/bucket",
        "s3://",
        "s3:///path",
        "s3://key:secret@bucket",
        "s3://bucket?enpoint=http://x",
    ],
)
def test_what_is_no_address(address: str, tmp_path: Path) -> None:
    with pytest.raises(BadAddress):
        bucket_storage(address, key_id=None, secret=None, scratch=tmp_path)


async def test_a_wrong_secret_is_seen_by_operators_and_by_nobody_else(
    a_file: MakeFile, tmp_path: Path, refusing: str
) -> None:
    storage = bucket_storage(f"s3://bucket?endpoint={refusing}", key_id="k", secret="hush", scratch=tmp_path)
    with structlog.testing.capture_logs() as lines, pytest.raises(Unavailable):
        await storage.keep(a_file(b"hello"), content_of(b"hello"))
    assert [(line["event"], line["log_level"]) for line in lines] == [("storage.refused", "error")]
    assert "hush" not in str(lines)


@pytest.fixture
def refusing() -> Iterator[str]:
    """A server that lets nobody in."""

    class Refuses(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(403)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Refuses) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
