"""Accounts through the API."""

from __future__ import annotations

import dataclasses
from hashlib import sha256
from typing import Any

import pytest

from app.factory import Factory
from app.seed import seed
from domain.viewer import Role
from tests.support.api import Api
from tests.support.passwords import BETTER, GOOD
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint

USER = "id username email role strategies { nodes { id } }"
SIGNED_IN = f"errors {{ code field }} accessToken refreshToken expiresAt user {{ {USER} }}"
ANN = {"username": "ann", "email": "ann@example.org", "password": GOOD, "fullName": "Ann", "termsAccepted": True}


def with_token(person: Person, token: str) -> Person:
    return dataclasses.replace(person, token=token)


@pytest.fixture
async def nobody_special(factory: Factory) -> Person:
    return await a_person(factory, "bob")


@pytest.fixture
async def admin(factory: Factory) -> Person:
    return await a_person(factory, "ada", Role.ADMIN)


async def registered(api: Api, person: Person) -> tuple[Person, dict[str, Any]]:
    """Somebody who came in by the front door; the person is only a carrier of the token."""
    payload = await api.do("register", None, ANN, SIGNED_IN)
    return with_token(person, payload["accessToken"]), payload


async def test_a_newcomer_is_logged_in_and_sees_what_is_private(api: Api, nobody_special: Person) -> None:
    ann, payload = await registered(api, nobody_special)
    assert payload["errors"] == []
    user = payload["user"]
    assert (user["username"], user["email"], user["role"]) == ("ann", "ann@example.org", "USER")
    assert user["strategies"] is None
    assert await api.data("{ viewer { id } }", ann) == {"viewer": {"id": user["id"]}}


async def test_problems_name_the_fields_as_clients_know_them(api: Api, factory: Factory) -> None:
    before = await fingerprint(factory.engine)
    wrong = ANN | {"username": "", "fullName": "", "termsAccepted": False}
    assert (await api.do("register", None, wrong, SIGNED_IN))["errors"] == [
        {"code": "REQUIRED", "field": ["username"]},
        {"code": "REQUIRED", "field": ["fullName"]},
        {"code": "REQUIRED", "field": ["termsAccepted"]},
    ]
    assert await fingerprint(factory.engine) == before


async def test_sessions_go_on_and_end(api: Api, nobody_special: Person) -> None:
    await registered(api, nobody_special)
    login = {"usernameOrEmail": "ANN@example.org", "password": GOOD}
    first = await api.do("login", None, login, SIGNED_IN)
    second = await api.do("refresh", None, {"refreshToken": first["refreshToken"]}, SIGNED_IN)
    ann = with_token(nobody_special, second["accessToken"])
    sessions = (await api.data("{ sessions { nodes { id isCurrent } totalCount } }", ann))["sessions"]
    assert sessions["totalCount"] == 2
    [current, other] = sorted(sessions["nodes"], key=lambda session: not session["isCurrent"])
    found = await api.data("query($id: ID!) { node(id: $id) { ... on Session { id } } }", ann, id=other["id"])
    assert found == {"node": {"id": other["id"]}}
    ended = await api.do("revokeSession", ann, {"id": other["id"]}, "errors { code } session { id isCurrent }")
    assert ended == {"errors": [], "session": {"id": other["id"], "isCurrent": False}}
    assert (await api.data("mutation { logout { errors { code } } }", ann))["logout"] == {"errors": []}
    assert await api.codes("{ viewer { id } }", ann) == ["UNAUTHENTICATED"]
    assert current["isCurrent"]


async def test_a_refresh_token_used_twice_shuts_its_access_tokens_too(api: Api, nobody_special: Person) -> None:
    ann, first = await registered(api, nobody_special)
    second = await api.do("refresh", None, {"refreshToken": first["refreshToken"]}, SIGNED_IN)
    again = await api.do("refresh", None, {"refreshToken": first["refreshToken"]})
    assert again["errors"] == [{"code": "INVALID_TOKEN", "field": ["refreshToken"]}]
    for token in (ann.token, second["accessToken"]):
        assert await api.codes("{ viewer { id } }", with_token(ann, token)) == ["UNAUTHENTICATED"]


