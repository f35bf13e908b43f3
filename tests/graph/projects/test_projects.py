"""Projects through the API."""

from __future__ import annotations

import pytest

from app.factory import Factory
from domain.viewer import Role
from tests.support.api import Api
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint
from tests.support.statements import counted

PROJECT = "errors { code field } project { id name description settings myRole owner { username } }"


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
async def bob(factory: Factory) -> Person:
    return await a_person(factory, "bob")


async def a_project(api: Api, who: Person, name: str = "Alpha") -> str:
    payload = await api.do("createProject", who, {"name": name}, PROJECT)
    return str(payload["project"]["id"])


async def test_whoever_creates_a_project_owns_it(api: Api, ann: Person) -> None:
    payload = await api.do("createProject", ann, {"name": " Alpha ", "settings": {"colour": "red"}}, PROJECT)
    assert payload["errors"] == []
    project = payload["project"]
    assert project.pop("id")
    assert project == {
        "name": "Alpha",
        "description": "",
        "settings": {"colour": "red"},
        "myRole": "OWNER",
        "owner": {"username": "ann"},
    }


async def test_all_that_is_wrong_is_said_at_once_and_nothing_is_made(api: Api, ann: Person, factory: Factory) -> None:
    before = await fingerprint(factory.engine)
    payload = await api.do("createProject", ann, {"name": "", "description": "x" * 2001, "settings": [1]})
    assert payload["errors"] == [
        {"code": "REQUIRED", "field": ["name"]},
        {"code": "TOO_LONG", "field": ["description"]},
        {"code": "INVALID", "field": ["settings"]},
    ]
    assert await fingerprint(factory.engine) == before


async def test_what_is_left_out_of_an_update_stays(api: Api, ann: Person) -> None:
    id_ = await a_project(api, ann)
    payload = await api.do("updateProject", ann, {"id": id_, "description": "new"}, PROJECT)
    assert (payload["project"]["name"], payload["project"]["description"]) == ("Alpha", "new")


async def test_null_is_not_the_same_as_left_out(api: Api, ann: Person) -> None:
    id_ = await a_project(api, ann)
    document = "mutation($input: UpdateProjectInput!) { updateProject(input: $input) { errors { code } } }"
    assert await api.codes(document, ann, input={"id": id_, "name": None}) == ["BAD_USER_INPUT"]
    literal = f'mutation {{ updateProject(input: {{id: "{id_}", name: null}}) {{ errors {{ code }} }} }}'
    assert await api.codes(literal, ann) == ["GRAPHQL_VALIDATION_FAILED"]


async def test_a_stranger_does_not_learn_that_a_project_exists(
    api: Api, ann: Person, bob: Person, factory: Factory
) -> None:
    id_ = await a_project(api, ann)
    before = await fingerprint(factory.engine)
    assert await api.data("query($id: ID!) { node(id: $id) { id } }", bob, id=id_) == {"node": None}
    assert await api.data("{ projects { nodes { id } totalCount } }", bob) == {
        "projects": {"nodes": [], "totalCount": 0}
    }
    for field in ("updateProject", "deleteProject"):
        assert (await api.do(field, bob, {"id": id_}))["errors"] == [{"code": "NOT_FOUND", "field": ["id"]}]
    assert await fingerprint(factory.engine) == before


async def test_members_see_editors_change_owners_rule(api: Api, ann: Person, bob: Person) -> None:
    id_ = await a_project(api, ann)
    update = "mutation($input: UpdateProjectInput!) { updateProject(input: $input) { errors { code } } }"
    delete = "mutation($input: DeleteProjectInput!) { deleteProject(input: $input) { errors { code } } }"
    invited = await api.do("inviteMember", ann, {"projectId": id_, "user": "BOB@example.org"}, "member { role }")
    assert invited == {"member": {"role": "VIEWER"}}
    assert (await api.data("{ projects { nodes { myRole } } }", bob))["projects"]["nodes"] == [{"myRole": "VIEWER"}]
    assert await api.codes(update, bob, input={"id": id_, "name": "Mine"}) == ["FORBIDDEN"]

    await api.do("changeMemberRole", ann, {"projectId": id_, "userId": bob.id, "role": "EDITOR"})
    assert await api.codes(update, bob, input={"id": id_, "name": "Ours"}) == []
    assert await api.codes(delete, bob, input={"id": id_}) == ["FORBIDDEN"]


async def test_the_last_owner_cannot_leave(api: Api, ann: Person, bob: Person) -> None:
    id_ = await a_project(api, ann)
    left = await api.do("leaveProject", ann, {"projectId": id_})
    assert left["errors"] == [{"code": "LAST_OWNER", "field": ["projectId"]}]
    for field, input in (("changeMemberRole", {"role": "VIEWER"}), ("removeMember", {})):
        payload = await api.do(field, ann, {"projectId": id_, "userId": ann.id} | input)
        assert payload["errors"] == [{"code": "LAST_OWNER", "field": ["userId"]}]

    await api.do("inviteMember", ann, {"projectId": id_, "user": "bob", "role": "OWNER"})
    assert (await api.do("leaveProject", ann, {"projectId": id_}))["errors"] == []
    owner = await api.data("{ projects { nodes { owner { username } } } }", bob)
    assert owner["projects"]["nodes"] == [{"owner": {"username": "bob"}}]


