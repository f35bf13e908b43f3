"""Looking into data: previews, series, downloads."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from app.factory import Factory
from graph.ids import encode
from tests.support.api import Api
from tests.support.datasets import DAYS, a_csv, a_dataset, a_ready_dataset, ready_row
from tests.support.people import Person, a_person

_PREVIEW = (
    "query($id: ID!, $rows: PreviewRows, $count: Int, $offset: Int, $symbol: String, $columns: [String!]) {"
    " datasetPreview(datasetId: $id, rows: $rows, count: $count, offset: $offset, symbol: $symbol, columns: $columns)"
    " { rows offset total columns { name type } } }"
)
_SERIES = (
    "query($id: ID!, $columns: [String!]!, $symbol: String, $from: DateTime, $to: DateTime, $points: Int,"
    " $method: Downsampling) { datasetSeries(datasetId: $id, columns: $columns, symbol: $symbol, from: $from, to: $to,"
    " points: $points, method: $method) { symbol rows lines { column times values } } }"
)


@pytest.fixture
async def ada(factory: Factory) -> Person:
    return await a_person(factory, "ada")


async def _rows(api: Api, who: Person, id: str, **wish: Any) -> list[Any]:
    found = (await api.data(_PREVIEW, who, id=id, columns=["time", "symbol", "close"], **wish))["datasetPreview"]
    return [row[:2] for row in found["rows"]]


async def test_any_rows_can_be_looked_at(api: Api, factory: Factory, ada: Person) -> None:
    id_ = await a_ready_dataset(api, factory, ada, a_csv("AAA", "BBB"))
    assert await _rows(api, ada, id_, rows="FIRST", count=1) == [["2020-01-01T00:00:00Z", "AAA"]]
    assert await _rows(api, ada, id_, rows="LAST", count=1) == [["2020-02-09T00:00:00Z", "BBB"]]
    assert await _rows(api, ada, id_, rows="PAGE", offset=DAYS, count=1) == [["2020-01-01T00:00:00Z", "BBB"]]
    assert await _rows(api, ada, id_, rows="PAGE", offset=10_000) == []
    assert await _rows(api, ada, id_, symbol="BBB", count=1) == [["2020-01-01T00:00:00Z", "BBB"]]
    assert await _rows(api, ada, id_, symbol="nobody") == []
    sample = await _rows(api, ada, id_, rows="SAMPLE", count=5)
    assert len(sample) == 5
    assert sample == await _rows(api, ada, id_, rows="SAMPLE", count=5)
    even = await _rows(api, ada, id_, rows="EVEN", count=4, symbol="AAA")
    assert [time[:10] for time, _ in even] == ["2020-01-01", "2020-01-14", "2020-01-27", "2020-02-09"]
    assert len(await _rows(api, ada, id_, rows="EVEN", count=100)) == 2 * DAYS
    assert await _rows(api, ada, id_, rows="EVEN", symbol="nobody") == []


async def test_a_series_is_thinned_out_where_the_data_is(api: Api, factory: Factory, ada: Person) -> None:
    id_ = await a_ready_dataset(api, factory, ada, a_csv("AAA", "BBB"))
    wish = {"id": id_, "columns": ["close"], "symbol": "BBB"}
    whole = (await api.data(_SERIES, ada, **wish))["datasetSeries"]
    assert (whole["rows"], len(whole["lines"][0]["values"])) == (DAYS, DAYS)
    for method in ("LTTB", "MINMAX"):
        thin = (await api.data(_SERIES, ada, **wish, points=10, method=method))["datasetSeries"]
        assert (thin["rows"], len(thin["lines"][0]["values"])) == (DAYS, 10)
        assert (thin["lines"][0]["values"][0], thin["lines"][0]["values"][-1]) == (201.0, 240.0)
    period = {"from": "2020-01-03T00:00:00Z", "to": "2020-01-05T00:00:00Z"}
    part = (await api.data(_SERIES, ada, **wish, **period))["datasetSeries"]
    assert part["lines"] == [
        {"column": "close", "times": ["2020-01-03T00:00:00Z", "2020-01-04T00:00:00Z"], "values": [203.0, 204.0]}
    ]


@pytest.mark.parametrize(
    ("document", "wish", "problem"),
    [
        (_PREVIEW, {"count": 0}, ("OUT_OF_RANGE", ["count"])),
        (_PREVIEW, {"count": 501}, ("OUT_OF_RANGE", ["count"])),
        (_PREVIEW, {"offset": -1}, ("OUT_OF_RANGE", ["offset"])),
        (_PREVIEW, {"columns": ["clsoe"]}, ("UNKNOWN", ["columns"])),
        (_SERIES, {"columns": []}, ("OUT_OF_RANGE", ["columns"])),
        (_SERIES, {"columns": ["note"]}, ("INVALID", ["columns"])),
        (_SERIES, {"columns": ["close"], "points": 5_001}, ("OUT_OF_RANGE", ["points"])),
    ],
)
async def test_what_cannot_be_looked_at_is_refused(
    api: Api, factory: Factory, ada: Person, document: str, wish: dict[str, Any], problem: tuple[str, list[str]]
) -> None:
    dataset = await ready_row(factory, ada)
    answer = await api(document, ada, id=encode("Dataset", dataset.id), **wish)
    problems = answer["errors"][0]["extensions"]["problems"]
    assert (problems[0]["code"], problems[0]["field"]) == problem


async def test_several_symbols_need_one_to_be_named(api: Api, factory: Factory, ada: Person) -> None:
    id_ = await a_ready_dataset(api, factory, ada, a_csv("AAA", "BBB"))
    answer = await api(_SERIES, ada, id=id_, columns=["close"])
    assert answer["errors"][0]["extensions"]["problems"][0]["code"] == "REQUIRED"


async def test_what_is_not_ready_cannot_be_read(api: Api, factory: Factory, ada: Person) -> None:
    answer = await api(_PREVIEW, ada, id=await a_dataset(api, ada))
    assert answer["errors"][0]["extensions"]["problems"][0]["code"] == "WRONG_STATE"


async def test_a_csv_holds_no_formulas_and_keeps_its_numbers(api: Api, factory: Factory, ada: Person) -> None:
    dataset = await ready_row(factory, ada)
    wish = {"datasetId": encode("Dataset", dataset.id), "form": "CSV"}
    for _ in range(2):
        payload = await api.do("requestDownload", ada, wish, "link { url } errors { code }")
        response = await api.client.get(payload["link"]["url"])
        rows = list(csv.reader(io.StringIO(response.text)))
        assert [row[3] for row in rows] == ["note", "a", "'=1+1", "'@b"]
        assert rows[1][:3] == ["2020-01-01T00:00:00Z", "AAA", "1.0"]
    part = await api.client.get(payload["link"]["url"], headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"time")
