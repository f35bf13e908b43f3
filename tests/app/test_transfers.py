"""Sending and fetching files through everything that is in between, with a real database."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from app.errors import CannotStart
from app.factory import Factory
from app.middleware.drain import Drain
from app.middleware.stack import stack
from app.observe.metrics import Metrics
from app.observe.tracing import Tracing
from app.settings import Settings
from app.storage import blob_sweeper, storage_for
from app.transfers import Transfers, open_transfers, routes
from domain.blobs import Owner
from domain.transfers import UploadTicket
from domain.uploading import Received
from domain.work import Works
from persistence.blobs.folder import FolderStorage
from persistence.blobs.objects import ObjectStorage
from tests.support.clock import StandingClock
from tests.support.people import Person, a_person

DATA = os.urandom(200_000)


class Noun:
    """Whatever is sent belongs to the thing with the id of the upload."""

    def __init__(self, works: Works, transfers: Transfers) -> None:
        self._works = works
        self._transfers = transfers

    async def finished(self, ticket: UploadTicket, received: Received) -> None:
        await self._transfers.blobs.keep(received.path, received.content)
        async with self._works() as work:
            await work.blobs.use(owner(ticket.upload_id), received.content)


def owner(id: object) -> Owner:
    return Owner("thing", id, "original")  # type: ignore[arg-type]


@pytest.fixture
def transfers(settings: Settings, factory: Factory, clock: StandingClock) -> Iterator[Transfers]:
    with open_transfers(settings, keys=factory.keys, works=factory.works, reader=factory.reader, clock=clock) as opened:
        yield opened


@pytest.fixture
async def client(settings: Settings, factory: Factory, transfers: Transfers) -> AsyncIterator[httpx.AsyncClient]:
    inner = Starlette(routes=routes(transfers, Noun(factory.works, transfers)))
    app = stack(inner, settings, metrics=Metrics("test"), drain=Drain(), tracing=Tracing())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=settings.url) as client:
        yield client


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def test_what_is_sent_can_be_fetched(client: httpx.AsyncClient, transfers: Transfers, ann: Person) -> None:
    user_id = ann.user.id
    sent_to = transfers.links.upload(ann.user.id, user_id=user_id, kind="csv", max_bytes=len(DATA))
    assert (await client.put(sent_to.url, content=DATA)).status_code == 200
    fetched_from = transfers.links.download(
        owner(ann.user.id), user_id=user_id, name="prices.csv", media_type="text/csv"
    )
    answer = await client.get(fetched_from.url, headers={"range": "bytes=100-"})
    assert (answer.status_code, answer.content) == (206, DATA[100:])
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_is_released_can_no_longer_be_fetched(
    client: httpx.AsyncClient, transfers: Transfers, factory: Factory, ann: Person
) -> None:
    user_id = ann.user.id
    sent_to = transfers.links.upload(user_id, user_id=user_id, kind="csv", max_bytes=len(DATA))
    await client.put(sent_to.url, content=DATA)
    link = transfers.links.download(owner(user_id), user_id=user_id, name="prices.csv", media_type="text/csv")
    async with factory.works() as work:
        await work.blobs.release("thing", user_id)
    assert (await client.get(link.url)).status_code == 404


async def test_links_live_for_fifteen_minutes(
    client: httpx.AsyncClient, transfers: Transfers, clock: StandingClock, ann: Person
) -> None:
    link = transfers.links.upload(ann.user.id, user_id=ann.user.id, kind="csv", max_bytes=10)
    assert link.expires_at == clock() + timedelta(minutes=15)
    clock.advance(minutes=14, seconds=59)
    assert (await client.head(link.url)).status_code == 204
    clock.advance(seconds=1)
    assert (await client.head(link.url)).status_code == 403


async def test_the_workers_sweeper_clears_what_uploads_left(
    settings: Settings, transfers: Transfers, factory: Factory, clock: StandingClock, ann: Person
) -> None:
    async with transfers.parts.hold(ann.user.id) as part:
        await part.write(b"half")
    path = settings.state_dir / "uploads" / f"{ann.user.id}.part"
    long_ago = (clock() - timedelta(hours=25)).timestamp()
    for left in (path, path.with_suffix(".upload")):
        os.utime(left, (long_ago, long_ago))
    swept = await blob_sweeper(settings, works=factory.works, clock=clock).sweep()
    assert swept.remains == 1
    assert not path.exists()


def test_files_lie_in_the_state_folder_or_in_a_bucket(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, state_dir=tmp_path)
    assert isinstance(storage_for(settings), FolderStorage)
    there = settings.with_(storage_url="s3://bucket/files?endpoint=http://127.0.0.1:1&region=eu")
    assert type(storage_for(there)) is ObjectStorage


@pytest.mark.parametrize("address", ["bucket", "http://host/bucket", "s3://key:secret@bucket", "s3://b?colour=red"])
def test_an_address_that_is_none_is_told_at_the_start(tmp_path: Path, address: str) -> None:
    with pytest.raises(CannotStart) as refusal:
        storage_for(Settings(_env_file=None, state_dir=tmp_path, storage_url=address))
    assert "TMW_STORAGE_URL" in str(refusal.value)
    assert "secret" not in str(refusal.value)
