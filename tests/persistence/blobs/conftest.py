"""Content in a folder, in memory, and in a bucket of a server that speaks S3."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from obstore.store import MemoryStore

from domain.blobs import Content
from persistence.blobs.bucket import bucket_storage
from persistence.blobs.folder import FolderStorage
from persistence.blobs.objects import ObjectStorage
from tests.support.patience import PATIENCE_S

KEY_ID, SECRET = "test-key", "test-secret"


def content_of(data: bytes) -> Content:
    return Content(hashlib.sha256(data).hexdigest(), len(data))


@pytest.fixture
def a_file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Makes files that are there to be taken over."""

    def make(data: bytes) -> Path:
        path = tmp_path / uuid4().hex
        path.write_bytes(data)
        return path

    return make


@pytest.fixture
def folder(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "blobs")


@pytest.fixture
def memory(tmp_path: Path) -> ObjectStorage:
    return ObjectStorage(MemoryStore(), scratch=tmp_path)


@pytest.fixture(params=["folder", "memory"])
def storage(request: pytest.FixtureRequest) -> ObjectStorage:
    found: ObjectStorage = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a server, started once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    environment = os.environ | {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            _await(address, server)
            yield address
        finally:
            server.kill()


def _await(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        assert server.poll() is None, "the S3 server ended"
        try:
            urllib.request.urlopen(f"{address}/moto-api/", timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise TimeoutError


@pytest.fixture
def bucket_url(s3_server: str) -> str:
    """An empty bucket."""
    name = f"b{uuid4().hex}"
    urllib.request.urlopen(urllib.request.Request(f"{s3_server}/{name}", method="PUT"), timeout=5).close()
    return f"s3://{name}/some/where?endpoint={s3_server}"


@pytest.fixture
def bucket(bucket_url: str, tmp_path: Path) -> ObjectStorage:
    return bucket_storage(bucket_url, key_id=KEY_ID, secret=SECRET, scratch=tmp_path / "scratch")
