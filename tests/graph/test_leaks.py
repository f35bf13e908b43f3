"""No path leads to another's data: ids, edges, lists, counts, cursors, filters and the texts of errors."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLEnumType

from app.factory import Factory
from app.schema_file import printed_schema
from domain.projects.model import MemberRole
from graph.ids import split
from graph.system.queries import NODES
from tests.graph.hidden import HIDDEN, a_strategy, whole_world
from tests.graph.world import ACTORS, World
from tests.support.api import Api
from tests.support.people import Person

NODE = "query($id: ID!) { node(id: $id) { id } }"
PRIVATE = "username email role isActive lastLoginAt settings strategies { totalCount nodes { id } }"
HIDDEN_FIELDS = dict.fromkeys(("email", "role", "isActive", "lastLoginAt", "settings", "strategies"))
LISTS = ("projects", "strategies", "datasets", "jobs", "models", "evaluations", "recipes")


@pytest.fixture
async def world(api: Api, factory: Factory) -> World:
    return await whole_world(api, factory)


_SHARED = {"project", "editor_member", "strategy", "archived", "dataset", "model", "evaluation", "owner", "version"}
SEEN = {
    "stranger": set[str](),
    "guest": _SHARED,
    "viewer": _SHARED,
    "editor": _SHARED,
    "owner": set(HIDDEN) - {"audit_entry"},
    "admin": set(HIDDEN) - {"session", "api_token", "notification"},
}
"""Who finds what by its id. The jobs of the world are about a dataset of the project, so members meet them."""


async def found(api: Api, world: World, who: Person) -> set[str]:
    """What somebody finds by its id."""
    answers = {name: await api.data(NODE, who, id=world.ids[name]) for name in HIDDEN}
    assert all(answer["node"] in (None, {"id": world.ids[name]}) for name, answer in answers.items())
    return {name for name, answer in answers.items() if answer["node"]}


async def total(api: Api, who: Person, field: str, arguments: str = "", **variables: object) -> tuple[int, list[str]]:
    """The count of a list and the names in it."""
    head = "($id: ID!)" if variables else ""
    name = "id" if field in ("jobs", "sessions") else "name"
    data = await api.data(f"query{head} {{ {field}{arguments} {{ totalCount nodes {{ {name} }} }} }}", who, **variables)
    return data[field]["totalCount"], [node[name] for node in data[field]["nodes"]]


async def removed(api: Api, world: World, name: str) -> None:
    wish = {"projectId": world.ids["project"], "userId": world.people[name].id}
    assert await api.do("removeMember", world.people["owner"], wish) == {"errors": []}


# Ids.


async def test_every_type_of_node_is_found_only_by_those_who_see_it(api: Api, world: World) -> None:
    assert {parts[0] for name in HIDDEN if (parts := split(world.ids[name]))} == set(NODES)
    jobs = {"job", "job_over", "training"}
    for actor in ACTORS[1:]:
        who = world.people[actor]
        assert await found(api, world, who) - jobs == SEEN[actor] - jobs, actor
    assert await found(api, world, world.people["stranger"]) == set()
    for name in HIDDEN:
        assert await api.codes(NODE, None, id=world.ids[name]) == ["UNAUTHENTICATED"]


# Edges.


async def test_co_members_meet_by_name_only(api: Api, world: World) -> None:
    document = f"""query($id: ID!) {{ node(id: $id) {{ ... on Strategy {{
        owner {{ {PRIVATE} }}
        project {{ owner {{ {PRIVATE} }} members {{ totalCount nodes {{ user {{ {PRIVATE} }} }} }} }}
        versions {{ nodes {{ author {{ {PRIVATE} }} strategy {{ owner {{ {PRIVATE} }} }} }} }}
    }} }} }}"""
    others = {name: {"username": name} | HIDDEN_FIELDS for name in ("owner", "editor", "guest")}
    for actor in ("viewer", "guest", "editor"):
        strategy = (await api.data(document, world.people[actor], id=world.ids["strategy"]))["node"]
        assert strategy["owner"] == strategy["project"]["owner"] == others["owner"]
        assert strategy["versions"]["nodes"] == [{"author": others["owner"], "strategy": {"owner": others["owner"]}}]
        members = {node["user"]["username"]: node["user"] for node in strategy["project"]["members"]["nodes"]}
        assert strategy["project"]["members"]["totalCount"] == len(members) == 4
        assert members.pop(actor)["email"] == f"{actor}@example.org"
        assert [user for user in members.values() if user != {"username": user["username"]} | HIDDEN_FIELDS] == []


async def test_nobody_meets_who_has_left(api: Api, world: World) -> None:
    editor, viewer = world.people["editor"], world.people["viewer"]
    left = await a_strategy(api, editor, "left behind", projectId=world.ids["project"])
    author = "{ nodes { name owner { username } versions { nodes { author { username } } } } }"
    document = f"query($id: ID!) {{ node(id: $id) {{ ... on Project {{ strategies(orderBy: OLDEST) {author} }} }} }}"

    def shown(name: str, person: str | None) -> dict[str, Any]:
        user = {"username": person} if person else None
        return {"name": name, "owner": user, "versions": {"nodes": [{"author": user}]}}

    for person in ("editor", None):
        if person is None:
            await removed(api, world, "editor")
        project = (await api.data(document, viewer, id=world.ids["project"]))["node"]
        assert project["strategies"]["nodes"] == [shown("strategy", "owner"), shown("left behind", person)]
    for filter_ in ("{ownerId: $id}", "{ownerId: $id, statuses: [DRAFT, ARCHIVED]}"):
        assert await total(api, viewer, "strategies", f"(filter: {filter_})", id=editor.id) == (0, [])
    mine = await api.data(
        "query($id: ID!) { node(id: $id) { ... on Strategy { name project { name } } } }", editor, id=left
    )
    assert mine == {"node": {"name": "left behind", "project": None}}
    assert await total(api, editor, "strategies", "(filter: {projectId: $id})", id=world.ids["project"]) == (0, [])


async def test_the_maker_of_a_template_is_for_those_who_see_it(api: Api, world: World) -> None:
    document = f"query($id: ID!) {{ node(id: $id) {{ ... on StrategyTemplate {{ name createdBy {{ {PRIVATE} }} }} }} }}"
    for actor in ACTORS[1:]:
        node = (await api.data(document, world.people[actor], id=world.ids["template"]))["node"]
        if actor not in ("owner", "admin"):
            assert node is None
        else:
            assert (node["name"], node["createdBy"]["email"]) == ("mine", "owner@example.org")


async def test_what_a_mutation_answers_shows_no_more_than_a_query(api: Api, world: World) -> None:
    viewer, owner, project = world.people["viewer"], world.people["owner"], world.ids["project"]
    inside = f"project {{ name strategies {{ totalCount }} members {{ totalCount }} }} user {{ {PRIVATE} }}"
    left = await api.do("leaveProject", viewer, {"projectId": project}, f"member {{ {inside} }} errors {{ code }}")
    assert (left["errors"], left["member"]["project"]) == ([], None)
    assert left["member"]["user"]["email"] == "viewer@example.org"
    wish = {"projectId": project, "userId": world.people["editor"].id}
    out = await api.do("removeMember", owner, wish, f"member {{ user {{ {PRIVATE} }} }} errors {{ code }}")
    assert out == {"errors": [], "member": {"user": None}}
    into = {"projectId": project, "user": "newcomer@example.org"}
    invited = await api.do("inviteMember", owner, into, f"member {{ user {{ {PRIVATE} }} }} errors {{ code }}")
    assert invited["member"] == {"user": {"username": "newcomer"} | HIDDEN_FIELDS}


# Lists, counts, filters, orders, cursors.


async def test_lists_and_counts_are_of_what_one_sees(api: Api, world: World) -> None:
    stranger, viewer = world.people["stranger"], world.people["viewer"]
    for field in LISTS:
        assert await total(api, stranger, field) == (0, []), field
    await a_strategy(api, stranger, "own")
    assert await total(api, stranger, "strategies") == (1, ["own"])
    assert await total(api, viewer, "strategies") == (1, ["strategy"])
    assert await total(api, viewer, "projects") == (1, ["Alpha"])
    assert (await total(api, viewer, "datasets"))[0] == 2
    assert [await total(api, viewer, field) for field in ("jobs", "recipes")] == [(0, []), (0, [])]
    for who in (stranger, viewer):
        assert await total(api, who, "strategyTemplates", "(filter: {isSystem: false})") == (0, [])
        assert (await total(api, who, "sessions"))[0] == 1
        assert await total(api, who, "apiTokens") == (0, [])


async def test_filters_match_only_what_one_sees(api: Api, world: World) -> None:
    owner, stranger, viewer = (world.people[name] for name in ("owner", "stranger", "viewer"))
    await a_strategy(api, owner, "secret plan", tags=["secret"])
    await api.do("createDataset", owner, {"name": "secret data", "tags": ["secret"]})
    every = "statuses: [DRAFT, ARCHIVED]"
    for who in (stranger, viewer):
        for filter_ in ('{tags: ["secret"]}', '{text: "secret"}', f'{{tags: ["secret"], {every}}}'):
            assert await total(api, who, "strategies", f"(filter: {filter_})") == (0, [])
        for filter_ in ('{tags: ["secret"]}', '{text: "secret"}'):
            assert await total(api, who, "datasets", f"(filter: {filter_})") == (0, [])
        assert await total(api, who, "recipes", '(text: "mine")') == (0, [])
        assert await total(api, who, "strategyTemplates", '(filter: {text: "mine"})') == (0, [])
        assert await total(api, who, "jobs", "(filter: {datasetId: $id})", id=world.ids["dataset"]) == (0, [])
    for field in ("strategies", "datasets"):
        by_project = "(filter: {projectId: $id})"
        assert await total(api, stranger, field, by_project, id=world.ids["project"]) == (0, [])
        assert (await total(api, viewer, field, by_project, id=world.ids["project"]))[0] > 0
    assert await total(api, stranger, "strategies", "(filter: {ownerId: $id})", id=owner.id) == (0, [])
    assert await total(api, viewer, "strategies", "(filter: {ownerId: $id})", id=owner.id) == (1, ["strategy"])
    assert await total(api, stranger, "projects", '(filter: {text: "Alpha"})') == (0, [])
    assert await api.codes('{ users(filter: {text: "owner@"}) { totalCount } }', viewer) == ["FORBIDDEN"]


def test_lists_are_ordered_only_by_what_everybody_reads_who_sees_them() -> None:
    orders = {
        type_.name: set(type_.values)
        for type_ in printed_schema().type_map.values()
        if isinstance(type_, GraphQLEnumType) and type_.name.endswith("Order")
    }
    times, names = {"NEWEST", "OLDEST"}, {"NAME", "NAME_DESC"}
    assert orders.pop("UserOrder") == times | {"USERNAME", "USERNAME_DESC"}
    assert orders.pop("ModelOrder") == times | {"BEST"}
    assert orders.pop("StrategyOrder") == times | names | {"UPDATED", "UPDATED_ASC"}
    assert [name for name, values in orders.items() if not values <= times | names] == []


async def test_a_cursor_of_somebody_else_is_a_place_and_no_more(api: Api, world: World) -> None:
    owner, stranger = world.people["owner"], world.people["stranger"]
    for name in ("alpha", "omega"):
        await a_strategy(api, stranger, name)
    await a_strategy(api, owner, "middle")
    page = "{ strategies(orderBy: NAME, first: 1%s) { totalCount pageInfo { endCursor hasNextPage } nodes { name } } }"
    theirs = (await api.data(page % "", owner))["strategies"]
    assert theirs["nodes"] == [{"name": "middle"}]
    cursor = theirs["pageInfo"]["endCursor"]
    for argument, name in (("after", "omega"), ("before", "alpha")):
        found_ = (await api.data(page % f', {argument}: "{cursor}"', stranger))["strategies"]
        assert (found_["totalCount"], found_["nodes"]) == (2, [{"name": name}])
    nested = """query($id: ID!, $after: String) { node(id: $id) { ... on Project {
        strategies(orderBy: NAME, after: $after) { totalCount nodes { name } } } } }"""
    assert await api.data(nested, stranger, id=world.ids["project"], after=cursor) == {"node": None}


# Versions, diff, audit.


async def test_versions_go_with_their_strategy(api: Api, world: World) -> None:
    owner, viewer = world.people["owner"], world.people["viewer"]
    change = {"id": world.ids["strategy"], "config": {"learning_rate": 0.002}, "message": "quicker"}
    done = await api.do("updateStrategy", owner, change, "errors { code field } strategy { version }")
    assert done == {"errors": [], "strategy": {"version": 2}}
    document = """query($id: ID!) { node(id: $id) {
        ... on Strategy { diff(from: 1) { path after } versions { totalCount nodes { number config message } } }
        ... on StrategyVersion { message strategy { name diff(from: 1) { path } } }
    } }"""
    seen = (await api.data(document, viewer, id=world.ids["strategy"]))["node"]
    assert seen["diff"] == [{"path": ["learning_rate"], "after": 0.002}]
    assert [version["number"] for version in seen["versions"]["nodes"]] == [2, 1]
    await removed(api, world, "viewer")
    for name in ("strategy", "version"):
        for who in (viewer, world.people["stranger"]):
            assert await api.data(document, who, id=world.ids[name]) == {"node": None}


async def test_the_audit_log_is_for_admins(api: Api, world: World) -> None:
    log = "{ auditLog { totalCount nodes { action before after address actor { email } } } }"
    for actor in ACTORS[1:-1]:
        answer = await api(log, world.people[actor])
        assert (answer["data"], [error["extensions"]["code"] for error in answer["errors"]]) == (None, ["FORBIDDEN"])
    assert (await api.data(log, world.people["admin"]))["auditLog"]["totalCount"] > 0


# Access that ends.


async def test_who_was_removed_sees_nothing_from_the_next_request_on(api: Api, world: World) -> None:
    viewer = world.people["viewer"]
    assert await found(api, world, viewer) >= _SHARED
    picture = "query($id: ID!) { evaluationPicture(evaluationId: $id, kind: EQUITY) { url } }"
    shown = (await api.data(picture, viewer, id=world.ids["evaluation"]))["evaluationPicture"]["url"]
    assert (await api.client.get(shown)).status_code == 200
    await removed(api, world, "viewer")
    assert (await api.client.get(shown)).status_code == 404
    assert await api.data(picture, viewer, id=world.ids["evaluation"]) == {"evaluationPicture": None}
    assert await found(api, world, viewer) == set()
    for field in LISTS:
        assert await total(api, viewer, field) == (0, []), field
    preview = "query($id: ID!) { datasetPreview(datasetId: $id) { total } }"
    assert await api.data(preview, viewer, id=world.ids["dataset"]) == {"datasetPreview": None}
    wish = {"datasetId": world.ids["dataset"], "form": "CANONICAL"}
    assert (await api.do("requestDownload", viewer, wish, "link { url } errors { code }")) == {
        "link": None,
        "errors": [{"code": "NOT_FOUND"}],
    }


async def test_what_lay_in_a_deleted_project_stays_with_its_owner_only(api: Api, world: World) -> None:
    owner = world.people["owner"]
    select = "project { name strategies { nodes { id } } members { nodes { id } } } errors { code }"
    payload = await api.do("deleteProject", owner, {"id": world.ids["project"]}, select)
    assert payload["errors"] == []
    gone: dict[str, Any] = {"strategies": {"nodes": []}, "members": {"nodes": []}}
    assert payload["project"] == {"name": "Alpha"} | gone
    for actor in ("guest", "viewer", "editor", "stranger"):
        assert await found(api, world, world.people[actor]) == set(), actor
    stays = set(HIDDEN) - {"project", "editor_member", "audit_entry"}
    assert await found(api, world, owner) == stays
    document = "query($id: ID!) { node(id: $id) { ... on Strategy { name project { name } owner { email } } } }"
    assert (await api.data(document, owner, id=world.ids["strategy"]))["node"] == {
        "name": "strategy",
        "project": None,
        "owner": {"email": "owner@example.org"},
    }


async def test_a_lower_role_in_a_project_counts_at_once(api: Api, world: World) -> None:
    editor, project = world.people["editor"], world.ids["project"]
    change = "mutation($input: UpdateStrategyInput!) { updateStrategy(input: $input) { errors { code } } }"
    wish = {"id": world.ids["strategy"], "description": "x"}
    for role, codes in ((MemberRole.VIEWER, ["FORBIDDEN"]), (MemberRole.EDITOR, [])):
        into = {"projectId": project, "userId": editor.id, "role": role.name}
        assert await api.do("changeMemberRole", world.people["owner"], into) == {"errors": []}
        assert await api.codes(change, editor, input=wish) == codes
