"""Jobs that train: who sees them, how they are found, and how they begin again."""

from __future__ import annotations

from typing import Any

import pytest

from app.factory import Factory
from domain.jobs.model import Job
from domain.jobs.status import JobKind, JobStatus
from domain.models.model import Stage
from domain.viewer import Role
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.events import lines, measured, told
from tests.support.jobs import HERE, job_row
from tests.support.people import Person, a_person
from tests.support.statements import counted
from tests.support.strategies import project_row
from tests.support.trainings import a_dataset_of, a_model, a_trading_strategy

LIST = "query($filter: JobFilter) { jobs(orderBy: OLDEST, filter: $filter) { totalCount nodes { name } } }"
TRAINING: dict[str, Any] = {"kind": JobKind.TRAINING, "engine": "embedded"}


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def names(api: Api, who: Person, **filter: Any) -> list[str]:
    found = (await api.data(LIST, who, filter=filter))["jobs"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["name"] for node in found["nodes"]]


async def test_the_filters(api: Api, factory: Factory, ann: Person) -> None:
    project = await project_row(factory, ann)
    strategy = await a_trading_strategy(factory, ann, "In", project)
    outside = await a_trading_strategy(factory, ann, "Out")
    dataset = await a_dataset_of(factory, ann, "AAA", project_id=project.id)
    await job_row(factory.works, ann, name="by strategy", strategy_id=strategy.id, **TRAINING)
    await job_row(factory.works, ann, name="by dataset", dataset_id=dataset.id)
    await job_row(factory.works, ann, name="50% else", strategy_id=outside.id, **TRAINING | {"engine": "other"})
    assert await names(api, ann, strategyId=encode("Strategy", strategy.id)) == ["by strategy"]
    assert await names(api, ann, projectId=encode("Project", project.id)) == ["by strategy", "by dataset"]
    assert await names(api, ann, engine="other") == ["50% else"]
    assert await names(api, ann, engine="\x00") == []
    assert await names(api, ann, text="BY", kind="TRAINING") == ["by strategy"]
    assert await names(api, ann, text="0%") == ["50% else"]
    root = await a_person(factory, "root", Role.ADMIN)
    assert await names(api, root, projectId=encode("Project", project.id)) == ["by strategy", "by dataset"]
    foreign = await project_row(factory, await a_person(factory, "bob"))
    for id_ in ("rubbish", encode("Strategy", project.id), encode("Project", foreign.id)):
        assert await names(api, ann, projectId=id_) == []


async def test_who_has_left_a_project_finds_nothing_by_it(api: Api, factory: Factory, ann: Person) -> None:
    bob = await a_person(factory, "bob")
    project = await project_row(factory, ann, bob)
    strategy = await a_trading_strategy(factory, ann, "In", project)
    await job_row(factory.works, bob, name="bob's", strategy_id=strategy.id, **TRAINING)
    wanted = {"projectId": encode("Project", project.id)}
    assert await names(api, bob, **wanted) == ["bob's"]
    leaving = {"projectId": wanted["projectId"], "userId": bob.id}
    assert await api.do("removeMember", ann, leaving) == {"errors": []}
    assert (await names(api, bob, **wanted), await names(api, bob)) == ([], ["bob's"])


async def test_a_training_is_seen_by_those_who_share_its_strategy_and_not_by_those_who_share_its_data(
    api: Api, factory: Factory, ann: Person
) -> None:
    bob, eve = await a_person(factory, "bob"), await a_person(factory, "eve")
    project = await project_row(factory, ann, bob)
    shared, private = [await a_trading_strategy(factory, ann, name, at) for name, at in (("s", project), ("p", None))]
    data = await a_dataset_of(factory, ann, "AAA", project_id=project.id)
    by_strategy = await job_row(factory.works, ann, strategy_id=shared.id, **TRAINING)
    by_data = await job_row(factory.works, ann, strategy_id=private.id, dataset_id=data.id, **TRAINING)
    hidden = await job_row(factory.works, ann, strategy_id=private.id, **TRAINING)
    await told(factory, await running(factory, by_strategy), *lines("a"), *measured(1))
    document = """query($id: ID!) { node(id: $id) { ... on Job { strategy { name } logs { totalCount }
        metrics { count } rawMetrics { totalCount } events { lastSeq } } } }"""
    seen = {
        "strategy": {"name": "s"},
        "logs": {"totalCount": 1},
        "metrics": [{"count": 1}],
        "rawMetrics": {"totalCount": 1},
        # A status besides.
        "events": {"lastSeq": 3},
    }
    assert (await api.data(document, bob, id=encode("Job", by_strategy.id)))["node"] == seen
    # It would show the configuration of a strategy that is Ann's alone.
    for job in (by_data, hidden):
        assert (await api.data(document, bob, id=encode("Job", job.id)))["node"] is None
    for job in (by_strategy, by_data, hidden):
        assert (await api.data(document, eve, id=encode("Job", job.id)))["node"] is None
    below = "query($id: ID!) { node(id: $id) { ... on Strategy { jobs { totalCount nodes { id } } } } }"
    of_data = "query($id: ID!) { node(id: $id) { ... on Dataset { jobs { totalCount } } } }"
    assert (await api.data(of_data, bob, id=encode("Dataset", data.id)))["node"]["jobs"] == {"totalCount": 0}
    found = await api.data(below, bob, id=encode("Strategy", shared.id))
    assert found["node"]["jobs"] == {"totalCount": 1, "nodes": [{"id": encode("Job", by_strategy.id)}]}


