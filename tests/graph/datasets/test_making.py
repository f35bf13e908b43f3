"""Datasets that the platform makes: by recipes and from sources."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.demo import seed_demo_datasets
from app.factory import Factory
from tests.support.api import Api
from tests.support.datasets import a_dataset, a_ready_dataset, jobs_done, shown
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint

STEPS: list[dict[str, Any]] = [
    {"kind": "returns", "periods": [1]},
    {"kind": "split", "train": 0.6, "valid": 0.2},
    {"kind": "normalise"},
]
_MADE = "dataset { id status parent { id } } errors { code field message }"
_PAPERS = (
    "status dataType sha256 rowCount recipe children { totalCount } job { kind status error { code message } } "
    "report { rows columns { name } } "
    "manifest { features parts { name rows } synthetic inputSha256 outputSha256 columns { name kind } }"
)


@pytest.fixture
async def ada(factory: Factory) -> Person:
    return await a_person(factory, "ada")


def _wish(source: str, **more: Any) -> dict[str, Any]:
    return {"datasetId": source, "name": "Prepared", "steps": STEPS} | more


async def test_a_recipe_makes_a_dataset_with_its_lineage_and_the_same_bytes_again(
    api: Api, factory: Factory, ada: Person
) -> None:
    source = await a_ready_dataset(api, factory, ada)
    made = [await api.do("preprocessDataset", ada, _wish(source), _MADE) for _ in range(2)]
    assert [payload["errors"] for payload in made] == [[], []]
    assert made[0]["dataset"]["parent"] == {"id": source}
    await jobs_done(factory)
    first, second = [await shown(api, ada, payload["dataset"]["id"], _PAPERS) for payload in made]
    assert first["job"] == {"kind": "PREPROCESSING", "status": "COMPLETED", "error": None}
    assert (first["status"], first["dataType"]) == ("READY", "MARKET_DATA")
    assert first["sha256"] == second["sha256"] == first["manifest"]["outputSha256"]
    assert [part["name"] for part in first["manifest"]["parts"]] == ["train", "valid", "test"]
    assert first["report"]["rows"] == first["rowCount"]
    origin = await shown(api, ada, source, "sha256 children { totalCount nodes { id } }")
    assert first["manifest"]["inputSha256"] == origin["sha256"]
    assert origin["children"]["totalCount"] == 2
    preview = "query($id: ID!) { datasetPreview(datasetId: $id) { columns { name kind } } }"
    columns = (await api.data(preview, ada, id=made[0]["dataset"]["id"]))["datasetPreview"]["columns"]
    assert {"name": "split", "kind": "META"} in columns
    assert {each["name"] for each in first["report"]["columns"]} == {each["name"] for each in columns}


async def test_a_recipe_that_does_not_fit_is_refused_with_every_place(api: Api, factory: Factory, ada: Person) -> None:
    source = await a_ready_dataset(api, factory, ada)
    before = await fingerprint(factory.engine)
    steps = [{"kind": "normalise"}, {"kind": "rsi", "window": 0}, {"kind": "drop", "columns": ["nothing"]}]
    payload = await api.do("preprocessDataset", ada, _wish(source, steps=steps))
    fields = {".".join(error["field"]) for error in payload["errors"]}
    assert {"steps.0.kind"} <= fields
    assert len(payload["errors"]) >= 2
    for wish in (_wish(source, steps=None), _wish(source, recipeId="x"), _wish(source, name=" ")):
        assert (await api.do("preprocessDataset", ada, wish))["errors"]
    empty_wish = _wish(source, steps=[])
    assert (await api.do("preprocessDataset", ada, empty_wish))["errors"][0]["field"] == ["steps"]
    assert await fingerprint(factory.engine) == before


async def test_only_what_is_ready_can_be_prepared(api: Api, factory: Factory, ada: Person) -> None:
    payload = await api.do("preprocessDataset", ada, _wish(await a_dataset(api, ada)))
    assert payload["errors"] == [{"code": "WRONG_STATE", "field": ["datasetId"]}]


async def test_a_generated_market_is_labelled_synthetic_wherever_it_goes(
    api: Api, factory: Factory, ada: Person
) -> None:
    request = {"source": "synthetic", "generator": "regimes", "rows": 300, "seed": 5}
    wish = {"name": "Made up", "request": request, "steps": [{"kind": "rsi"}]}
    payload = await api.do("importDataset", ada, wish, _MADE)
    assert payload["errors"] == []
    await jobs_done(factory)
    id_ = payload["dataset"]["id"]
    made = await shown(api, ada, id_, _PAPERS)
    assert made["job"]["error"] is None
    assert (made["status"], made["dataType"], made["manifest"]["synthetic"]) == ("READY", "SYNTHETIC", True)
    assert made["recipe"]["source"]["seed"] == 5
    child = await api.do("preprocessDataset", ada, _wish(id_), _MADE)
    await jobs_done(factory)
    grown = await shown(api, ada, child["dataset"]["id"], "status dataType manifest { synthetic }")
    assert grown == {"status": "READY", "dataType": "SYNTHETIC", "manifest": {"synthetic": True}}


async def test_an_import_without_a_recipe_has_a_report(api: Api, factory: Factory, ada: Person) -> None:
    request = {"source": "synthetic", "generator": "correlated_assets", "rows": 50, "assets": 3}
    payload = await api.do("importDataset", ada, {"name": "Raw", "request": request}, _MADE)
    await jobs_done(factory)
    made = await shown(api, ada, payload["dataset"]["id"], "status rowCount manifest { rows } report { symbolCount }")
    assert made == {"status": "READY", "rowCount": 150, "manifest": None, "report": {"symbolCount": 3}}


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"source": "synthetic"}, ["request", "generator"]),
        ({"source": "nowhere"}, ["request", "source"]),
        ({"source": "synthetic", "generator": "noise", "rows": -1}, ["request", "rows"]),
        ({"source": "yfinance", "symbols": ["http://10.0.0.1/"], "start": "2020-01-01"}, ["request", "symbols", "0"]),
        ([], ["request", "source"]),
    ],
)
async def test_a_bad_request_is_refused_at_its_field(
    api: Api, factory: Factory, ada: Person, request_: Any, field: list[str]
) -> None:
    before = await fingerprint(factory.engine)
    payload = await api.do("importDataset", ada, {"name": "x", "request": request_})
    assert [error["field"] for error in payload["errors"]] == [field]
    assert await fingerprint(factory.engine) == before


async def test_the_same_key_gives_the_same_dataset_also_in_a_race(api: Api, factory: Factory, ada: Person) -> None:
    source = await a_ready_dataset(api, factory, ada)
    wish = _wish(source, idempotencyKey="once")
    payloads = await asyncio.gather(*(api.do("preprocessDataset", ada, wish, _MADE) for _ in range(5)))
    assert len({payload["dataset"]["id"] for payload in payloads}) == 1
    request = {"source": "synthetic", "generator": "noise", "rows": 50}
    imports = {"name": "n", "request": request, "idempotencyKey": "twice"}
    payloads = await asyncio.gather(*(api.do("importDataset", ada, imports, _MADE) for _ in range(5)))
    assert len({payload["dataset"]["id"] for payload in payloads}) == 1
    other = await api.do("importDataset", ada, imports | {"idempotencyKey": "once"})
    assert other["errors"] == [{"code": "INVALID", "field": ["idempotencyKey"]}]
    everything = await api.data("{ datasets { totalCount } jobs { totalCount } }", ada)
    assert everything == {"datasets": {"totalCount": 3}, "jobs": {"totalCount": 3}}


async def test_somebody_elses_key_is_another_key(api: Api, factory: Factory, ada: Person) -> None:
    bob = await a_person(factory, "bob")
    request = {"source": "synthetic", "generator": "noise", "rows": 50}
    wish = {"name": "n", "request": request, "idempotencyKey": "k"}
    made = [await api.do("importDataset", who, wish, _MADE) for who in (ada, bob)]
    assert made[0]["dataset"]["id"] != made[1]["dataset"]["id"]


async def test_a_parent_that_goes_takes_neither_the_child_nor_its_job_along(
    api: Api, factory: Factory, ada: Person
) -> None:
    source = await a_ready_dataset(api, factory, ada)
    made = await api.do("preprocessDataset", ada, _wish(source, idempotencyKey="k"), _MADE)
    assert (await api.do("deleteDataset", ada, {"id": source}))["errors"] == []
    await jobs_done(factory)
    again = await api.do("preprocessDataset", ada, _wish(source, idempotencyKey="k"), _MADE)
    assert again["dataset"]["id"] == made["dataset"]["id"]
    child = await shown(api, ada, made["dataset"]["id"], "status parent { id }")
    assert child == {"status": "READY", "parent": None}


async def test_a_cancelled_job_leaves_a_dataset_without_data(api: Api, factory: Factory, ada: Person) -> None:
    source = await a_ready_dataset(api, factory, ada)
    made = await api.do("preprocessDataset", ada, _wish(source), "dataset { id job { id } }")
    id_ = made["dataset"]["id"]
    assert (await api.do("deleteDataset", ada, {"id": id_}))["errors"] == [{"code": "WRONG_STATE", "field": ["id"]}]
    cancelled = await api.do("cancelJob", ada, {"id": made["dataset"]["job"]["id"]}, "job { status }")
    assert cancelled == {"job": {"status": "CANCELLED"}}
    await jobs_done(factory)
    left = await shown(api, ada, id_, "status files { original canonical } job { status }")
    assert left == {"status": "BAD", "files": {"original": None, "canonical": None}, "job": {"status": "CANCELLED"}}
    assert (await api.do("deleteDataset", ada, {"id": id_}))["errors"] == []


async def test_recipes_are_kept_used_changed_and_deleted(api: Api, factory: Factory, ada: Person) -> None:
    saved = await api.do("saveRecipe", ada, {"name": "Mine", "steps": STEPS}, "recipe { id steps } errors { code }")
    id_ = saved["recipe"]["id"]
    assert [step["kind"] for step in saved["recipe"]["steps"]] == ["returns", "split", "normalise"]
    again = await api.do("saveRecipe", ada, {"name": "mine", "steps": STEPS})
    assert again["errors"] == [{"code": "ALREADY_EXISTS", "field": ["name"]}]
    source = await a_ready_dataset(api, factory, ada)
    made = await api.do("preprocessDataset", ada, _wish(source, steps=None, recipeId=id_), _MADE)
    assert made["errors"] == []
    bob = await a_person(factory, "bob")
    theirs = await api.do("saveRecipe", bob, {"name": "Mine", "steps": STEPS}, "recipe { id }")
    stolen = await api.do("preprocessDataset", ada, _wish(source, steps=None, recipeId=theirs["recipe"]["id"]))
    assert stolen["errors"] == [{"code": "NOT_FOUND", "field": ["recipeId"]}]
    bad = await api.do("updateRecipe", ada, {"id": id_, "steps": [{"kind": "nothing"}]})
    assert bad["errors"] == [{"code": "UNKNOWN", "field": ["steps", "0", "kind"]}]
    changed = await api.do("updateRecipe", ada, {"id": id_, "name": "Yours"}, "recipe { name }")
    assert changed["recipe"] == {"name": "Yours"}
    assert (await api.do("deleteRecipe", ada, {"id": id_}))["errors"] == []
    assert (await api.data("{ recipes { totalCount } }", ada))["recipes"] == {"totalCount": 0}


async def test_demos_are_made_once_for_each_task(api: Api, factory: Factory, ada: Person) -> None:
    for _ in range(2):
        made = await seed_demo_datasets(factory, ada.viewer)
    assert len(made) == 4
    await jobs_done(factory)
    listed = "{ datasets(orderBy: OLDEST) { nodes { status dataType tags job { error { message } } } } }"
    nodes = (await api.data(listed, ada))["datasets"]["nodes"]
    assert [(node["status"], node["dataType"], node["job"]["error"]) for node in nodes] == 4 * [
        ("READY", "SYNTHETIC", None)
    ]
    assert len({tuple(node["tags"]) for node in nodes}) == 4
