"""How files come into datasets, and what becomes of bad ones."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from app.factory import Factory
from domain.blob_sweeping import GRACE, BlobSweeper
from persistence.tables.blobs import blob_uses, blobs
from tests.support.api import Api
from tests.support.datasets import a_csv, a_dataset, a_link, a_ready_dataset, jobs_done, shown
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint

_UPLOAD = (
    "mutation($input: UploadFileInput!) { uploadFile(input: $input) { dataset { id status } errors { code field } } }"
)
_LINK = "link { url } maxBytes errors { code field }"


@pytest.fixture
async def ada(factory: Factory) -> Person:
    return await a_person(factory, "ada")


async def test_a_file_comes_along_with_a_request(api: Api, factory: Factory, ada: Person) -> None:
    id_ = await a_dataset(api, ada)
    answer = await api.send(_UPLOAD, ada, "../../etc/prices.csv", a_csv(), input={"datasetId": id_, "file": None})
    assert answer["data"]["uploadFile"] == {"dataset": {"id": id_, "status": "PROCESSING"}, "errors": []}
    await jobs_done(factory)
    assert await shown(api, ada, id_, "status filename") == {"status": "READY", "filename": "prices.csv"}


async def test_a_request_that_is_sent_twice_with_a_key_brings_one_file(api: Api, factory: Factory, ada: Person) -> None:
    id_ = await a_dataset(api, ada)
    wish = {"datasetId": id_, "file": None, "idempotencyKey": "once"}
    answers = [await api.send(_UPLOAD, ada, "a.csv", a_csv(), input=wish) for _ in range(2)]
    assert [answer["data"]["uploadFile"]["errors"] for answer in answers] == [[], []]
    assert (await api.data("{ jobs { totalCount } }", ada))["jobs"] == {"totalCount": 1}
    other = await api.send(_UPLOAD, ada, "b.csv", a_csv("BBB"), input=wish)
    assert [error["field"] for error in other["data"]["uploadFile"]["errors"]] == [["idempotencyKey"]]


async def test_a_link_asked_for_again_with_its_key_goes_on(api: Api, factory: Factory, ada: Person) -> None:
    id_, data = await a_dataset(api, ada), a_csv()
    first = await a_link(api, ada, id_, idempotencyKey="k")
    part = await api.client.put(first, content=data[:100], headers={"upload-complete": "?0"})
    assert part.headers["upload-offset"] == "100"
    factory.clock.advance(minutes=5)  # type: ignore[attr-defined]
    second = await a_link(api, ada, id_, idempotencyKey="k")
    rest = await api.client.put(second, content=data[100:], headers={"upload-offset": "100"})
    assert (rest.status_code, rest.json()["size"]) == (200, len(data))
    await jobs_done(factory)
    assert (await shown(api, ada, id_, "status"))["status"] == "READY"


async def test_links_asked_for_at_once_with_one_key_are_of_one_upload(api: Api, ada: Person, factory: Factory) -> None:
    id_ = await a_dataset(api, ada)
    wish = {"datasetId": id_, "filename": "a.csv", "idempotencyKey": "k"}
    await asyncio.gather(*(api.do("requestUpload", ada, wish, _LINK) for _ in range(5)))
    other = await a_dataset(api, ada)
    for else_ in ({"datasetId": other}, {"filename": "b.csv"}):
        refused = await api.do("requestUpload", ada, wish | else_, _LINK)
        assert refused["errors"] == [{"code": "INVALID", "field": ["idempotencyKey"]}]


async def test_the_receipt_that_was_lost_does_not_read_the_file_twice(api: Api, factory: Factory, ada: Person) -> None:
    id_ = await a_dataset(api, ada)
    link = await a_link(api, ada, id_)
    sent = [await api.client.put(link, content=a_csv()) for _ in range(2)]
    assert [response.status_code for response in sent] == [200, 409]
    assert (await api.data("{ jobs { totalCount } }", ada))["jobs"] == {"totalCount": 1}


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"size": 0}, {"code": "OUT_OF_RANGE", "field": ["size"]}),
        ({"size": 100_000_001}, {"code": "OUT_OF_RANGE", "field": ["size"]}),
        ({"filename": "../"}, {"code": "REQUIRED", "field": ["filename"]}),
        ({"datasetId": "RGF0YXNldDo"}, {"code": "NOT_FOUND", "field": ["datasetId"]}),
        ({"idempotencyKey": "k" * 101}, {"code": "TOO_LONG", "field": ["idempotencyKey"]}),
    ],
)
async def test_what_no_upload_can_be_is_refused(
    api: Api, factory: Factory, ada: Person, wish: dict[str, object], error: dict[str, object]
) -> None:
    usual = {"datasetId": await a_dataset(api, ada), "filename": "a.csv"}
    before = await fingerprint(factory.engine)
    assert (await api.do("requestUpload", ada, usual | wish, _LINK))["errors"] == [error]
    assert await fingerprint(factory.engine) == before


async def test_a_link_takes_no_more_than_was_said(api: Api, factory: Factory, ada: Person) -> None:
    id_ = await a_dataset(api, ada)
    sent = await api.client.put(await a_link(api, ada, id_, size=10), content=a_csv())
    assert sent.status_code == 413
    assert (await shown(api, ada, id_, "status"))["status"] == "EMPTY"


async def test_a_link_takes_no_less_than_was_said(api: Api, factory: Factory, ada: Person) -> None:
    id_, data = await a_dataset(api, ada), a_csv()
    link = await a_link(api, ada, id_, size=len(data))
    short = await api.client.put(link, content=data[:-10])
    assert (short.status_code, short.headers["upload-offset"]) == (409, str(len(data) - 10))
    assert (await shown(api, ada, id_, "status"))["status"] == "EMPTY"
    rest = await api.client.put(link, content=data[-10:], headers={"upload-offset": str(len(data) - 10)})
    assert (rest.status_code, rest.json()["size"]) == (200, len(data))


async def test_nothing_new_comes_while_a_job_is_at_work(api: Api, factory: Factory, ada: Person) -> None:
    id_ = await a_dataset(api, ada)
    late = await a_link(api, ada, id_, "late.csv")
    assert (await api.client.put(await a_link(api, ada, id_), content=a_csv())).status_code == 200
    before = await fingerprint(factory.engine)
    refused = await api.do("requestUpload", ada, {"datasetId": id_, "filename": "b.csv"}, _LINK)
    assert refused["errors"] == [{"code": "WRONG_STATE", "field": ["datasetId"]}]
    assert (await api.client.put(late, content=b"other")).status_code == 409
    assert await fingerprint(factory.engine) == before


async def test_a_new_file_takes_the_place_of_the_old_one(api: Api, factory: Factory, ada: Person) -> None:
    id_ = await a_ready_dataset(api, factory, ada)
    old = await shown(api, ada, id_, "sha256")
    await api.client.put(await a_link(api, ada, id_, "new.csv"), content=a_csv("BBB"))
    between = await shown(api, ada, id_, "status sha256 report { rows } files { canonical }")
    assert between == {"status": "PROCESSING", "sha256": None, "report": None, "files": {"canonical": None}}
    await jobs_done(factory)
    new = await shown(api, ada, id_, "status filename sha256 report { symbols { symbol } }")
    assert (new["status"], new["filename"], new["report"]) == ("READY", "new.csv", {"symbols": [{"symbol": "BBB"}]})
    assert new["sha256"] != old["sha256"]


async def test_rows_are_counted_as_they_were_taken(api: Api, factory: Factory, ada: Person) -> None:
    id_ = await a_ready_dataset(api, factory, ada, b"date,close\n2024-01-15,1\n2024-01-15,2\n2024-01-16,3\nTotal,6\n")
    assert await shown(api, ada, id_, "rowCount report { rows }") == {"rowCount": 2, "report": {"rows": 4}}


async def test_a_bad_file_is_told_of_and_leaves_no_data(api: Api, factory: Factory, ada: Person) -> None:
    id_ = await a_ready_dataset(api, factory, ada, b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "prices.csv")
    fields = (
        "status rowCount report { rows } findings { severity code message } files { canonical } "
        "job { status error { code } }"
    )
    bad = await shown(api, ada, id_, fields)
    assert (bad["status"], bad["rowCount"], bad["report"], bad["files"]) == ("BAD", None, None, {"canonical": None})
    assert bad["job"]["status"] == "FAILED"
    assert bad["job"]["error"]["code"] == bad["findings"][0]["code"]
    assert "prices.csv" in bad["findings"][0]["message"]
    refused = await api.do("requestDownload", ada, {"datasetId": id_, "form": "CSV"}, _LINK.replace("maxBytes ", ""))
    assert refused["errors"] == [{"code": "WRONG_STATE", "field": ["datasetId"]}]


async def test_a_correction_is_read_with_and_a_wrong_one_costs_nothing(api: Api, factory: Factory, ada: Person) -> None:
    id_ = await a_ready_dataset(api, factory, ada)
    first = await shown(api, ada, id_, "sha256 report { symbols { symbol } }")
    wrong = {"id": id_, "correction": {"timeColumn": "nowhere"}}
    assert (await api.do("correctDataset", ada, wrong))["errors"] == []
    await jobs_done(factory)
    kept = await shown(api, ada, id_, "status sha256 correction job { status error { code } }")
    assert kept == {
        "status": "READY",
        "sha256": first["sha256"],
        "correction": None,
        "job": {"status": "FAILED", "error": {"code": "CORRECTION"}},
    }
    right = {"id": id_, "correction": {"roles": {"volume": ""}}}
    assert (await api.do("correctDataset", ada, right))["errors"] == []
    await jobs_done(factory)
    read = await shown(api, ada, id_, "status sha256 correction report { roles }")
    assert read["status"] == "READY"
    assert read["correction"]["roles"] == {"volume": ""}
    assert "volume" not in read["report"]["roles"]
    assert read["sha256"] != first["sha256"]


async def test_what_a_dataset_had_is_freed_when_it_goes_and_nobody_else_has_it(
    api: Api, factory: Factory, ada: Person
) -> None:
    mine, other = await a_ready_dataset(api, factory, ada), await a_ready_dataset(api, factory, ada)
    assert await _kept(factory) == (4, 2)
    await api.do("deleteDataset", ada, {"id": mine})
    assert await _kept(factory) == (2, 2)
    await api.do("deleteDataset", ada, {"id": other})
    assert await _kept(factory) == (0, 2)
    factory.clock.advance(seconds=2 * GRACE.total_seconds())  # type: ignore[attr-defined]
    sweeper = BlobSweeper(works=factory.works, storage=factory.transfers.storage, clock=factory.clock)
    hashes = await _hashes(factory)
    assert (await sweeper.sweep()).freed == 2
    assert hashes.isdisjoint(await _hashes(factory))


async def _kept(factory: Factory) -> tuple[int, int]:
    """How many uses of contents there are, and how many contents."""
    async with factory.engine.connect() as connection:
        uses = (await connection.execute(select(blob_uses.c.part))).all()
        return len(uses), len((await connection.execute(select(blobs.c.size))).all())


async def _hashes(factory: Factory) -> set[bytes]:
    async with factory.engine.connect() as connection:
        return set((await connection.execute(select(blobs.c.sha256))).scalars())
