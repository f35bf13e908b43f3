"""Renaming and deleting evaluations, and following them by their own id."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.factory import Factory
from domain.blobs import Owner
from domain.evaluations.model import KIND, Part
from domain.ids import new_id
from domain.jobs.status import JobStatus
from domain.projects.model import Project
from domain.viewer import Role
from graph.ids import encode
from persistence.tables.evaluations import evaluation_models, evaluations
from persistence.tables.jobs import jobs
from tests.support.api import Api
from tests.support.evaluations import an_evaluation, files_of
from tests.support.jobs import job_now
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint
from tests.support.strategies import project_row
from tests.support.trainings import a_model, a_trading_strategy

NODE = "query($id: ID!) { node(id: $id) { ... on Evaluation { name updatedAt } } }"


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def rows(factory: Factory) -> list[int]:
    """How many evaluations, models in them and jobs there are."""
    async with factory.engine.connect() as connection:
        tables = (evaluations, evaluation_models, jobs)
        return [(await connection.execute(select(func.count()).select_from(table))).scalar_one() for table in tables]


async def test_it_is_called_something_else(api: Api, factory: Factory, ann: Person) -> None:
    evaluation = await an_evaluation(factory, ann, await a_model(factory, ann))
    wish = {"id": encode("Evaluation", evaluation.id), "name": "  Better  "}
    payload = await api.do("updateEvaluation", ann, wish, "evaluation { name } errors { code field }")
    assert payload == {"evaluation": {"name": "Better"}, "errors": []}
    found = (await api.data(NODE, ann, id=wish["id"]))["node"]
    assert (found["name"], found["updatedAt"]) == ("Better", factory.clock().isoformat())
    before = await fingerprint(factory.engine)
    for name, code in (("", "REQUIRED"), (" ", "REQUIRED"), ("x" * 201, "TOO_LONG")):
        refused = await api.do("updateEvaluation", ann, wish | {"name": name})
        assert refused == {"errors": [{"code": code, "field": ["name"]}]}, name
    assert await fingerprint(factory.engine) == before


async def test_deleted_it_is_gone_with_its_files_and_its_job(api: Api, factory: Factory, ann: Person) -> None:
    model = await a_model(factory, ann)
    evaluation = await an_evaluation(factory, ann, model)
    other = await an_evaluation(factory, ann, model)
    assert await rows(factory) == [2, 2, 3]
    wish = {"id": encode("Evaluation", evaluation.id)}
    payload = await api.do("deleteEvaluation", ann, wish, "evaluation { id name } errors { code }")
    assert payload == {"evaluation": wish | {"name": "Backtest"}, "errors": []}
    assert await rows(factory) == [1, 1, 2]
    async with factory.works() as work:
        assert {await work.blobs.of(owner) for owner in files_of(evaluation.id)} == {None}
        assert await work.blobs.of(Owner(KIND, other.id, Part.SERIES.value)) is not None
    assert await job_now(factory.works, evaluation.job_id) is None
    admin = await a_person(factory, "ada", Role.ADMIN)
    log = await api.data("{ auditLog(first: 1) { nodes { action objectType before } } }", admin)
    assert log["auditLog"]["nodes"] == [
        {
            "action": "EVALUATION_DELETED",
            "objectType": "Evaluation",
            "before": {"name": "Backtest", "kind": "backtest", "job": str(evaluation.job_id)},
        }
    ]
    again = await api.do("deleteEvaluation", ann, wish)
    assert again == {"errors": [{"code": "NOT_FOUND", "field": ["id"]}]}


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.RUNNING])
async def test_one_that_is_not_over_is_not_deleted(api: Api, factory: Factory, ann: Person, status: JobStatus) -> None:
    evaluation = await an_evaluation(factory, ann, await a_model(factory, ann))
    async with factory.engine.begin() as connection:
        await connection.execute(jobs.update().where(jobs.c.id == evaluation.job_id).values(status=status.value))
    before = await fingerprint(factory.engine)
    refused = await api.do("deleteEvaluation", ann, {"id": encode("Evaluation", evaluation.id)})
    assert refused == {"errors": [{"code": "WRONG_STATE", "field": ["id"]}]}
    assert await fingerprint(factory.engine) == before


async def test_who_sees_it_may_not_change_it(api: Api, factory: Factory, ann: Person) -> None:
    bob = await a_person(factory, "bob")
    project: Project = await project_row(factory, ann, bob)
    strategy = await a_trading_strategy(factory, ann, project=project)
    evaluation = await an_evaluation(factory, ann, await a_model(factory, ann, strategy), strategy_id=strategy.id)
    id_ = encode("Evaluation", evaluation.id)
    assert (await api.data(NODE, bob, id=id_))["node"]["name"] == "Backtest"
    before = await fingerprint(factory.engine)
    for field, wish in (("updateEvaluation", {"id": id_, "name": "n"}), ("deleteEvaluation", {"id": id_})):
        document = f"mutation($i: {field[0].upper()}{field[1:]}Input!) {{ {field}(input: $i) {{ errors {{ code }} }} }}"
        assert await api.codes(document, bob, i=wish) == ["FORBIDDEN"]
    assert await fingerprint(factory.engine) == before


async def test_an_id_of_nothing(api: Api, ann: Person) -> None:
    for id_ in (encode("Evaluation", new_id()), encode("Job", new_id()), "rubbish"):
        for field, more in (("updateEvaluation", {"name": "n"}), ("deleteEvaluation", {})):
            refused = await api.do(field, ann, {"id": id_} | more)
            assert refused == {"errors": [{"code": "NOT_FOUND", "field": ["id"]}]}
