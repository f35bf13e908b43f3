"""Datasets with real files, and their jobs done as a worker does them, in this process and real child processes."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import delete, select

from app.factory import Factory
from app.jobs import job_runner
from domain.blobs import Content
from domain.datasets.model import Dataset, DatasetStatus, DataType, Papers, Part
from domain.datasets.service import blank
from domain.datasets.states import part_of
from domain.jobs.service import RUN
from graph.ids import split
from persistence.tables.system import outbox
from tests.support.api import JSON, Api
from tests.support.people import Person

DAYS = 40


def a_csv(*symbols: str, days: int = DAYS, note: str = "") -> bytes:
    """Daily bars that rise by one a day; with a note on each, if there is one."""
    lines = ["date,symbol,open,high,low,close,volume" + (",note" if note else "")]
    for number, symbol in enumerate(symbols or ("AAA",)):
        for day in range(days):
            price = 100 * (number + 1) + day
            at = date(2020, 1, 1) + timedelta(days=day)
            bar = f"{at},{symbol},{price},{price + 2},{price - 2},{price + 1},{1000 + day}"
            lines.append(bar + (f',"{note}"' if note else ""))
    return "\n".join(lines).encode() + b"\n"


async def a_dataset(api: Api, who: Person, name: str = "Prices", **more: Any) -> str:
    """The id of an empty one."""
    select = "dataset { id } errors { code field }"
    payload = await api.do("createDataset", who, {"name": name} | more, select)
    assert payload["errors"] == []
    return str(payload["dataset"]["id"])


async def a_link(api: Api, who: Person, dataset: str, filename: str = "prices.csv", **more: Any) -> str:
    wish = {"datasetId": dataset, "filename": filename} | more
    payload = await api.do("requestUpload", who, wish, "link { url expiresAt } maxBytes errors { code field }")
    assert payload["errors"] == []
    return str(payload["link"]["url"])


async def a_ready_dataset(
    api: Api, factory: Factory, who: Person, data: bytes | None = None, filename: str = "prices.csv", **more: Any
) -> str:
    """The id of one whose file was sent and read."""
    id_ = await a_dataset(api, who, **more)
    sent = await api.client.put(await a_link(api, who, id_, filename), content=a_csv() if data is None else data)
    assert sent.status_code == 200, sent.text
    await jobs_done(factory)
    return id_


async def jobs_done(factory: Factory) -> None:
    """Do what waits, as often as it takes. What fails is tried again at once."""
    runner = job_runner(factory.settings, works=factory.works, clock=factory.clock)
    while waiting := await _waiting(factory):
        for id_, payload in waiting:
            await runner(payload)
            async with factory.engine.begin() as connection:
                await connection.execute(delete(outbox).where(outbox.c.id == id_))


async def _waiting(factory: Factory) -> list[tuple[UUID, dict[str, Any]]]:
    async with factory.engine.connect() as connection:
        rows = await connection.execute(select(outbox.c.id, outbox.c.payload).where(outbox.c.task == RUN))
        return [(row.id, row.payload) for row in rows]


async def shown(api: Api, who: Person | None, id: str, fields: str) -> JSON:
    """The fields of a dataset as that person sees it."""
    document = f"query($id: ID!) {{ node(id: $id) {{ ... on Dataset {{ {fields} }} }} }}"
    data: JSON = (await api.data(document, who, id=id))["node"]
    return data


def uuid_of(global_id: str) -> UUID:
    parts = split(global_id)
    assert parts is not None
    return parts[1]


async def ready_row(factory: Factory, owner: Person, project_id: UUID | None = None, **values: Any) -> Dataset:
    """One that is READY, with real bytes, without any job."""
    return await _ready(factory, owner, _canonical(), project_id=project_id, row_count=3, **values)


async def ready_frame(factory: Factory, owner: Person, frame: pl.DataFrame, **values: Any) -> Dataset:
    """One that is READY and has this data."""
    file = BytesIO()
    frame.write_parquet(file)
    return await _ready(factory, owner, file.getvalue(), project_id=None, row_count=frame.height, **values)


async def _ready(factory: Factory, owner: Person, data: bytes, **values: Any) -> Dataset:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(data)
    content = Content(hashlib.sha256(data).hexdigest(), len(data))
    await factory.transfers.blobs.keep(Path(file.name), content)
    usual: dict[str, Any] = {
        "name": "Prices",
        "data_type": DataType.MARKET_DATA,
        "status": DatasetStatus.READY,
        "filename": "prices.parquet",
        "file_size": content.size,
        "sha256": content.sha256,
    }
    dataset = blank(owner.viewer, factory.clock, **usual | values)
    async with factory.works() as work:
        await work.datasets.add(dataset, Papers(dataset.id))
        for part in (Part.ORIGINAL, Part.CANONICAL):
            await work.blobs.use(part_of(dataset, part), content)
    return dataset


@cache
def _canonical() -> bytes:
    at = [datetime(2020, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    frame = pl.DataFrame({"time": at, "symbol": ["AAA"] * 3, "close": [1.0, 2.0, 3.0], "note": ["a", "=1+1", "@b"]})
    file = BytesIO()
    frame.write_parquet(file)
    return file.getvalue()
