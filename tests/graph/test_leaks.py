"""No path leads to another's data: ids, edges, lists, counts, cursors, filters and the texts of errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, get_named_type

from app.factory import Factory
from app.schema_file import printed_schema
from domain.ids import new_id
from domain.projects.model import MemberRole
from graph.ids import encode, split
from graph.system.queries import NODES
from tests.graph.matrix import HIDDEN_NODES
from tests.graph.world import ACTORS, World, a_world
from tests.support.api import Api
from tests.support.people import Person
from tests.support.rows import fingerprint

NODE = "query($id: ID!) { node(id: $id) { id } }"
PRIVATE = "username email role isActive lastLoginAt settings strategies { totalCount nodes { id } }"
HIDDEN_FIELDS = dict.fromkeys(("email", "role", "isActive", "lastLoginAt", "settings", "strategies"))
LISTS = ("projects", "strategies", "datasets", "jobs", "recipes")


@pytest.fixture
async def world(api: Api, factory: Factory) -> World:
    """With a version and an entry of the audit log, too."""
    world = await a_world(factory)
    document = "query($id: ID!) { node(id: $id) { ... on Strategy { versions { nodes { id } } } } }"
    found = await api.data(document, world.people["owner"], id=world.ids["strategy"])
    world.ids["version"] = found["node"]["versions"]["nodes"][0]["id"]
    entries = await api.data("{ auditLog(first: 1) { nodes { id } } }", world.people["admin"])
    world.ids["audit_entry"] = entries["auditLog"]["nodes"][0]["id"]
    return world


HIDDEN = (*HIDDEN_NODES, "version", "audit_entry")
_SHARED = {"project", "editor_member", "strategy", "archived", "dataset", "owner", "version"}
SEEN = {
    "stranger": set[str](),
    "guest": _SHARED,
    "viewer": _SHARED,
    "editor": _SHARED,
    "owner": set(HIDDEN) - {"audit_entry"},
    "admin": set(HIDDEN) - {"session", "api_token"},
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


async def a_strategy(api: Api, who: Person, name: str, **more: object) -> str:
    basis = {"name": name, "taskType": "ALGORITHMIC_TRADING", "algorithm": "DQN"}
    payload = await api.do("createStrategy", who, basis | more, "strategy { id } errors { code field }")
    assert payload["errors"] == []
    return str(payload["strategy"]["id"])


# Ids.


async def test_every_type_of_node_is_found_only_by_those_who_see_it(api: Api, world: World) -> None:
    assert {parts[0] for name in HIDDEN if (parts := split(world.ids[name]))} == set(NODES)
    jobs = {"job", "job_over"}
    for actor in ACTORS[1:]:
        who = world.people[actor]
        assert await found(api, world, who) - jobs == SEEN[actor] - jobs, actor
    assert await found(api, world, world.people["stranger"]) == set()
    for name in HIDDEN:
        assert await api.codes(NODE, None, id=world.ids[name]) == ["UNAUTHENTICATED"]


async def test_an_id_that_is_hidden_is_like_one_that_never_was(api: Api, world: World) -> None:
    stranger = world.people["stranger"]
    for name in HIDDEN:
        type_name, _ = split(world.ids[name]) or ("", None)
        answers = [await raw(api, NODE, stranger, id=id_) for id_ in (world.ids[name], encode(type_name, new_id()))]
        assert answers[0] == answers[1], name


async def raw(api: Api, document: str, who: Person, **variables: object) -> tuple[int, str]:
    """The status and the very text of an answer, without the request id."""
    headers = {"authorization": f"Bearer {who.token}"}
    body = {"query": document, "variables": variables}
    response = await api.client.post("/graphql", json=body, headers=headers)
    return response.status_code, re.sub(r'"requestId":"[^"]*"', "", response.text)


# What errors say.

Input = dict[str, Any]
_OF_STRATEGY = {"taskType": "ALGORITHMIC_TRADING", "algorithm": "DQN", "name": "n"}
_STEPS = [{"kind": "returns"}]
_REQUEST = {"source": "synthetic", "generator": "noise"}
REFERENCES: dict[str, tuple[str, Callable[[World], Input]]] = {
    "ArchiveStrategyInput.id": ("strategy", lambda _: {}),
    "CancelJobInput.id": ("job", lambda _: {}),
    "ChangeMemberRoleInput.projectId": ("project", lambda w: {"userId": w.ids["viewer"], "role": "EDITOR"}),
    "ChangeMemberRoleInput.userId": ("owner", lambda w: {"projectId": w.ids["own_project"], "role": "EDITOR"}),
    "CloneStrategyInput.id": ("strategy", lambda _: {}),
    "CloneStrategyInput.projectId": ("project", lambda w: {"id": w.ids["own_strategy"]}),
    "CorrectDatasetInput.id": ("dataset", lambda _: {}),
    "CreateDatasetInput.projectId": ("project", lambda _: {"name": "n"}),
    "CreateStrategyInput.projectId": ("project", lambda _: _OF_STRATEGY),
    "CreateStrategyInput.templateId": ("template", lambda _: {"name": "n"}),
    "CreateStrategyTemplateInput.strategyId": ("strategy", lambda _: {"name": "n"}),
    "DeleteDatasetInput.id": ("dataset", lambda _: {}),
    "DeleteJobInput.id": ("job_over", lambda _: {}),
    "DeleteProjectInput.id": ("project", lambda _: {}),
    "DeleteRecipeInput.id": ("recipe", lambda _: {}),
    "DeleteStrategyInput.id": ("strategy", lambda _: {}),
    "DeleteStrategyTemplateInput.id": ("template", lambda _: {}),
    "ImportDatasetInput.projectId": ("project", lambda _: {"name": "n", "request": _REQUEST}),
    "ImportDatasetInput.recipeId": ("recipe", lambda _: {"name": "n", "request": _REQUEST}),
    "InviteMemberInput.projectId": ("project", lambda _: {"user": "newcomer"}),
    "LeaveProjectInput.projectId": ("project", lambda _: {}),
    "PreprocessDatasetInput.datasetId": ("dataset", lambda _: {"name": "n", "steps": _STEPS}),
    "PreprocessDatasetInput.projectId": (
        "project",
        lambda w: {"datasetId": w.ids["own_dataset"], "name": "n", "steps": _STEPS},
    ),
    "PreprocessDatasetInput.recipeId": ("recipe", lambda w: {"datasetId": w.ids["own_dataset"], "name": "n"}),
    "RemoveMemberInput.projectId": ("project", lambda w: {"userId": w.ids["viewer"]}),
    "RemoveMemberInput.userId": ("owner", lambda w: {"projectId": w.ids["own_project"]}),
    "RequestDownloadInput.datasetId": ("dataset", lambda _: {"form": "CANONICAL"}),
    "RequestUploadInput.datasetId": ("dataset", lambda _: {"filename": "a.csv"}),
    "RestoreStrategyInput.id": ("archived", lambda _: {}),
    "RestoreStrategyVersionInput.id": ("strategy", lambda _: {"versionNumber": 1}),
    "RevokeApiTokenInput.id": ("api_token", lambda _: {}),
    "RevokeSessionInput.id": ("session", lambda _: {}),
    "UpdateDatasetInput.id": ("dataset", lambda _: {"name": "n"}),
    "UpdateDatasetInput.projectId": ("project", lambda w: {"id": w.ids["own_dataset"]}),
    "UpdateProjectInput.id": ("project", lambda _: {"name": "n"}),
    "UpdateRecipeInput.id": ("recipe", lambda _: {"name": "n"}),
    "UpdateStrategyInput.id": ("strategy", lambda _: {"name": "n"}),
    "UpdateStrategyInput.projectId": ("project", lambda w: {"id": w.ids["own_strategy"]}),
    "UpdateStrategyTemplateInput.id": ("template", lambda _: {"name": "n"}),
}
"""Each place of a mutation that takes an id: what of the world is named there, and what else is needed."""

ELSEWHERE = {"SetUserActiveInput.id", "SetUserRoleInput.id", "UploadFileInput.datasetId"}
"""The first two are for admins, who see everybody; a file goes another way, and its own tests try that."""


def test_every_place_for_an_id_is_tried() -> None:
    inputs = [type_ for type_ in printed_schema().type_map.values() if isinstance(type_, GraphQLInputObjectType)]
    places = {
        f"{type_.name}.{name}"
        for type_ in inputs
        if not type_.name.endswith("Filter")
        for name, field in type_.fields.items()
        if get_named_type(field.type).name == "ID"
    }
    assert places == set(REFERENCES) | ELSEWHERE


async def test_a_refusal_does_not_tell_whether_there_is_such_a_thing(api: Api, factory: Factory, world: World) -> None:
    stranger = world.people["stranger"]
    world.ids["own_strategy"] = await a_strategy(api, stranger, "own")
    own = await api.do("createProject", stranger, {"name": "Own"}, "project { id }")
    world.ids["own_project"] = own["project"]["id"]
    own = await api.do("createDataset", stranger, {"name": "own"}, "dataset { id }")
    world.ids["own_dataset"] = own["dataset"]["id"]
    before = await fingerprint(factory.engine)
    for place, (name, rest) in REFERENCES.items():
        answers = [await refusal(api, stranger, place, id_, rest(world)) for id_ in like(world.ids[name])]
        assert {code_and_field(text) for _, text in answers} == {("NOT_FOUND", place.partition(".")[2])}, place
        hidden, never, *wrong = answers
        assert hidden == never, place
        # The text may tell which type is expected here, which everybody knows, but never whether there is such a thing.
        assert set(wrong) == {wrong[0]}, place
    assert await fingerprint(factory.engine) == before


def like(hidden: str) -> list[str]:
    """The id of what is hidden, one that nothing has, and ids of another type and of no type at all."""
    type_name, uuid = split(hidden) or ("", new_id())
    other = "Project" if type_name != "Project" else "Strategy"
    return [hidden, encode(type_name, new_id()), encode(other, uuid), encode(other, new_id()), "rubbish"]


def code_and_field(text: str) -> tuple[str, str]:
    """Of the one problem that the text of an answer tells of."""
    [payload] = orjson.loads(text)["data"].values()
    [problem] = payload["errors"]
    return problem["code"], ".".join(problem["field"])


async def refusal(api: Api, who: Person, place: str, id_: str, rest: Input) -> tuple[int, str]:
    type_name, _, argument = place.partition(".")
    field = type_name[0].lower() + type_name.removesuffix("Input")[1:]
    document = f"mutation($input: {type_name}!) {{ {field}(input: $input) {{ errors {{ code message field }} }} }}"
    return await raw(api, document, who, input=rest | {argument: id_})


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
    await removed(api, world, "viewer")
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
    gone = {"strategies": {"nodes": []}, "members": {"nodes": []}}
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
