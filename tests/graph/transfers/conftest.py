"""The doors on real folders, with a noun that takes files over and a clock that stands."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from domain.blobs import Content, Owner
from domain.ids import new_id
from domain.transfers import DownloadTicket, Tickets, UploadTicket
from domain.uploading import Intake, Received
from graph.transfers.bodies import Pace
from graph.transfers.downloads import DownloadDoor
from graph.transfers.routes import transfer_routes
from graph.transfers.uploads import UploadDoor
from persistence.blobs.folder import FolderStorage
from persistence.blobs.parts import PartFolder
from tests.graph.transport.conftest import NamedRequests
from tests.graph.transport.wire import Server, serving
from tests.support.clock import StandingClock

LIMIT = 1_000_000


class Noun:
    """Keeps what it gets, and fails as it is told."""

    def __init__(self, storage: FolderStorage) -> None:
        self.storage = storage
        self.got: list[tuple[UploadTicket, Content]] = []
        self.fails: list[Exception] = []

    async def finished(self, ticket: UploadTicket, received: Received) -> None:
        if self.fails:
            raise self.fails.pop()
        self.got.append((ticket, received.content))
        await self.storage.keep(received.path, received.content)


class Held:
    """Who has which content."""

    def __init__(self) -> None:
        self.contents: dict[Owner, Content] = {}
        self.fails: list[Exception] = []

    async def content_of(self, owner: Owner) -> Content | None:
        if self.fails:
            raise self.fails.pop()
        return self.contents.get(owner)


class World:
    def __init__(self, folder: Path, clock: StandingClock) -> None:
        self.folder = folder
        self.clock = clock
        self.storage = FolderStorage(folder / "blobs")
        self.parts = PartFolder(folder / "uploads")
        self.noun = Noun(self.storage)
        self.held = Held()
        self.tickets = Tickets(upload_keys=[b"u" * 32], download_keys=[b"d" * 32], clock=clock)
        self.idle_s = 30.0

    def app(self) -> Starlette:
        intake = Intake(parts=self.parts, uploads=self.noun)
        uploads = UploadDoor(tickets=self.tickets, intake=intake, pace=Pace(), idle_s=self.idle_s)
        downloads = DownloadDoor(tickets=self.tickets, reads=self.held, storage=self.storage)
        routes = transfer_routes(uploads=uploads, downloads=downloads)
        return Starlette(routes=routes, middleware=[Middleware(NamedRequests)])

    def served(self) -> AbstractAsyncContextManager[Server]:
        """Behind a real server on a free port."""
        return serving(self.app())

    def upload(self, *, max_bytes: int = LIMIT, size: int | None = None) -> tuple[UploadTicket, str]:
        """A ticket and its address."""
        ticket = UploadTicket(new_id(), new_id(), "csv", max_bytes, self.clock() + timedelta(minutes=15), size)
        return ticket, "/uploads/" + self.tickets.of_upload(ticket)

    async def download(self, data: bytes, *, name: str = "prices.csv") -> str:
        """The address of a file with this content."""
        path = self.folder / new_id().hex
        path.write_bytes(data)
        content = content_of(data)
        await self.storage.keep(path, content)
        owner = Owner("dataset", new_id(), "original")
        self.held.contents[owner] = content
        return self.address_of(owner, name)

    def address_of(self, owner: Owner, name: str = "prices.csv") -> str:
        ticket = DownloadTicket(owner, new_id(), name, "text/csv", self.clock() + timedelta(minutes=15))
        return "/downloads/" + self.tickets.of_download(ticket)

    def stored(self, data: bytes) -> bool:
        sha256 = content_of(data).sha256
        path = self.folder / "blobs" / sha256[:2] / sha256[2:4] / sha256
        return path.exists() and path.read_bytes() == data

    def left(self) -> list[str]:
        """The kinds of files that uploads left."""
        return sorted(path.suffix for path in (self.folder / "uploads").iterdir())

    def bytes_left(self) -> int:
        return sum(path.stat().st_size for path in (self.folder / "uploads").iterdir())


def content_of(data: bytes) -> Content:
    return Content(hashlib.sha256(data).hexdigest(), len(data))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal in the one form of all errors."""
    (error,) = answer.json()["errors"]
    assert error["message"]
    assert error["extensions"]["requestId"] == "req-1"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, error["extensions"]["code"]


@pytest.fixture
def world(tmp_path: Path, clock: StandingClock) -> Iterator[World]:
    world = World(tmp_path, clock)
    yield world
    world.parts.close()


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(world.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