async def test_nobody_is_a_member_twice(api: Api, ann: Person, bob: Person) -> None:
    id_ = await a_project(api, ann)
    await api.do("inviteMember", ann, {"projectId": id_, "user": "bob"})
    again = await api.do("inviteMember", ann, {"projectId": id_, "user": "bob", "role": "OWNER"})
    assert again["errors"] == [{"code": "ALREADY_EXISTS", "field": ["user"]}]
    unknown = await api.do("inviteMember", ann, {"projectId": id_, "user": "nobody"})
    assert unknown["errors"] == [{"code": "NOT_FOUND", "field": ["user"]}]


async def test_the_mail_address_of_another_is_private(api: Api, factory: Factory, ann: Person, bob: Person) -> None:
    id_ = await a_project(api, ann)
    await api.do("inviteMember", ann, {"projectId": id_, "user": "bob"})
    query = (
        "{ projects { nodes { members { nodes { user { username email role isActive lastLoginAt settings } } } } } }"
    )
    [project] = (await api.data(query, bob))["projects"]["nodes"]
    hidden = {"email": None, "role": None, "isActive": None, "lastLoginAt": None, "settings": None}
    assert [member["user"] for member in project["members"]["nodes"]] == [
        {"username": "ann"} | hidden,
        {"username": "bob", "email": "bob@example.org", "role": "USER", "isActive": True, "lastLoginAt": None}
        | {"settings": {}},
    ]
    admin = await a_person(factory, "root", Role.ADMIN)
    [project] = (await api.data(query, admin))["projects"]["nodes"]
    assert project["members"]["nodes"][0]["user"]["email"] == "ann@example.org"


async def test_each_level_costs_one_statement(api: Api, factory: Factory, ann: Person, bob: Person) -> None:
    for number in range(5):
        id_ = await a_project(api, ann, f"P{number}")
        await api.do("inviteMember", ann, {"projectId": id_, "user": "bob"})
    query = (
        "{ projects(first: 5) { totalCount nodes { myRole owner { username } "
        "members(first: 2) { totalCount nodes { user { username } project { name } } } } } }"
    )
    with counted(factory.reader) as statements:
        data = await api.data(query, ann)
    assert len(data["projects"]["nodes"]) == 5
    once_for_each = [
        "session",
        "page",
        "count",
        "role",
        "owners",
        "members",
        "member counts",
        "users",
        "their projects",
    ]
    assert len(statements) == len(once_for_each)


async def test_pages_walk_in_both_directions(api: Api, ann: Person) -> None:
    for name in ("b", "A", "c", "a"):
        await a_project(api, ann, name)
    query = """query($first: Int, $after: String, $last: Int, $before: String) {
      projects(orderBy: NAME, first: $first, after: $after, last: $last, before: $before) {
        nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    one = (await api.data(query, ann, first=2))["projects"]
    assert [node["name"] for node in one["nodes"]] == ["A", "a"]
    assert (one["pageInfo"]["hasNextPage"], one["pageInfo"]["hasPreviousPage"]) == (True, False)
    two = (await api.data(query, ann, first=2, after=one["pageInfo"]["endCursor"]))["projects"]
    assert [node["name"] for node in two["nodes"]] == ["b", "c"]
    assert (two["pageInfo"]["hasNextPage"], two["pageInfo"]["hasPreviousPage"]) == (False, True)
    back = (await api.data(query, ann, last=1, before=two["pageInfo"]["startCursor"]))["projects"]
    assert [node["name"] for node in back["nodes"]] == ["a"]
    assert (back["pageInfo"]["hasNextPage"], back["pageInfo"]["hasPreviousPage"]) == (True, True)


@pytest.mark.parametrize(
    "arguments",
    ["first: 0", "first: 101", "first: -1", "last: 0", "first: 1, last: 1", 'after: "rubbish"', 'before: "e30"'],
)
async def test_a_wrong_page_is_the_clients_mistake(api: Api, ann: Person, arguments: str) -> None:
    assert await api.codes(f"{{ projects({arguments}) {{ nodes {{ id }} }} }}", ann) == ["BAD_USER_INPUT"]


async def test_deleting_takes_the_members_along_and_is_written_down(api: Api, factory: Factory, ann: Person) -> None:
    id_ = await a_project(api, ann)
    payload = await api.do("deleteProject", ann, {"id": id_}, "project { name } errors { code }")
    assert payload == {"project": {"name": "Alpha"}, "errors": []}
    assert (await api.data("{ projects { totalCount } }", ann))["projects"]["totalCount"] == 0
