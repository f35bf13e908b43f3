"""Datasets from the first word to the last, through the API."""

from __future__ import annotations

import pytest

from app.factory import Factory
from tests.support.api import Api
from tests.support.datasets import DAYS, a_csv, a_dataset, a_link, jobs_done, shown
from tests.support.people import Person, a_person

_PREVIEW = "query($id: ID!) { datasetPreview(datasetId: $id, count: 2) { columns { name type kind } rows total } }"


@pytest.fixture
async def ada(factory: Factory) -> Person:
    return await a_person(factory, "ada")


async def test_a_file_is_sent_read_shown_and_fetched_again(api: Api, factory: Factory, ada: Person) -> None:
    id_ = await a_dataset(api, ada, tags=["Daily"])
    assert await shown(api, ada, id_, "status tags job { id } report { rows }") == {
        "status": "EMPTY",
        "tags": ["daily"],
        "job": None,
        "report": None,
    }
    sent = await api.client.put(await a_link(api, ada, id_), content=a_csv("AAA", "BBB"))
    assert sent.status_code == 200
    waiting = await shown(api, ada, id_, "status filename job { kind status }")
    assert waiting == {
        "status": "PROCESSING",
        "filename": "prices.csv",
        "job": {"kind": "INSPECTION", "status": "QUEUED"},
    }
    await jobs_done(factory)
    fields = (
        "status rowCount sha256 fileSize files { original canonical } job { status progress error { code } } "
        "report { kind rows symbolCount frequency timeColumn symbols { symbol rows } columns { name type mean } }"
    )
    ready = await shown(api, ada, id_, fields)
    assert (ready["status"], ready["rowCount"], len(ready["sha256"])) == ("READY", 2 * DAYS, 64)
    assert ready["job"] == {"status": "COMPLETED", "progress": 100.0, "error": None}
    assert ready["report"]["symbols"] == [{"symbol": name, "rows": DAYS} for name in ("AAA", "BBB")]
    assert ready["report"]["frequency"] == "1d"
    assert ready["files"]["original"] == ready["fileSize"] == len(a_csv("AAA", "BBB"))
    rows = (await api.data(_PREVIEW, ada, id=id_))["datasetPreview"]
    assert rows["total"] == 2 * DAYS
    assert rows["rows"][0][:2] == ["2020-01-01T00:00:00Z", "AAA"]
    fetched = {form: await _fetched(api, ada, id_, form) for form in ("ORIGINAL", "CANONICAL", "CSV")}
    assert fetched["ORIGINAL"] == a_csv("AAA", "BBB")
    assert fetched["CANONICAL"][:4] == b"PAR1"
    assert fetched["CSV"].splitlines()[0].startswith(b"time,symbol,open")
    deleted = await api.do("deleteDataset", ada, {"id": id_}, "dataset { name } errors { code }")
    assert deleted == {"dataset": {"name": "Prices"}, "errors": []}
    assert await shown(api, ada, id_, "id") is None


async def _fetched(api: Api, who: Person, id: str, form: str) -> bytes:
    wish = {"datasetId": id, "form": form}
    payload = await api.do("requestDownload", who, wish, "link { url } errors { code message }")
    assert payload["errors"] == []
    response = await api.client.get(payload["link"]["url"])
    assert response.status_code == 200
    return response.content
