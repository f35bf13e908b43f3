"""Strategies through the API."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import orjson
import pytest

from app.factory import Factory
from domain.viewer import Role
from tests.support.api import Api
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint
from tests.support.statements import counted

STRATEGY = """errors { code field } strategy {
  id name description taskType algorithm config tmConfig status tags version
  owner { username } project { name } versions { totalCount nodes { number message author { username } } } }"""


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
async def bob(factory: Factory) -> Person:
    return await a_person(factory, "bob")


async def a_strategy(api: Api, who: Person, name: str = "Alpha", **more: Any) -> str:
    input_ = {"name": name, "taskType": "PORTFOLIO_MANAGEMENT", "algorithm": "PPO"} | more
    payload = await api.do("createStrategy", who, input_, "errors { code field } strategy { id }")
    assert payload["errors"] == []
    return str(payload["strategy"]["id"])


async def a_project(api: Api, who: Person, *others: tuple[Person, str]) -> str:
    id_ = (await api.do("createProject", who, {"name": "Desk"}, "project { id }"))["project"]["id"]
    for person, role in others:
        await api.do("inviteMember", who, {"projectId": id_, "user": person.user.username, "role": role})
    return str(id_)


async def refusals(api: Api, field: str, who: Person, **input: object) -> list[tuple[str, list[str]]]:
    payload = await api.do(field, who, input)
    return [(error["code"], error["field"]) for error in payload["errors"]]


async def is_forbidden(api: Api, field: str, who: Person, **input: object) -> bool:
    type_name = field[0].upper() + field[1:] + "Input"
    document = f"mutation($input: {type_name}!) {{ {field}(input: $input) {{ errors {{ code }} }} }}"
    return await api.codes(document, who, input=input) == ["FORBIDDEN"]


async def test_a_strategy_from_scratch_is_a_whole_draft_at_version_one(api: Api, ann: Person) -> None:
    input_ = {
        "name": " Alpha ",
        "taskType": "PORTFOLIO_MANAGEMENT",
        "algorithm": "PPO",
        "config": {"epochs": 7},
        "tmConfig": {"free": [1]},
        "tags": ["Momentum", "momentum", "eu"],
    }
    payload = await api.do("createStrategy", ann, input_, STRATEGY)
    assert payload["errors"] == []
    strategy = payload["strategy"]
    defaults = await api.data("{ algorithm(task: PORTFOLIO_MANAGEMENT, name: PPO) { defaultConfig } }")
    assert strategy.pop("id")
    assert strategy.pop("config") == defaults["algorithm"]["defaultConfig"] | {"epochs": 7}
    version = {"number": 1, "message": "First version", "author": {"username": "ann"}}
    assert strategy == {
        "name": "Alpha",
        "description": "",
        "taskType": "PORTFOLIO_MANAGEMENT",
        "algorithm": "PPO",
        "tmConfig": {"free": [1]},
        "status": "DRAFT",
        "tags": ["momentum", "eu"],
        "version": 1,
        "owner": {"username": "ann"},
        "project": None,
        "versions": {"totalCount": 1, "nodes": [version]},
    }


async def test_all_that_is_wrong_is_said_at_once_and_nothing_is_made(api: Api, ann: Person, factory: Factory) -> None:
    before = await fingerprint(factory.engine)
    wrong = {
        "name": "",
        "description": "x" * 2001,
        "tags": ["a", ""],
        "tmConfig": [1],
        "message": "x" * 501,
        "taskType": "PORTFOLIO_MANAGEMENT",
        "algorithm": "PPO",
        "config": {"epochs": 0, "nonsense": 1},
    }
    assert await refusals(api, "createStrategy", ann, **wrong) == [
        ("REQUIRED", ["name"]),
        ("TOO_LONG", ["description"]),
        ("REQUIRED", ["tags", "1"]),
        ("INVALID", ["tmConfig"]),
        ("TOO_LONG", ["message"]),
        ("OUT_OF_RANGE", ["config", "epochs"]),
        ("UNKNOWN", ["config", "nonsense"]),
    ]
    assert await refusals(api, "createStrategy", ann, name="x") == [
        ("REQUIRED", ["taskType"]),
        ("REQUIRED", ["algorithm"]),
    ]
    pair = {"taskType": "ORDER_EXECUTION", "algorithm": "PPO"}
    assert await refusals(api, "createStrategy", ann, name="x", **pair) == [("UNKNOWN", ["algorithm"])]
    assert await fingerprint(factory.engine) == before


async def test_no_two_strategies_of_one_owner_have_the_same_name(api: Api, ann: Person, bob: Person) -> None:
    await a_strategy(api, ann, "Alpha")
    other = await a_strategy(api, ann, "Beta")
    pair = {"taskType": "PORTFOLIO_MANAGEMENT", "algorithm": "PPO"}
    taken = [("ALREADY_EXISTS", ["name"])]
    assert await refusals(api, "createStrategy", ann, name="ALPHA", **pair) == taken
    assert await refusals(api, "updateStrategy", ann, id=other, name="alpha") == taken
    assert await a_strategy(api, bob, "alpha")


async def test_a_change_of_config_makes_a_version_and_nothing_else_does(api: Api, ann: Person) -> None:
    id_ = await a_strategy(api, ann, config={"epochs": 7})
    payload = await api.do("updateStrategy", ann, {"id": id_, "name": "New", "tags": ["x"]}, STRATEGY)
    assert (payload["strategy"]["name"], payload["strategy"]["tags"]) == ("New", ["x"])
    assert payload["strategy"]["version"] == 1
    same = await api.do("updateStrategy", ann, {"id": id_, "config": {"epochs": 7}, "message": "no"}, STRATEGY)
    assert same["strategy"]["version"] == 1

    changes = {"id": id_, "config": {"learning_rate": 0.01, "epochs": None}, "message": "Faster"}
    payload = await api.do("updateStrategy", ann, changes, STRATEGY)
    strategy = payload["strategy"]
    assert (strategy["version"], strategy["config"]["learning_rate"], strategy["config"]["epochs"]) == (2, 0.01, 20)
    assert [(one["number"], one["message"]) for one in strategy["versions"]["nodes"]] == [
        (2, "Faster"),
        (1, "First version"),
    ]
    unsaid = await api.do("updateStrategy", ann, {"id": id_, "config": {"epochs": 3, "seed": 1}}, STRATEGY)
    assert unsaid["errors"] == [{"code": "UNKNOWN", "field": ["config", "seed"]}]
    unsaid = await api.do("updateStrategy", ann, {"id": id_, "config": {"epochs": 3, "discount": 0.5}}, STRATEGY)
    assert unsaid["strategy"]["versions"]["nodes"][0]["message"] == "Changed discount, epochs"


async def test_who_expects_another_version_is_refused(api: Api, ann: Person, factory: Factory) -> None:
    id_ = await a_strategy(api, ann)
    await api.do("updateStrategy", ann, {"id": id_, "config": {"epochs": 3}, "expectedVersion": 1})
    before = await fingerprint(factory.engine)
    late = {"id": id_, "config": {"epochs": 4}, "expectedVersion": 1}
    assert await refusals(api, "updateStrategy", ann, **late) == [("WRONG_STATE", ["expectedVersion"])]
    assert await fingerprint(factory.engine) == before


async def test_versions_are_compared_and_brought_back(api: Api, ann: Person) -> None:
    id_ = await a_strategy(api, ann, config={"epochs": 7})
    await api.do("updateStrategy", ann, {"id": id_, "config": {"epochs": 9}})
    diff = """query($id: ID!) { node(id: $id) { ... on Strategy {
      there: diff(from: 1) { path kind before after } back: diff(from: 2, to: 1) { before after }
      same: diff(from: 2, to: 2) { kind } none: diff(from: 1, to: 3) { kind } zero: diff(from: 1, to: 0) { kind }
      } } }"""
    assert (await api.data(diff, ann, id=id_))["node"] == {
        "there": [{"path": ["epochs"], "kind": "CHANGED", "before": 7, "after": 9}],
        "back": [{"before": 9, "after": 7}],
        "same": [],
        "none": None,
        "zero": None,
    }
    restored = await api.do("restoreStrategyVersion", ann, {"id": id_, "versionNumber": 1}, STRATEGY)
    strategy = restored["strategy"]
    assert (strategy["version"], strategy["config"]["epochs"]) == (3, 7)
    assert strategy["versions"]["nodes"][0]["message"] == "Restored version 1"
    missing = await refusals(api, "restoreStrategyVersion", ann, id=id_, versionNumber=9)
    assert missing == [("NOT_FOUND", ["versionNumber"])]


async def test_versions_are_paged_the_latest_first(api: Api, ann: Person) -> None:
    id_ = await a_strategy(api, ann, config={"epochs": 1})
    for epochs in (2, 3, 4):
        await api.do("updateStrategy", ann, {"id": id_, "config": {"epochs": epochs}})
    query = """query($id: ID!, $after: String) { node(id: $id) { ... on Strategy {
      versions(first: 3, after: $after) { nodes { id number } pageInfo { hasNextPage endCursor } } } } }"""
    one = (await api.data(query, ann, id=id_))["node"]["versions"]
    assert [node["number"] for node in one["nodes"]] == [4, 3, 2]
    two = (await api.data(query, ann, id=id_, after=one["pageInfo"]["endCursor"]))["node"]["versions"]
    assert ([node["number"] for node in two["nodes"]], two["pageInfo"]["hasNextPage"]) == ([1], False)
    again = "query($id: ID!) { node(id: $id) { ... on StrategyVersion { number strategy { name } } } }"
    found = await api.data(again, ann, id=two["nodes"][0]["id"])
    assert found["node"] == {"number": 1, "strategy": {"name": "Alpha"}}


async def test_members_see_editors_change_and_only_owners_delete(api: Api, ann: Person, bob: Person) -> None:
    project = await a_project(api, ann, (bob, "VIEWER"))
    id_ = await a_strategy(api, ann, projectId=project)
    listed = "{ strategies { nodes { name owner { username } project { name } } totalCount } }"
    assert (await api.data(listed, bob))["strategies"] == {
        "nodes": [{"name": "Alpha", "owner": {"username": "ann"}, "project": {"name": "Desk"}}],
        "totalCount": 1,
    }
    for field in ("updateStrategy", "archiveStrategy", "deleteStrategy"):
        assert await is_forbidden(api, field, bob, id=id_)
    assert await is_forbidden(api, "restoreStrategyVersion", bob, id=id_, versionNumber=1)

    await api.do("changeMemberRole", ann, {"projectId": project, "userId": bob.id, "role": "EDITOR"})
    assert await refusals(api, "updateStrategy", bob, id=id_, config={"epochs": 3}) == []
    assert await is_forbidden(api, "deleteStrategy", bob, id=id_)
    await api.do("changeMemberRole", ann, {"projectId": project, "userId": bob.id, "role": "OWNER"})
    assert await refusals(api, "deleteStrategy", bob, id=id_) == []


async def test_a_stranger_does_not_learn_that_a_strategy_exists(
    api: Api, ann: Person, bob: Person, factory: Factory
) -> None:
    project = await a_project(api, ann)
    id_ = await a_strategy(api, ann, projectId=project)
    versions = "query($id: ID!) { node(id: $id) { ... on Strategy { versions { nodes { id } } } } }"
    version = (await api.data(versions, ann, id=id_))["node"]["versions"]["nodes"][0]["id"]
    before = await fingerprint(factory.engine)
    for hidden in (id_, version):
        assert await api.data("query($id: ID!) { node(id: $id) { id } }", bob, id=hidden) == {"node": None}
    listed = "query($filter: StrategyFilter) { strategies(filter: $filter) { nodes { id } totalCount } }"
    for filter_ in ({}, {"projectId": project}, {"ownerId": ann.id}, {"text": "alp"}, {"projectId": id_}):
        assert (await api.data(listed, bob, filter=filter_))["strategies"] == {"nodes": [], "totalCount": 0}
    for field in ("updateStrategy", "archiveStrategy", "restoreStrategy", "deleteStrategy", "cloneStrategy"):
        assert await refusals(api, field, bob, id=id_) == [("NOT_FOUND", ["id"])]
    restore = await refusals(api, "restoreStrategyVersion", bob, id=id_, versionNumber=1)
    assert restore == [("NOT_FOUND", ["id"])]
    new = {"name": "x", "taskType": "PORTFOLIO_MANAGEMENT", "algorithm": "PPO", "projectId": project}
    assert await refusals(api, "createStrategy", bob, **new) == [("NOT_FOUND", ["projectId"])]
    template = await refusals(api, "createStrategyTemplate", bob, name="x", strategyId=id_)
    assert template == [("NOT_FOUND", ["strategyId"])]
    assert await fingerprint(factory.engine) == before


async def test_what_lies_in_a_left_project_stays_with_its_owner_and_tells_nothing_of_the_project(
    api: Api, ann: Person, bob: Person
) -> None:
    project = await a_project(api, ann, (bob, "EDITOR"))
    id_ = await a_strategy(api, bob, "Mine", projectId=project)
    await api.do("leaveProject", bob, {"projectId": project})
    query = "query($filter: StrategyFilter) { strategies(filter: $filter) { nodes { id project { id } } } }"
    assert (await api.data(query, bob))["strategies"]["nodes"] == [{"id": id_, "project": None}]
    assert (await api.data(query, bob, filter={"projectId": project}))["strategies"]["nodes"] == []
    # Those who stay see it, but no longer who made it: they share no project with that person any more.
    seen = "query($filter: StrategyFilter) { strategies(filter: $filter) { nodes { name owner { username } } } }"
    assert (await api.data(seen, ann))["strategies"]["nodes"] == [{"name": "Mine", "owner": None}]
    assert (await api.data(seen, ann, filter={"ownerId": bob.id}))["strategies"]["nodes"] == []


async def test_moving_needs_rights_in_the_new_project_and_is_written_down(
    api: Api, ann: Person, bob: Person, factory: Factory
) -> None:
    looked_at = await a_project(api, bob, (ann, "VIEWER"))
    own = await a_project(api, ann)
    id_ = await a_strategy(api, ann)
    before = await fingerprint(factory.engine)
    assert await is_forbidden(api, "updateStrategy", ann, id=id_, projectId=looked_at)
    assert await is_forbidden(api, "cloneStrategy", ann, id=id_, projectId=looked_at)
    assert await refusals(api, "updateStrategy", ann, id=id_, projectId=ann.id) == [("NOT_FOUND", ["projectId"])]
    assert await fingerprint(factory.engine) == before

    select = "strategy { project { name } }"
    moved = await api.do("updateStrategy", ann, {"id": id_, "projectId": own}, select)
    assert moved == {"strategy": {"project": {"name": "Desk"}}}
    assert await api.do("updateStrategy", ann, {"id": id_, "name": "Still there"}, select) == moved
    out = await api.do("updateStrategy", ann, {"id": id_, "projectId": None}, select)
    assert out == {"strategy": {"project": None}}
    async with factory.engine.connect() as connection:
        rows = await connection.exec_driver_sql(
            "SELECT before ->> 'project' IS NULL, after ->> 'project' IS NULL FROM audit_log "
            "WHERE action = 'strategy.moved' ORDER BY id"
        )
        assert [tuple(row) for row in rows] == [(True, False), (False, True)]


async def test_archived_strategies_are_put_away_until_restored(api: Api, ann: Person) -> None:
    id_ = await a_strategy(api, ann)
    archived = await api.do("archiveStrategy", ann, {"id": id_}, "strategy { status }")
    assert archived == {"strategy": {"status": "ARCHIVED"}}
    query = """query($filter: StrategyFilter) { strategies(filter: $filter) { totalCount nodes { id } }
      viewer { strategies(filter: $filter) { totalCount } } }"""
    assert (await api.data(query, ann))["strategies"] == {"totalCount": 0, "nodes": []}
    named = await api.data(query, ann, filter={"statuses": ["ARCHIVED", "ACTIVE"]})
    assert named == {
        "strategies": {"totalCount": 1, "nodes": [{"id": id_}]},
        "viewer": {"strategies": {"totalCount": 1}},
    }
    assert await refusals(api, "updateStrategy", ann, id=id_, name="x") == [("WRONG_STATE", ["id"])]
    assert await refusals(api, "archiveStrategy", ann, id=id_) == [("WRONG_STATE", [])]
    restored = await api.do("restoreStrategy", ann, {"id": id_}, "strategy { status }")
    assert restored == {"strategy": {"status": "DRAFT"}}


@pytest.mark.parametrize("status", ["active", "paused"])
async def test_what_runs_is_neither_deleted_nor_archived(api: Api, ann: Person, factory: Factory, status: str) -> None:
    id_ = await a_strategy(api, ann)
    async with factory.engine.begin() as connection:
        await connection.exec_driver_sql(f"UPDATE strategies SET status = '{status}'")
    before = await fingerprint(factory.engine)
    assert await refusals(api, "deleteStrategy", ann, id=id_) == [("WRONG_STATE", ["id"])]
    assert await refusals(api, "archiveStrategy", ann, id=id_) == [("WRONG_STATE", [])]
    assert await fingerprint(factory.engine) == before


async def test_deleting_takes_the_versions_along_and_is_written_down(api: Api, ann: Person, factory: Factory) -> None:
    id_ = await a_strategy(api, ann)
    await api.do("updateStrategy", ann, {"id": id_, "config": {"epochs": 3}})
    deleted = await api.do("deleteStrategy", ann, {"id": id_}, "strategy { name } errors { code }")
    assert deleted == {"strategy": {"name": "Alpha"}, "errors": []}
    async with factory.engine.connect() as connection:
        left = await connection.exec_driver_sql("SELECT count(*) FROM strategy_versions")
        noted = await connection.exec_driver_sql("SELECT action, before ->> 'name' FROM audit_log")
        assert left.scalar_one() == 0
        assert [tuple(row) for row in noted] == [("strategy.deleted", "Alpha")]


async def test_a_clone_is_ones_own(api: Api, ann: Person, bob: Person) -> None:
    project = await a_project(api, ann, (bob, "VIEWER"))
    id_ = await a_strategy(api, ann, projectId=project, tags=["t"], config={"epochs": 7})
    await api.do("updateStrategy", ann, {"id": id_, "config": {"epochs": 8}})
    clone = (await api.do("cloneStrategy", bob, {"id": id_}, STRATEGY))["strategy"]
    assert (clone["name"], clone["owner"], clone["project"]) == ("Alpha copy", {"username": "bob"}, None)
    assert (clone["version"], clone["status"], clone["tags"], clone["config"]["epochs"]) == (1, "DRAFT", ["t"], 8)
    assert await refusals(api, "cloneStrategy", bob, id=id_) == [("ALREADY_EXISTS", ["name"])]
    assert await refusals(api, "cloneStrategy", bob, id=id_, name="Another") == []
    long = await a_strategy(api, ann, "x" * 100)
    assert (await api.do("cloneStrategy", ann, {"id": long}, STRATEGY))["strategy"]["name"] == "x" * 95 + " copy"


async def test_a_deleted_project_leaves_its_strategies_to_their_owners(api: Api, ann: Person, bob: Person) -> None:
    project = await a_project(api, ann, (bob, "EDITOR"))
    await a_strategy(api, bob, "Bobs", projectId=project)
    await a_strategy(api, ann, "Anns", projectId=project)
    await api.do("deleteProject", ann, {"id": project})
    query = "{ strategies { nodes { name project { id } } } }"
    assert (await api.data(query, bob))["strategies"]["nodes"] == [{"name": "Bobs", "project": None}]
    assert (await api.data(query, ann))["strategies"]["nodes"] == [{"name": "Anns", "project": None}]


@pytest.mark.parametrize(
    ("filter_", "names"),
    [
        ({"text": "PH"}, ["Alpha"]),
        ({"text": "%"}, []),
        ({"taskType": "ORDER_EXECUTION"}, ["Beta"]),
        ({"algorithm": "PPO"}, ["Alpha"]),
        ({"tags": [" EU "]}, ["Alpha", "Beta"]),
        ({"tags": ["eu", "us"]}, ["Beta"]),
        ({"tags": []}, ["Alpha", "Beta"]),
        ({"statuses": ["DRAFT"]}, ["Alpha", "Beta"]),
        ({"statuses": []}, ["Alpha", "Beta"]),
        ({"statuses": ["ACTIVE"]}, []),
        ({"text": None, "tags": None, "projectId": None}, ["Alpha", "Beta"]),
        ({"projectId": "rubbish"}, []),
        ({"text": "a\u0000"}, []),
        ({"tags": ["\u0000"]}, []),
    ],
)
async def test_filters_pick_what_they_name(api: Api, ann: Person, filter_: dict[str, Any], names: list[str]) -> None:
    await a_strategy(api, ann, "Alpha", tags=["eu"])
    await a_strategy(api, ann, "Beta", tags=["eu", "us"], taskType="ORDER_EXECUTION", algorithm="PD")
    query = """query($filter: StrategyFilter) {
      strategies(filter: $filter, orderBy: NAME) { nodes { name } totalCount } }"""
    page = (await api.data(query, ann, filter=filter_))["strategies"]
    assert ([node["name"] for node in page["nodes"]], page["totalCount"]) == (names, len(names))


async def test_each_level_costs_one_statement(api: Api, ann: Person, bob: Person, factory: Factory) -> None:
    for number in range(3):
        project = await a_project(api, ann, (bob, "VIEWER"))
        for letter in "ab":
            id_ = await a_strategy(api, ann, f"{letter}{number}", projectId=project, config={"epochs": 1})
            await api.do("updateStrategy", ann, {"id": id_, "config": {"epochs": 2}})
    query = """{ projects { nodes { strategies(first: 2, orderBy: NAME) { totalCount nodes { name
      owner { username } project { name } diff(from: 1) { before }
      versions(first: 2) { totalCount nodes { number author { username } strategy { name } } } } } } } }"""
    with counted(factory.reader) as statements:
        data = await api.data(query, bob)
    assert [len(project["strategies"]["nodes"]) for project in data["projects"]["nodes"]] == [2, 2, 2]
    once_for_each = [
        "session",
        "projects",
        "strategies",
        "strategy counts",
        "owners",
        "their projects",
        "compared versions",
        "versions",
        "authors' strategies",
    ]
    assert len(statements) == len(once_for_each)


async def test_the_strategies_of_another_person_are_private(
    api: Api, ann: Person, bob: Person, factory: Factory
) -> None:
    project = await a_project(api, ann, (bob, "VIEWER"))
    await a_strategy(api, ann, projectId=project)
    query = "query($id: ID!) { node(id: $id) { ... on User { strategies { nodes { name } totalCount } } } }"
    assert (await api.data(query, bob, id=ann.id))["node"] == {"strategies": None}
    own = {"strategies": {"nodes": [{"name": "Alpha"}], "totalCount": 1}}
    assert (await api.data(query, ann, id=ann.id))["node"] == own
    admin = await a_person(factory, "root", Role.ADMIN)
    assert (await api.data(query, admin, id=ann.id))["node"] == own


async def test_guests_look_but_do_not_write(api: Api, ann: Person, factory: Factory) -> None:
    guest = await a_person(factory, "guest", Role.GUEST)
    project = await a_project(api, ann, (guest, "EDITOR"))
    id_ = await a_strategy(api, ann, projectId=project)
    assert (await api.data("{ strategies { nodes { name } } }", guest))["strategies"]["nodes"] == [{"name": "Alpha"}]
    assert await is_forbidden(api, "updateStrategy", guest, id=id_)
    assert await is_forbidden(api, "cloneStrategy", guest, id=id_)


@pytest.mark.parametrize(
    "cursor",
    ["2026-03-02T12:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", 5, None, "\u0000"],
)
async def test_a_forged_cursor_is_the_clients_mistake(api: Api, ann: Person, cursor: object) -> None:
    forged = urlsafe_b64encode(orjson.dumps(["UPDATED", cursor, ann.user.id])).decode()
    query = "query($after: String) { strategies(orderBy: UPDATED, after: $after) { nodes { id } } }"
    assert await api.codes(query, ann, after=forged) == ["BAD_USER_INPUT"]


async def test_null_is_refused_where_only_leaving_out_makes_sense(api: Api, ann: Person) -> None:
    id_ = await a_strategy(api, ann)
    document = "mutation($input: UpdateStrategyInput!) { updateStrategy(input: $input) { errors { code } } }"
    for name in ("name", "description", "tags", "config", "tmConfig"):
        assert await api.codes(document, ann, input={"id": id_, name: None}) == ["BAD_USER_INPUT"]