async def test_the_own_account_is_changed(api: Api, nobody_special: Person) -> None:
    ann, _ = await registered(api, nobody_special)
    changed = await api.do(
        "updateProfile", ann, {"email": "lee@example.org", "password": GOOD}, "errors { code } user { email fullName }"
    )
    assert changed == {"errors": [], "user": {"email": "lee@example.org", "fullName": "Ann"}}
    settings = await api.do("updateSettings", ann, {"settings": {"a": [1]}}, "errors { code } user { settings }")
    assert settings == {"errors": [], "user": {"settings": {"a": [1]}}}
    change = {"currentPassword": GOOD, "newPassword": BETTER}
    assert (await api.do("changePassword", ann, change))["errors"] == []
    ended = await api.do("logoutEverywhere", ann, {"keepCurrent": True}, "errors { code } ended")
    assert ended == {"errors": [], "ended": 0}


async def test_a_null_is_no_way_to_leave_something_out(api: Api, nobody_special: Person) -> None:
    document = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) { errors { code } } }"
    assert await api.codes(document, nobody_special, input={"email": None}) == ["BAD_USER_INPUT"]


async def test_a_token_for_scripts_does_what_it_may(api: Api, nobody_special: Person, factory: Factory) -> None:
    made = await api.do(
        "createApiToken",
        nobody_special,
        {"name": "nightly", "scopes": ["READ"]},
        "errors { code } token apiToken { id prefix scopes lastUsedAt }",
    )
    script = with_token(nobody_special, made["token"])
    assert made["apiToken"]["scopes"] == ["READ"]
    assert (await api.data("{ viewer { username } }", script))["viewer"] == {"username": "bob"}
    assert await api.codes("{ sessions { nodes { id } } }", script) == ["FORBIDDEN"]
    by_id = "query($id: ID!) { node(id: $id) { id } }"
    assert await api.data(by_id, script, id=made["apiToken"]["id"]) == {"node": None}
    assert await api.data(by_id, nobody_special, id=made["apiToken"]["id"]) == {"node": {"id": made["apiToken"]["id"]}}
    before = await fingerprint(factory.engine, but=frozenset({"api_tokens"}))
    assert await api.codes("mutation { logout { errors { code } } }", script) == ["FORBIDDEN"]
    assert await fingerprint(factory.engine, but=frozenset({"api_tokens"})) == before
    await api.do("revokeApiToken", nobody_special, {"id": made["apiToken"]["id"]})
    assert await api.codes("{ viewer { username } }", script) == ["UNAUTHENTICATED"]


async def test_an_api_token_with_the_scope_still_cannot_log_out(api: Api, nobody_special: Person) -> None:
    made = await api.do("createApiToken", nobody_special, {"name": "a", "scopes": ["ACCOUNT"]}, "token")
    script = with_token(nobody_special, made["token"])
    answer = await api.data("mutation { logout { errors { code } } }", script)
    assert answer == {"logout": {"errors": [{"code": "WRONG_STATE"}]}}


async def test_admins_change_roles_and_shut_people_out_at_once(api: Api, nobody_special: Person, admin: Person) -> None:
    role = {"id": nobody_special.id, "role": "GUEST"}
    assert await api.do("setUserRole", admin, role, "user { role }") == {"user": {"role": "GUEST"}}
    create = 'mutation { createProject(input: {name: "x"}) { errors { code } } }'
    assert await api.codes(create, nobody_special) == ["FORBIDDEN"]
    out = {"id": nobody_special.id, "isActive": False}
    assert await api.do("setUserActive", admin, out, "user { isActive }") == {"user": {"isActive": False}}
    assert await api.codes("{ viewer { id } }", nobody_special) == ["UNAUTHENTICATED"]
    last = await api.do("setUserRole", admin, {"id": admin.id, "role": "USER"})
    assert last["errors"] == [{"code": "LAST_ADMIN", "field": ["id"]}]


