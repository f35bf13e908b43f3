"""What four files of 100 MB at once cost the API: memory, and the patience of everybody else.

Run it with: python -m bench.uploads
The server is the platform's own, with its middleware, but without a database. Files are sent as fast as it takes
them, by PUT to a link and in a form with a mutation, and then fetched again. Quiet and busy spells alternate, so that
what else goes on on the machine disturbs both alike: trust the ratios.
"""

from __future__ import annotations

import argparse
import http.client
import io
import multiprocessing
import os
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import psutil
import strawberry
import uvloop
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route
from strawberry.schema.config import StrawberryConfig

from app.middleware.drain import Drain
from app.middleware.serving import Server, server_config
from app.middleware.stack import stack
from app.observe.logging import configure_logging
from app.observe.metrics import Metrics
from app.observe.tracing import Tracing
from app.settings import Settings
from domain.blobs import Content, Owner
from domain.transfers import DownloadTicket, Tickets, UploadTicket
from domain.uploading import Intake, Received
from graph.execution import Limits, Schema
from graph.transfers.bodies import Pace
from graph.transfers.downloads import DownloadDoor
from graph.transfers.multipart import FormLimits, MultipartForms
from graph.transfers.routes import transfer_routes
from graph.transfers.types import UPLOAD, Upload
from graph.transfers.uploads import UploadDoor
from graph.transport.documents import TrustedDocuments
from graph.transport.http import GraphQLOverHTTP
from persistence.blobs.folder import FolderStorage
from persistence.blobs.parts import PartFolder

SIZE, AT_ONCE = 100_000_000, 4
KEY = b"k" * 32
PAUSE_S = 0.005
SMALL = b'{"query":"{ hello }"}'
BOUNDARY = b"----bench"
Send = Callable[[int, Path], None]


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "hello"


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def send(self, info: strawberry.Info, file: Upload) -> str:
        storage: FolderStorage = info.context
        await storage.keep(file.received.path, file.received.content)
        return file.received.content.sha256


class Keeps:
    """Takes whole uploads over, without a database."""

    def __init__(self, storage: FolderStorage) -> None:
        self.storage = storage

    async def finished(self, _: UploadTicket, received: Received) -> None:
        await self.storage.keep(received.path, received.content)
        self.last = received.content

    async def content_of(self, _: Owner) -> Content:
        return self.last

    async def open_http(self, _: HTTPConnection) -> FolderStorage:
        return self.storage


class NoDocuments:
    async def get(self, _: str) -> None:
        return None


def now() -> datetime:
    return datetime.now(UTC)


def tickets() -> Tickets:
    return Tickets(upload_keys=[KEY], download_keys=[KEY], clock=now)


def serve(folder: str, port: int) -> None:
    settings = Settings(_env_file=None, port=port)
    configure_logging(settings, io.BytesIO())
    storage, parts = FolderStorage(Path(folder, "blobs")), PartFolder(Path(folder, "uploads"))
    keeps = Keeps(storage)
    limits = Limits(max_depth=5, max_aliases=5, max_root_fields=5, max_tokens=500, max_cost=500, introspection=True)
    schema = Schema(Query, Mutation, limits=limits, config=StrawberryConfig(scalar_map={Upload: UPLOAD}))
    pace = Pace()
    form_limits = FormLimits(max_file_bytes=settings.max_upload_bytes, max_text_bytes=settings.max_body_bytes)
    graphql = GraphQLOverHTTP(
        schema=schema,
        sessions=keeps,
        documents=TrustedDocuments(store=NoDocuments(), trusted_only=False),
        forms=MultipartForms(parts=parts, limits=form_limits, admit=lambda _: None, pace=pace),
    )
    door = UploadDoor(tickets=tickets(), intake=Intake(parts=parts, uploads=keeps), pace=pace)
    way_out = DownloadDoor(tickets=tickets(), reads=keeps, storage=storage)
    routes = [Route("/graphql", graphql), *transfer_routes(uploads=door, downloads=way_out)]
    drain = Drain()
    app = stack(Starlette(routes=routes), settings, metrics=Metrics("bench"), drain=drain, tracing=Tracing())
    uvloop.run(Server(server_config(app, settings, lifespan="off"), drain).serve())


def put(port: int, file: Path) -> None:
    """The kernel sends the file, so that the client costs next to nothing."""
    ticket = UploadTicket(uuid4(), uuid4(), "csv", SIZE, now() + timedelta(minutes=15))
    head = f"PUT /uploads/{tickets().of_upload(ticket)} HTTP/1.1\r\nHost: b\r\nContent-Length: {SIZE}\r\n\r\n"
    _send(port, head.encode(), file, b"")


