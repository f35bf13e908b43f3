"""Models through the API."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.factory import Factory
from domain.catalogue import AlgorithmName, TaskType
from domain.ids import new_id
from domain.models.model import Model, Stage
from domain.projects.model import Member, MemberRole, Project
from domain.viewer import Role
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.clock import NOON, StandingClock
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint
from tests.support.statements import counted
from tests.support.strategies import project_row
from tests.support.trainings import a_dataset_of, a_model, a_trading_strategy

LIST = """query($filter: ModelFilter, $orderBy: ModelOrder!, $first: Int, $after: String) {
    models(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { name } } }"""


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


def id_of(model: Model) -> JSON:
    return {"id": encode("Model", model.id)}


async def shown(api: Api, who: Person, model: Model, fields: str) -> Any:
    document = f"query($id: ID!) {{ node(id: $id) {{ ... on Model {{ {fields} }} }} }}"
    return (await api.data(document, who, **id_of(model)))["node"]


async def names(api: Api, who: Person, filter: JSON | None = None, order: str = "OLDEST") -> list[str]:
    found = (await api.data(LIST, who, filter=filter, orderBy=order))["models"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["name"] for node in found["nodes"]]


async def test_all_that_is_known_of_a_model(api: Api, factory: Factory, ann: Person) -> None:
    strategy, dataset = await a_trading_strategy(factory, ann), await a_dataset_of(factory, ann, "AAA")
    model = await a_model(factory, ann, strategy, dataset_id=dataset.id)
    fields = """id name taskType algorithm size sha256 score bestScore measures { split name value } hyperparameters
        card stage createdAt updatedAt owner { username } strategy { name } dataset { name }
        job { kind model { id } }"""
    assert await shown(api, ann, model, fields) == {
        "id": encode("Model", model.id),
        "name": "Agent",
        "taskType": "ALGORITHMIC_TRADING",
        "algorithm": "DQN",
        "size": 16,
        "sha256": model.sha256,
        "score": "sharpe",
        "bestScore": 1.5,
        "measures": [
            {"split": "VALID", "name": "buy_and_hold.sharpe", "value": 0.5},
            {"split": "VALID", "name": "sharpe", "value": 1.5},
            {"split": "TEST", "name": "sharpe", "value": 0.25},
        ],
        "hyperparameters": {"epochs": 3},
        "card": {"architecture": "mlp"},
        "stage": "NONE",
        "createdAt": "2026-03-02T12:00:00+00:00",
        "updatedAt": "2026-03-02T12:00:00+00:00",
        "owner": {"username": "ann"},
        "strategy": {"name": "Trade"},
        "dataset": {"name": "Prices"},
        "job": {"kind": "TRAINING", "model": {"id": encode("Model", model.id)}},
    }


async def test_ones_own_and_those_of_strategies_in_ones_projects(api: Api, factory: Factory, ann: Person) -> None:
    bob, eve, root = [await a_person(factory, name) for name in ("bob", "eve")] + [
        await a_person(factory, "root", Role.ADMIN)
    ]
    project = await project_row(factory, ann, bob)
    shared = await a_trading_strategy(factory, ann, "Shared", project)
    private = await a_trading_strategy(factory, ann, "Private")
    await a_model(factory, ann, shared, name="shared")
    hidden = await a_model(factory, ann, private, name="private")
    await a_model(factory, bob, private, name="bob's")
    assert await names(api, ann) == ["shared", "private"]
    assert await names(api, bob) == ["shared", "bob's"]
    assert await names(api, eve) == []
    assert await names(api, root) == ["shared", "private", "bob's"]
    assert await shown(api, bob, hidden, "name") is None
    below = "query($id: ID!) { node(id: $id) { ... on Strategy { models { totalCount nodes { name } } } } }"
    found = await api.data(below, bob, id=encode("Strategy", shared.id))
    assert found["node"]["models"] == {"totalCount": 1, "nodes": [{"name": "shared"}]}


async def test_the_filters(api: Api, factory: Factory, ann: Person) -> None:
    strategy, dataset = await a_trading_strategy(factory, ann), await a_dataset_of(factory, ann, "AAA")
    for stage in Stage:
        await a_model(factory, ann, name=stage.value, stage=stage)
    await a_model(factory, ann, strategy, name="of strategy")
    of_dataset = await a_model(factory, ann, name="of dataset", dataset_id=dataset.id)
    kind = {"task_type": TaskType.PORTFOLIO_MANAGEMENT, "algorithm": AlgorithmName.PPO}
    await a_model(factory, ann, name="100% other", **kind)
    everything = ["none", "staging", "production", "of strategy", "of dataset", "100% other"]
    assert await names(api, ann) == everything
    assert await names(api, ann, {"stages": ["ARCHIVED", "NONE"], "text": "R"}) == [
        "archived",
        "of strategy",
        "100% other",
    ]
    assert await names(api, ann, {"stages": ["PRODUCTION"]}) == ["production"]
    assert await names(api, ann, {"taskType": "PORTFOLIO_MANAGEMENT"}) == ["100% other"]
    assert await names(api, ann, {"algorithm": "PPO", "text": "%"}) == ["100% other"]
    assert await names(api, ann, {"strategyId": encode("Strategy", strategy.id)}) == ["of strategy"]
    assert await names(api, ann, {"datasetId": encode("Dataset", dataset.id)}) == ["of dataset"]
    assert await names(api, ann, {"jobId": encode("Job", of_dataset.job_id)}) == ["of dataset"]
    assert await names(api, ann, {"jobId": encode("Job", strategy.id), "strategyId": "rubbish"}) == []


async def test_the_best_first_page_by_page(api: Api, factory: Factory, ann: Person) -> None:
    scores = {"a": 0.1, "b": -2.0, "c": 1e300, "d": 0.1 + 2**-55, "e": 0.1, "f": 3.0}
    for name, score in scores.items():
        await a_model(factory, ann, name=name, best_score=score)
    found: list[str] = []
    after = None
    while True:
        page = (await api.data(LIST, ann, orderBy="BEST", first=1, after=after))["models"]
        found += [node["name"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == ["c", "f", "d", "e", "a", "b"]
    assert await api.codes(LIST, ann, orderBy="NEWEST", after=after) == ["BAD_USER_INPUT"]


async def test_models_of_many_strategies_are_one_statement(api: Api, factory: Factory, ann: Person) -> None:
    for number in range(4):
        strategy = await a_trading_strategy(factory, ann, f"s{number}")
        for score in range(3):
            await a_model(factory, ann, strategy, name=f"{number}.{score}", best_score=score)
    with counted(factory.reader) as statements:
        inner = "models(orderBy: BEST, first: 2) { totalCount nodes { name card job { name } } }"
        found = await api.data(f"{{ strategies(orderBy: NAME) {{ nodes {{ {inner} }} }} }}", ann)
    best = [[node["name"] for node in each["models"]["nodes"]] for each in found["strategies"]["nodes"]]
    assert best == [[f"{number}.2", f"{number}.1"] for number in range(4)]
    # Who asks, strategies, models, their count, their cards, their jobs.
    assert len(statements) == 6


async def test_a_file_is_taken_home(api: Api, factory: Factory, ann: Person) -> None:
    model = await a_model(factory, ann, name="Agent 1")
    select = "link { url } errors { code field }"
    for part, length, ending in (("WEIGHTS", 16, "safetensors"), ("CARD", 2, "json")):
        payload = await api.do("requestModelDownload", ann, id_of(model) | {"part": part}, select)
        assert payload["errors"] == []
        answer = await api.client.get(payload["link"]["url"])
        assert (answer.status_code, len(answer.content)) == (200, length)
        assert f"Agent 1.{ending}" in answer.headers["content-disposition"].replace("%20", " ")
    payload = await api.do("requestModelDownload", ann, id_of(model) | {"part": "ONNX"}, select)
    assert payload == {"link": None, "errors": [{"code": "WRONG_STATE", "field": ["part"]}]}
    eve = await a_person(factory, "eve")
    payload = await api.do("requestModelDownload", eve, id_of(model) | {"part": "CARD"}, select)
    assert payload == {"link": None, "errors": [{"code": "NOT_FOUND", "field": ["id"]}]}


async def stages(api: Api, who: Person) -> dict[str, str]:
    everything = {"stages": [stage.name for stage in Stage]}
    document = "query($filter: ModelFilter) { models(filter: $filter) { nodes { name stage } } }"
    nodes = (await api.data(document, who, filter=everything))["models"]["nodes"]
    return {node["name"]: node["stage"] for node in nodes}


async def test_a_strategy_has_one_model_in_production(api: Api, factory: Factory, ann: Person) -> None:
    strategy, other = await a_trading_strategy(factory, ann), await a_trading_strategy(factory, ann, "Other")
    one, two = [await a_model(factory, ann, strategy, name=name) for name in ("one", "two")]
    three, alone = await a_model(factory, ann, other, name="three"), await a_model(factory, ann, name="alone")
    promote = {"stage": "PRODUCTION"}
    for model in (one, three, alone):
        payload = await api.do("setModelStage", ann, id_of(model) | promote, "model { stage } errors { code }")
        assert payload == {"model": {"stage": "PRODUCTION"}, "errors": []}
    assert await api.do("setModelStage", ann, id_of(two) | promote) == {"errors": []}
    assert await stages(api, ann) == {
        "one": "ARCHIVED",
        "two": "PRODUCTION",
        "three": "PRODUCTION",
        "alone": "PRODUCTION",
    }
    root = await a_person(factory, "root", Role.ADMIN)
    log = await api.data("{ auditLog(orderBy: OLDEST) { nodes { action objectType objectId before after } } }", root)
    entries = [
        (entry["action"], entry["before"]["stage"], entry["after"]["stage"])
        for entry in log["auditLog"]["nodes"]
        if entry["objectId"] in (id_of(one)["id"], id_of(two)["id"])
    ]
    action = "MODEL_STAGE_CHANGED"
    up, down = (action, "none", "production"), (action, "production", "archived")
    assert entries == [up, down, up]


async def test_two_that_are_promoted_at_once(api: Api, factory: Factory, ann: Person) -> None:
    strategy = await a_trading_strategy(factory, ann)
    models = [await a_model(factory, ann, strategy, name=str(number)) for number in range(6)]
    wishes = [api.do("setModelStage", ann, id_of(model) | {"stage": "PRODUCTION"}) for model in models]
    assert await asyncio.gather(*wishes) == [{"errors": []}] * 6
    found = list((await stages(api, ann)).values())
    assert (found.count("PRODUCTION"), found.count("ARCHIVED")) == (1, 5)


async def test_nothing_changes_where_it_stands_so_already(api: Api, factory: Factory, ann: Person) -> None:
    model = await a_model(factory, ann, stage=Stage.STAGING)
    before = await fingerprint(factory.engine)
    assert await api.do("setModelStage", ann, id_of(model) | {"stage": "STAGING"}) == {"errors": []}
    assert await fingerprint(factory.engine) == before


async def test_a_name(api: Api, factory: Factory, ann: Person, clock: StandingClock) -> None:
    model = await a_model(factory, ann)
    clock.advance(minutes=1)
    payload = await api.do("renameModel", ann, id_of(model) | {"name": " Best "}, "model { name updatedAt }")
    assert payload == {"model": {"name": "Best", "updatedAt": (NOON + timedelta(minutes=1)).isoformat()}}
    for name, code in (("", "REQUIRED"), ("x" * 201, "TOO_LONG"), ("a\x00", "INVALID")):
        payload = await api.do("renameModel", ann, id_of(model) | {"name": name})
        assert payload["errors"] == [{"code": code, "field": ["name"]}]


async def test_what_is_in_production_is_not_deleted(api: Api, factory: Factory, ann: Person) -> None:
    model = await a_model(factory, ann, stage=Stage.PRODUCTION)
    refused = await api.do("deleteModel", ann, id_of(model))
    assert refused["errors"] == [{"code": "WRONG_STATE", "field": ["id"]}]
    await api.do("setModelStage", ann, id_of(model) | {"stage": "ARCHIVED"})
    deleted = await api.do("deleteModel", ann, id_of(model), "model { name } errors { code }")
    assert deleted == {"model": {"name": "Agent"}, "errors": []}
    assert await shown(api, ann, model, "name") is None
    async with factory.engine.connect() as connection:
        uses = await connection.exec_driver_sql("SELECT count(*) FROM blob_uses WHERE owner_kind = 'model'")
        assert uses.scalar() == 0


async def test_editors_may_and_viewers_may_not(api: Api, factory: Factory, ann: Person) -> None:
    bob, eve = await a_person(factory, "bob"), await a_person(factory, "eve")
    project = await project_row(factory, ann, bob)
    await _joins(factory, project, eve, MemberRole.EDITOR)
    model = await a_model(factory, ann, await a_trading_strategy(factory, ann, "Shared", project))
    document = "mutation($input: RenameModelInput!) { renameModel(input: $input) { errors { code } } }"
    assert await api.codes(document, bob, input=id_of(model) | {"name": "x"}) == ["FORBIDDEN"]
    assert await api.codes(document, eve, input=id_of(model) | {"name": "x"}) == []


async def _joins(factory: Factory, project: Project, who: Person, role: MemberRole) -> None:
    now = factory.clock()
    async with factory.works() as work:
        await work.members.add(Member(new_id(), project.id, who.user.id, role, now, now))


COMPARE = """query($ids: [ID!]!) { compareModels(ids: $ids) { models { name } measures { split name values }
    parameterDifferences { path values } } }"""


async def test_models_side_by_side(api: Api, factory: Factory, ann: Person) -> None:
    one = await a_model(factory, ann, name="one")
    two = await a_model(
        factory,
        ann,
        name="two",
        measures={"train": {"sharpe": 3.0}, "valid": {"sharpe": 1.0}},
        hyperparameters={"epochs": 4, "batch_size": 8},
    )
    hidden = await a_model(factory, await a_person(factory, "bob"), name="hidden")
    ids = [id_of(model)["id"] for model in (two, hidden, one)]
    with counted(factory.reader) as statements:
        found = (await api.data(COMPARE, ann, ids=ids))["compareModels"]
    assert len(statements) == 2
    assert found == {
        "models": [{"name": "two"}, None, {"name": "one"}],
        "measures": [
            {"split": "TRAIN", "name": "sharpe", "values": [3.0, None, None]},
            {"split": "VALID", "name": "buy_and_hold.sharpe", "values": [None, None, 0.5]},
            {"split": "VALID", "name": "sharpe", "values": [1.0, None, 1.5]},
            {"split": "TEST", "name": "sharpe", "values": [None, None, 0.25]},
        ],
        "parameterDifferences": [
            {"path": ["batch_size"], "values": [8, None, None]},
            {"path": ["epochs"], "values": [4, None, 3]},
        ],
    }
    for wrong in ([], [ids[0], ids[0]], [str(number) for number in range(21)]):
        assert await api.codes(COMPARE, ann, ids=wrong) == ["BAD_USER_INPUT"]