async def test_the_log_is_filtered_and_paged(api: Api, admin: Person, nobody_special: Person) -> None:
    for active in (False, True, False):
        await api.do("setUserActive", admin, {"id": nobody_special.id, "isActive": active})
    document = """query($filter: AuditFilter, $first: Int, $after: String) {
      auditLog(filter: $filter, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { id action actor { username } objectType objectId }
      }
    }"""
    page = (await api.data(document, admin, first=2))["auditLog"]
    assert [entry["action"] for entry in page["nodes"]] == ["USER_DEACTIVATED", "USER_REACTIVATED"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    rest = (await api.data(document, admin, first=2, after=page["pageInfo"]["endCursor"]))["auditLog"]
    assert [entry["action"] for entry in rest["nodes"]] == ["USER_DEACTIVATED"]
    entry = rest["nodes"][0]
    assert (entry["actor"], entry["objectType"], entry["objectId"]) == ({"username": "ada"}, "User", nobody_special.id)
    for filter_, count in (
        ({"action": "USER_REACTIVATED"}, 1),
        ({"actorId": admin.id, "objectId": nobody_special.id}, 3),
        ({"actorId": nobody_special.id}, 0),
        ({"objectId": admin.id}, 0),
        ({"since": "2026-03-02T12:00:00Z", "until": "2026-03-02T12:00:01"}, 3),
        ({"until": "2026-03-02T13:00:00+01:00"}, 0),
    ):
        assert (await api.data(document, admin, filter=filter_))["auditLog"]["totalCount"] == count
    by_id = "query($id: ID!) { node(id: $id) { id } }"
    assert await api.data(by_id, admin, id=entry["id"]) == {"node": {"id": entry["id"]}}


async def test_nobody_else_reads_the_log(api: Api, admin: Person, factory: Factory) -> None:
    eve = await a_person(factory, "eve")
    await api.do("setUserRole", admin, {"id": eve.id, "role": "GUEST"})
    [entry] = (await api.data("{ auditLog { nodes { id } } }", admin))["auditLog"]["nodes"]
    assert await api.codes("{ auditLog { nodes { id } } }", eve) == ["FORBIDDEN"]
    by_id = "query($id: ID!) { node(id: $id) { id } }"
    assert await api.data(by_id, eve, id=entry["id"]) == {"node": None}
    made = await api.do("createApiToken", admin, {"name": "a", "scopes": ["READ"]}, "token")
    assert await api.data(by_id, with_token(admin, made["token"]), id=entry["id"]) == {"node": None}


@pytest.mark.parametrize("id_", ["", "zzz", "VXNlcjo", "AAA6AAAAAAAAAAAAAAAAAAAAAA"])
async def test_rubbish_in_a_filter_is_a_clients_mistake(api: Api, admin: Person, id_: str) -> None:
    document = "query($filter: AuditFilter) { auditLog(filter: $filter) { nodes { id } } }"
    expected = [] if id_ == "" else ["BAD_USER_INPUT"]
    assert await api.codes(document, admin, filter={"objectId": id_}) == expected


async def test_the_configuration_is_read_and_changed(api: Api, admin: Person, factory: Factory) -> None:
    async with factory.engine.begin() as connection:
        await seed(connection)
    select = "errors { code field } config { key value }"
    changed = await api.do("updateSystemConfig", admin, {"key": "default_epochs", "value": 12}, select)
    assert changed == {"errors": [], "config": {"key": "default_epochs", "value": 12}}
    wrong = await api.do("updateSystemConfig", admin, {"key": "supported_algorithms", "value": {"x_y": []}}, select)
    assert wrong == {"errors": [{"code": "UNKNOWN", "field": ["value", "x_y"]}], "config": None}
    configs = (await api.data("{ systemConfigs { key value } }", admin))["systemConfigs"]
    assert {"key": "default_epochs", "value": 12} in configs


async def test_documents_are_checked_against_the_schema_and_then_run_by_hash(api: Api, admin: Person) -> None:
    good, wrong = "query Me { viewer { username } }", "query No { nothing }"
    select = "errors { code field } documents { name sha256 isNew }"
    both = {"documents": [{"name": "Me", "document": good}, {"name": "No", "document": wrong}]}
    assert await api.do("registerDocuments", admin, both, select) == {
        "errors": [{"code": "INVALID", "field": ["documents", "1", "document"]}],
        "documents": None,
    }
    digest = sha256(good.encode()).hexdigest()
    one = {"documents": [{"name": "Me", "document": good}]}
    for is_new in (True, False):
        assert await api.do("registerDocuments", admin, one, select) == {
            "errors": [],
            "documents": [{"name": "Me", "sha256": digest, "isNew": is_new}],
        }
    headers = {"authorization": f"Bearer {admin.token}"}
    response = await api.client.post("/graphql", json={"documentId": digest}, headers=headers)
    assert response.json()["data"] == {"viewer": {"username": "ada"}}
