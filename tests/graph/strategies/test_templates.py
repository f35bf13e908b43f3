"""Templates through the API."""

from __future__ import annotations

import pytest

from app.factory import Factory
from domain.catalogue import system_templates
from persistence.templates import seed_system_templates
from tests.support.api import Api
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint

TEMPLATE = """errors { code field } template {
  id name slug description taskType algorithm config isSystem createdBy { username } }"""


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
async def bob(factory: Factory) -> Person:
    return await a_person(factory, "bob")


@pytest.fixture
async def ppo(api: Api, factory: Factory, ann: Person) -> str:
    """The id of a template of the platform."""
    async with factory.engine.begin() as connection:
        await seed_system_templates(connection, system_templates())
    query = "{ strategyTemplates(filter: {algorithm: PPO, isSystem: true}) { nodes { id slug } } }"
    [found] = (await api.data(query, ann))["strategyTemplates"]["nodes"]
    assert found["slug"] == "portfolio-management-ppo"
    return str(found["id"])


async def refusals(api: Api, field: str, who: Person, **input: object) -> list[tuple[str, list[str]]]:
    payload = await api.do(field, who, input)
    return [(error["code"], error["field"]) for error in payload["errors"]]


async def test_a_template_with_some_changes_makes_a_strategy(api: Api, ann: Person, ppo: str) -> None:
    input_ = {"name": "Mine", "templateId": ppo, "config": {"epochs": 3, "learning_rate": None}}
    payload = await api.do(
        "createStrategy", ann, input_, "errors { code } strategy { taskType algorithm config version }"
    )
    config = payload["strategy"].pop("config")
    assert payload == {
        "errors": [],
        "strategy": {"taskType": "PORTFOLIO_MANAGEMENT", "algorithm": "PPO", "version": 1},
    }
    assert (config["epochs"], config["learning_rate"], config["discount"]) == (3, 0.001, 0.99)


async def test_a_template_brings_its_own_task_and_algorithm(api: Api, ann: Person, ppo: str, factory: Factory) -> None:
    before = await fingerprint(factory.engine)
    other = {"taskType": "ORDER_EXECUTION", "algorithm": "PD"}
    assert await refusals(api, "createStrategy", ann, name="x", templateId=ppo, **other) == [
        ("INVALID", ["taskType"]),
        ("INVALID", ["algorithm"]),
    ]
    wrong = {"templateId": ppo, "config": {"epochs": 0, "x": None}}
    assert await refusals(api, "createStrategy", ann, name="", **wrong) == [
        ("REQUIRED", ["name"]),
        ("OUT_OF_RANGE", ["config", "epochs"]),
        ("UNKNOWN", ["config", "x"]),
    ]
    for id_ in ("rubbish", ann.id):
        assert await refusals(api, "createStrategy", ann, name="x", templateId=id_) == [("NOT_FOUND", ["templateId"])]
    assert await fingerprint(factory.engine) == before
    same = {"taskType": "PORTFOLIO_MANAGEMENT", "algorithm": "PPO"}
    assert await refusals(api, "createStrategy", ann, name="x", templateId=ppo, **same) == []


async def test_a_template_of_ones_own_is_made_changed_and_deleted(api: Api, ann: Person, factory: Factory) -> None:
    new = {"name": " Mine ", "taskType": "ORDER_EXECUTION", "algorithm": "PD", "config": {"epochs": 3}}
    template = (await api.do("createStrategyTemplate", ann, new, TEMPLATE))["template"]
    id_, config = template.pop("id"), template.pop("config")
    assert template == {
        "name": "Mine",
        "slug": None,
        "description": "",
        "taskType": "ORDER_EXECUTION",
        "algorithm": "PD",
        "isSystem": False,
        "createdBy": {"username": "ann"},
    }
    assert config["epochs"] == 3

    changes = {"id": id_, "description": "d", "config": {"epochs": 4}}
    changed = (await api.do("updateStrategyTemplate", ann, changes, TEMPLATE))["template"]
    assert (changed["name"], changed["description"]) == ("Mine", "d")
    assert changed["config"] == config | {"epochs": 4}
    wrong = await refusals(api, "updateStrategyTemplate", ann, id=id_, name="", config={"epochs": "x"})
    assert wrong == [("REQUIRED", ["name"]), ("INVALID", ["config", "epochs"])]

    deleted = await api.do("deleteStrategyTemplate", ann, {"id": id_}, "template { name }")
    assert deleted == {"template": {"name": "Mine"}}
    assert await api.data("query($id: ID!) { node(id: $id) { id } }", ann, id=id_) == {"node": None}
    async with factory.engine.connect() as connection:
        noted = await connection.exec_driver_sql("SELECT action, before ->> 'name' FROM audit_log")
        assert [tuple(row) for row in noted] == [("template.deleted", "Mine")]


async def test_a_strategy_becomes_a_template(api: Api, ann: Person) -> None:
    new = {"name": "S", "taskType": "ORDER_EXECUTION", "algorithm": "PD", "config": {"epochs": 3}}
    strategy = (await api.do("createStrategy", ann, new, "strategy { id config }"))["strategy"]
    input_ = {"name": "T", "strategyId": strategy["id"], "config": {"discount": 0.5}}
    template = (await api.do("createStrategyTemplate", ann, input_, TEMPLATE))["template"]
    assert template["config"] == strategy["config"] | {"discount": 0.5}
    assert await refusals(api, "createStrategyTemplate", ann, name="T") == [
        ("REQUIRED", ["taskType"]),
        ("REQUIRED", ["algorithm"]),
    ]


async def test_nobody_changes_a_template_of_the_platform(api: Api, ann: Person, ppo: str, factory: Factory) -> None:
    before = await fingerprint(factory.engine)
    for field in ("updateStrategyTemplate", "deleteStrategyTemplate"):
        type_name = field[0].upper() + field[1:] + "Input"
        document = f"mutation($input: {type_name}!) {{ {field}(input: $input) {{ errors {{ code }} }} }}"
        assert await api.codes(document, ann, input={"id": ppo}) == ["FORBIDDEN"]
    assert await fingerprint(factory.engine) == before


async def test_the_template_of_another_does_not_exist(api: Api, ann: Person, bob: Person, factory: Factory) -> None:
    new = {"name": "Mine", "taskType": "ORDER_EXECUTION", "algorithm": "PD"}
    id_ = (await api.do("createStrategyTemplate", ann, new, TEMPLATE))["template"]["id"]
    before = await fingerprint(factory.engine)
    assert await api.data("query($id: ID!) { node(id: $id) { id } }", bob, id=id_) == {"node": None}
    listed = await api.data("{ strategyTemplates { nodes { id } totalCount } }", bob)
    assert listed == {"strategyTemplates": {"nodes": [], "totalCount": 0}}
    for field in ("updateStrategyTemplate", "deleteStrategyTemplate"):
        assert await refusals(api, field, bob, id=id_) == [("NOT_FOUND", ["id"])]
    assert await refusals(api, "createStrategy", bob, name="x", templateId=id_) == [("NOT_FOUND", ["templateId"])]
    assert await fingerprint(factory.engine) == before
