"""Refusals do not tell whether there is such a thing: for each place of the schema that takes an id."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson
from graphql import GraphQLInputObjectType, get_named_type

from app.factory import Factory
from app.schema_file import printed_schema
from domain.ids import new_id
from graph.ids import encode, split
from tests.graph.hidden import HIDDEN, a_strategy, whole_world
from tests.graph.world import World
from tests.support.api import Api
from tests.support.datasets import ready_row
from tests.support.people import Person
from tests.support.rows import fingerprint
from tests.support.trainings import a_model

NODE = "query($id: ID!) { node(id: $id) { id } }"
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
    "DeleteEvaluationInput.id": ("evaluation", lambda _: {}),
    "DeleteJobInput.id": ("job_over", lambda _: {}),
    "DeleteModelInput.id": ("model", lambda _: {}),
    "DeleteProjectInput.id": ("project", lambda _: {}),
    "DeleteRecipeInput.id": ("recipe", lambda _: {}),
    "DeleteStrategyInput.id": ("strategy", lambda _: {}),
    "DeleteStrategyTemplateInput.id": ("template", lambda _: {}),
    "ImportDatasetInput.projectId": ("project", lambda _: {"name": "n", "request": _REQUEST}),
    "ImportDatasetInput.recipeId": ("recipe", lambda _: {"name": "n", "request": _REQUEST}),
    "InviteMemberInput.projectId": ("project", lambda _: {"user": "newcomer"}),
    "LeaveProjectInput.projectId": ("project", lambda _: {}),
    "MarkNotificationsReadInput.ids": ("notification", lambda _: {}),
    "PreprocessDatasetInput.datasetId": ("dataset", lambda _: {"name": "n", "steps": _STEPS}),
    "PreprocessDatasetInput.projectId": (
        "project",
        lambda w: {"datasetId": w.ids["own_dataset"], "name": "n", "steps": _STEPS},
    ),
    "PreprocessDatasetInput.recipeId": ("recipe", lambda w: {"datasetId": w.ids["own_dataset"], "name": "n"}),
    "RemoveMemberInput.projectId": ("project", lambda w: {"userId": w.ids["viewer"]}),
    "RemoveMemberInput.userId": ("owner", lambda w: {"projectId": w.ids["own_project"]}),
    "RenameModelInput.id": ("model", lambda _: {"name": "n"}),
    "RequestDownloadInput.datasetId": ("dataset", lambda _: {"form": "CANONICAL"}),
    "RequestEvaluationDownloadInput.id": ("evaluation", lambda _: {"part": "SERIES"}),
    "RequestJobArtefactInput.id": ("training", lambda _: {"name": "test.png"}),
    "RequestModelDownloadInput.id": ("model", lambda _: {"part": "CARD"}),
    "RequestUploadInput.datasetId": ("dataset", lambda _: {"filename": "a.csv"}),
    "RestoreStrategyInput.id": ("archived", lambda _: {}),
    "RestoreStrategyVersionInput.id": ("strategy", lambda _: {"versionNumber": 1}),
    "ResumeJobInput.id": ("training", lambda _: {}),
    "RetryJobInput.id": ("training", lambda _: {}),
    "RevokeApiTokenInput.id": ("api_token", lambda _: {}),
    "RevokeSessionInput.id": ("session", lambda _: {}),
    "SetModelStageInput.id": ("model", lambda _: {"stage": "PRODUCTION"}),
    "StartDynamicsTestInput.labellingId": ("labelling", lambda _: {"label": 1}),
    "StartEvaluationInput.datasetId": ("dataset", lambda w: {"kind": "BACKTEST", "modelIds": [w.ids["own_model"]]}),
    "StartEvaluationInput.modelIds": ("model", lambda _: {"kind": "BACKTEST"}),
    "StartLabellingInput.datasetId": ("dataset", lambda _: {"name": "n"}),
    "StartLabellingInput.projectId": ("project", lambda w: {"name": "n", "datasetId": w.ids["own_dataset"]}),
    "StartLabellingInput.trainingId": ("remote_training", lambda _: {"name": "n"}),
    "StartTrainingInput.datasetId": ("dataset", lambda w: {"strategyId": w.ids["own_strategy"]}),
    "StartTrainingInput.strategyId": ("strategy", lambda w: {"datasetId": w.ids["own_dataset"]}),
    "UpdateDatasetInput.id": ("dataset", lambda _: {"name": "n"}),
    "UpdateDatasetInput.projectId": ("project", lambda w: {"id": w.ids["own_dataset"]}),
    "UpdateEvaluationInput.id": ("evaluation", lambda _: {"name": "n"}),
    "UpdateProjectInput.id": ("project", lambda _: {"name": "n"}),
    "UpdateRecipeInput.id": ("recipe", lambda _: {"name": "n"}),
    "UpdateStrategyInput.id": ("strategy", lambda _: {"name": "n"}),
    "UpdateStrategyInput.projectId": ("project", lambda w: {"id": w.ids["own_strategy"]}),
    "UpdateStrategyTemplateInput.id": ("template", lambda _: {"name": "n"}),
}
"""Each place of a mutation that takes an id: what of the world is named there, and what else is needed."""

ELSEWHERE = {"BroadcastInput.link", "SetUserActiveInput.id", "SetUserRoleInput.id", "UploadFileInput.datasetId"}
"""The first three are for admins, who see everybody; a file goes another way, and its own tests try that."""


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


async def test_a_refusal_does_not_tell_whether_there_is_such_a_thing(api: Api, factory: Factory) -> None:
    world = await whole_world(api, factory)
    stranger = world.people["stranger"]
    world.ids["own_strategy"] = await a_strategy(api, stranger, "own")
    own = await api.do("createProject", stranger, {"name": "Own"}, "project { id }")
    world.ids["own_project"] = own["project"]["id"]
    world.ids["own_dataset"] = encode("Dataset", (await ready_row(factory, stranger)).id)
    world.ids["own_model"] = encode("Model", (await a_model(factory, stranger)).id)
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
    """Of the one problem that the text of an answer tells of; in a list, without the place."""
    [payload] = orjson.loads(text)["data"].values()
    [problem] = payload["errors"]
    return problem["code"], ".".join(problem["field"]).removesuffix(".0")


async def refusal(api: Api, who: Person, place: str, id_: str, rest: Input) -> tuple[int, str]:
    type_name, _, argument = place.partition(".")
    field = type_name[0].lower() + type_name.removesuffix("Input")[1:]
    document = f"mutation($input: {type_name}!) {{ {field}(input: $input) {{ errors {{ code message field }} }} }}"
    return await raw(api, document, who, input=rest | {argument: id_})


async def raw(api: Api, document: str, who: Person, **variables: object) -> tuple[int, str]:
    """The status and the very text of an answer, without the request id."""
    headers = {"authorization": f"Bearer {who.token}"}
    body = {"query": document, "variables": variables}
    response = await api.client.post("/graphql", json=body, headers=headers)
    return response.status_code, re.sub(r'"requestId":"[^"]*"', "", response.text)


async def test_an_id_that_is_hidden_is_like_one_that_never_was(api: Api, factory: Factory) -> None:
    world = await whole_world(api, factory)
    stranger = world.people["stranger"]
    for name in HIDDEN:
        type_name, _ = split(world.ids[name]) or ("", None)
        answers = [await raw(api, NODE, stranger, id=id_) for id_ in (world.ids[name], encode(type_name, new_id()))]
        assert answers[0] == answers[1], name