def post(port: int, file: Path) -> None:
    begin = b"--" + BOUNDARY + b'\r\nContent-Disposition: form-data; name="'
    operations = b'{"query":"mutation($f: Upload!) { send(file: $f) }","variables":{"f":null}}'
    before = begin + b'operations"\r\n\r\n' + operations + b"\r\n"
    before += begin + b'map"\r\n\r\n{"0":["variables.f"]}\r\n' + begin + b'0"; filename="a.csv"\r\n\r\n'
    after = b"\r\n--" + BOUNDARY + b"--\r\n"
    length = len(before) + SIZE + len(after)
    head = f"POST /graphql HTTP/1.1\r\nHost: b\r\nContent-Length: {length}\r\nx-graphql-preflight: 1\r\n"
    head += f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}\r\n\r\n"
    _send(port, head.encode() + before, file, after)


def get(port: int, _: Path) -> None:
    owner = Owner("bench", uuid4(), "original")
    ticket = DownloadTicket(owner, uuid4(), "a.csv", "text/csv", now() + timedelta(minutes=15))
    request = f"GET /downloads/{tickets().of_download(ticket)} HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n"
    buffer, got = bytearray(1 << 20), 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request.encode())
        while count := connection.recv_into(buffer):
            got += count
    assert got > SIZE


def _send(port: int, before: bytes, file: Path, after: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection, file.open("rb") as content:
        connection.sendall(before)
        connection.sendfile(content)
        connection.sendall(after)
        answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    assert b"errors" not in answer, answer


def ask(port: int, stopped: Callable[[], bool]) -> list[float]:
    """Seconds that a small query took, again and again."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    took = []
    while not stopped():
        began = time.perf_counter()
        connection.request("POST", "/graphql", SMALL, {"content-type": "application/json"})
        answer = connection.getresponse().read()
        assert answer.startswith(b'{"data":{"hello":"hello"}'), answer
        took.append(time.perf_counter() - began)
        time.sleep(PAUSE_S)
    return took


def resident(pid: int, stopped: Callable[[], bool]) -> int:
    """The most that the process had while it was looked at."""
    process = psutil.Process(pid)
    most = 0
    while not stopped():
        most = max(most, process.memory_info().rss)
        time.sleep(0.02)
    return most


def spell(port: int, pid: int, work: Callable[[], None]) -> tuple[list[float], int, float]:
    done = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        asked, memory = pool.submit(ask, port, done.is_set), pool.submit(resident, pid, done.is_set)
        began = time.perf_counter()
        work()
        seconds = time.perf_counter() - began
        done.set()
        return asked.result(), memory.result(), seconds


def p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[-1] * 1000


def all_at_once(send: Send, port: int, files: list[Path]) -> None:
    with ThreadPoolExecutor(len(files)) as pool:
        list(pool.map(send, [port] * len(files), files))


@contextmanager
def running(folder: str) -> Iterator[tuple[int, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = multiprocessing.Process(target=serve, args=(folder, port))
    server.start()
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        assert server.pid is not None
        yield port, server.pid
    finally:
        server.terminate()
        server.join()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    rounds = options.parse_args().rounds
    multiprocessing.set_start_method("spawn")
    with tempfile.TemporaryDirectory() as folder, running(folder) as (port, pid):
        files = [Path(folder, f"{number}.csv") for number in range(AT_ONCE)]
        for file in files:
            file.write_bytes(os.urandom(SIZE))
        # One process sends, another asks, so that neither disturbs the other.
        with ProcessPoolExecutor(1) as sender:
            sender.submit(time.sleep, 0).result()
            spell(port, pid, lambda: time.sleep(1))
            for name, send in (("PUT", put), ("form", post), ("GET", get)):
                work = partial(sender.submit, all_at_once, send, port, files)
                busy = partial(spell, port, pid, lambda work=work: work().result())
                compare(name, rounds, partial(spell, port, pid, lambda: time.sleep(2)), busy)


def compare(name: str, rounds: int, quiet: Callable[[], tuple], busy: Callable[[], tuple]) -> None:
    calm, stirred, grown, rates = [], [], 0, []
    for _ in range(rounds):
        took, before, _ = quiet()
        calm += took
        took, most, seconds = busy()
        stirred += took
        grown = max(grown, most - before)
        rates.append(AT_ONCE * SIZE / seconds / 1e6)
    print(f"{name}: {AT_ONCE} x {SIZE // 10**6} MB, {statistics.median(rates):.0f} MB/s in all")
    print(f"  memory: +{grown / 1e6:.1f} MB, {grown / AT_ONCE / 1e6:.1f} MB each")
    print(f"  small query, p95: quiet {p95(calm):.2f} ms, busy {p95(stirred):.2f} ms: x{p95(stirred) / p95(calm):.2f}")


if __name__ == "__main__":
    main()