async def running(factory: Factory, job: Job) -> Job:
    async with factory.works() as work:
        begun = await work.jobs.start(job.id, factory.clock(), HERE)
    assert begun
    return begun


async def test_the_job_of_a_dataset_is_one_that_made_it(api: Api, factory: Factory, ann: Person) -> None:
    data, strategy = await a_dataset_of(factory, ann, "AAA"), await a_trading_strategy(factory, ann)
    await job_row(factory.works, ann, name="read", dataset_id=data.id)
    await job_row(factory.works, ann, name="train", dataset_id=data.id, strategy_id=strategy.id, **TRAINING)
    document = "query($id: ID!) { node(id: $id) { ... on Dataset { job { name } jobs { nodes { name } } } } }"
    found = (await api.data(document, ann, id=encode("Dataset", data.id)))["node"]
    assert found == {"job": {"name": "read"}, "jobs": {"nodes": [{"name": "train"}, {"name": "read"}]}}


async def test_jobs_of_many_strategies_are_one_statement(api: Api, factory: Factory, ann: Person) -> None:
    for number in range(3):
        strategy = await a_trading_strategy(factory, ann, f"s{number}")
        for place in range(2):
            await job_row(factory.works, ann, name=f"{number}.{place}", strategy_id=strategy.id, **TRAINING)
    with counted(factory.reader) as statements:
        found = await api.data("{ strategies(orderBy: NAME) { nodes { jobs(first: 1) { nodes { name } } } } }", ann)
    assert [each["jobs"]["nodes"] for each in found["strategies"]["nodes"]] == [[{"name": f"{n}.1"}] for n in range(3)]
    # Who asks, the strategies, their jobs.
    assert len(statements) == 3


@pytest.mark.parametrize("field", ["retryJob", "resumeJob"])
async def test_a_training_that_failed_begins_again(api: Api, factory: Factory, ann: Person, field: str) -> None:
    failed = {"status": JobStatus.FAILED, "attempt": 2, "has_checkpoint": True, "error_code": "INTERNAL"}
    job = await job_row(factory.works, ann, **TRAINING | failed)
    select = "job { status attempt hasCheckpoint error { code } queuePosition } errors { code field }"
    payload = await api.do(field, ann, {"id": encode("Job", job.id)}, select)
    assert payload == {
        "job": {
            "status": "QUEUED",
            "attempt": 2,
            "hasCheckpoint": field == "resumeJob",
            "error": None,
            "queuePosition": 1,
        },
        "errors": [],
    }
    again = await api.do(field, ann, {"id": encode("Job", job.id)})
    assert again["errors"] == [{"code": "WRONG_STATE", "field": ["id"]}]


async def test_without_a_checkpoint_there_is_nothing_to_resume(api: Api, factory: Factory, ann: Person) -> None:
    job = await job_row(factory.works, ann, **TRAINING, status=JobStatus.CANCELLED)
    payload: JSON = await api.do("resumeJob", ann, {"id": encode("Job", job.id)})
    assert payload["errors"] == [{"code": "WRONG_STATE", "field": ["id"]}]


async def test_a_strategy_is_not_deleted_below_its_training(api: Api, factory: Factory, ann: Person) -> None:
    strategy = await a_trading_strategy(factory, ann)
    job = await job_row(factory.works, ann, strategy_id=strategy.id, **TRAINING)
    id_ = {"id": encode("Strategy", strategy.id)}
    refused = {"errors": [{"code": "WRONG_STATE", "field": ["id"]}]}
    assert await api.do("deleteStrategy", ann, id_) == refused
    assert await api.do("cancelJob", ann, {"id": encode("Job", job.id)}) == {"errors": []}
    model = await a_model(factory, ann, strategy, stage=Stage.PRODUCTION)
    assert await api.do("deleteStrategy", ann, id_) == refused
    archived = {"id": encode("Model", model.id), "stage": "ARCHIVED"}
    assert await api.do("setModelStage", ann, archived) == {"errors": []}
    assert await api.do("deleteStrategy", ann, id_) == {"errors": []}
    assert await names(api, ann) == []
