"""Jobs through the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.factory import Factory
from domain.jobs.status import JobKind, JobStatus
from domain.viewer import Role
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.clock import NOON
from tests.support.jobs import dataset_row, job_row
from tests.support.people import Person, a_person
from tests.support.statements import counted
from tests.support.strategies import project_row

JOB = """id kind name status progress parameters attempt error { code message } createdAt startedAt finishedAt updatedAt
  cancelRequestedAt owner { username }"""
LIST = "query($filter: JobFilter, $orderBy: JobOrder!, $first: Int, $after: String) { jobs(filter: $filter, \
orderBy: $orderBy, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { name } } }"


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def names(api: Api, who: Person, filter: JSON | None = None, order: str = "OLDEST") -> list[str]:
    found = (await api.data(LIST, who, filter=filter, orderBy=order))["jobs"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["name"] for node in found["nodes"]]


async def test_all_that_is_known_of_a_job(api: Api, factory: Factory, ann: Person) -> None:
    job = await job_row(
        factory.works,
        ann,
        kind=JobKind.IMPORTING,
        name="Fetch",
        status=JobStatus.FAILED,
        progress=12.5,
        parameters={"source": "synthetic"},
        attempt=2,
        error_code="TIMED_OUT",
        error_message="It took too long.",
        cancel_requested_at=NOON + timedelta(minutes=2),
        started_at=NOON + timedelta(minutes=1),
        finished_at=NOON + timedelta(minutes=3),
        updated_at=NOON + timedelta(minutes=3),
    )
    id_ = encode("Job", job.id)
    found = await api.data(f"query($id: ID!) {{ node(id: $id) {{ ... on Job {{ {JOB} }} }} }}", ann, id=id_)
    assert found["node"] == {
        "id": id_,
        "kind": "IMPORTING",
        "name": "Fetch",
        "status": "FAILED",
        "progress": 12.5,
        "parameters": {"source": "synthetic"},
        "attempt": 2,
        "error": {"code": "TIMED_OUT", "message": "It took too long."},
        "createdAt": "2026-03-02T12:00:00+00:00",
        "cancelRequestedAt": "2026-03-02T12:02:00+00:00",
        "startedAt": "2026-03-02T12:01:00+00:00",
        "finishedAt": "2026-03-02T12:03:00+00:00",
        "updatedAt": "2026-03-02T12:03:00+00:00",
        "owner": {"username": "ann"},
    }


async def test_what_has_not_happened_is_null(api: Api, factory: Factory, ann: Person) -> None:
    id_ = encode("Job", (await job_row(factory.works, ann)).id)
    select = "error { code } startedAt finishedAt cancelRequestedAt"
    found = await api.data(f"query($id: ID!) {{ node(id: $id) {{ ... on Job {{ {select} }} }} }}", ann, id=id_)
    assert found["node"] == dict.fromkeys(("error", "startedAt", "finishedAt", "cancelRequestedAt"))


async def test_a_list_is_of_ones_own_and_an_admins_of_all(api: Api, factory: Factory, ann: Person) -> None:
    bob, root = await a_person(factory, "bob"), await a_person(factory, "root", Role.ADMIN)
    project = await project_row(factory, ann, bob)
    shared = await dataset_row(factory.engine, ann, project.id)
    for number, owner in enumerate((ann, bob, ann)):
        await job_row(factory.works, owner, name=str(number), dataset_id=shared)
    assert await names(api, ann) == ["0", "2"]
    assert await names(api, ann, order="NEWEST") == ["2", "0"]
    assert await names(api, bob) == ["1"]
    assert await names(api, root) == ["0", "1", "2"]


async def test_the_filters(api: Api, factory: Factory, ann: Person) -> None:
    dataset = await dataset_row(factory.engine, ann)
    for status in JobStatus:
        await job_row(factory.works, ann, name=status.value, status=status)
    await job_row(factory.works, ann, name="train", kind=JobKind.TRAINING)
    await job_row(factory.works, ann, name="read", dataset_id=dataset)
    assert await names(api, ann, {"kind": "TRAINING"}) == ["train"]
    assert await names(api, ann, {"statuses": ["FAILED", "RUNNING"]}) == ["running", "failed"]
    assert await names(api, ann, {"statuses": ["QUEUED"], "kind": "INSPECTION"}) == ["queued", "read"]
    assert await names(api, ann, {"datasetId": encode("Dataset", dataset)}) == ["read"]
    for id_ in ("rubbish", encode("Project", dataset), encode("Dataset", ann.user.id)):
        assert await names(api, ann, {"datasetId": id_}) == []
    everything = [*JobStatus, "train", "read"]
    nothings: list[JSON | None] = [None, {}, {"statuses": []}, {"kind": None, "statuses": None, "datasetId": None}]
    for nothing in nothings:
        assert await names(api, ann, nothing) == everything


async def test_page_after_page_gives_each_job_once(api: Api, factory: Factory, ann: Person) -> None:
    for number in range(5):
        await job_row(factory.works, ann, name=str(number))
    found: list[str] = []
    after = None
    while True:
        page = (await api.data(LIST, ann, orderBy="NEWEST", first=2, after=after))["jobs"]
        found += [node["name"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert found == ["4", "3", "2", "1", "0"]


async def test_a_list_with_owners_is_one_statement_for_each_level(api: Api, factory: Factory, ann: Person) -> None:
    for _ in range(10):
        await job_row(factory.works, ann)
    with counted(factory.reader) as statements:
        await api.data("{ jobs { nodes { name owner { username } } } }", ann)
    # Who asks, the jobs, their owners.
    assert len(statements) == 3


async def test_a_waiting_job_is_cancelled_and_then_deleted(api: Api, factory: Factory, ann: Person) -> None:
    id_ = {"id": encode("Job", (await job_row(factory.works, ann)).id)}
    refused = await api.do("deleteJob", ann, id_)
    assert refused["errors"] == [{"code": "WRONG_STATE", "field": ["id"]}]
    cancelled = await api.do("cancelJob", ann, id_, "errors { code } job { status finishedAt cancelRequestedAt }")
    at = "2026-03-02T12:00:00+00:00"
    assert cancelled == {
        "errors": [],
        "job": {"status": "CANCELLED", "finishedAt": at, "cancelRequestedAt": at},
    }
    again = await api.do("cancelJob", ann, id_)
    assert again["errors"] == [{"code": "WRONG_STATE", "field": ["id"]}]
    deleted = await api.do("deleteJob", ann, id_, "errors { code } job { id status }")
    assert deleted == {"errors": [], "job": {"id": id_["id"], "status": "CANCELLED"}}
    gone = await api.do("deleteJob", ann, id_)
    assert gone["errors"] == [{"code": "NOT_FOUND", "field": ["id"]}]


async def test_a_running_job_says_that_it_is_about_to_stop(api: Api, factory: Factory, ann: Person) -> None:
    id_ = encode("Job", (await job_row(factory.works, ann, status=JobStatus.RUNNING, attempt=1)).id)
    payload = await api.do("cancelJob", ann, {"id": id_}, "errors { code } job { status cancelRequestedAt }")
    at = "2026-03-02T12:00:00+00:00"
    assert payload == {"errors": [], "job": {"status": "RUNNING", "cancelRequestedAt": at}}


@pytest.mark.parametrize("field", ["cancelJob", "deleteJob"])
async def test_rubbish_instead_of_an_id_is_not_found(api: Api, ann: Person, field: str) -> None:
    for id_ in ("", "rubbish", "\x00", encode("Project", ann.user.id), encode("Job", ann.user.id), "é" * 1000):
        payload = await api.do(field, ann, {"id": id_})
        assert payload["errors"] == [{"code": "NOT_FOUND", "field": ["id"]}], id_


async def test_open_jobs_are_counted_for_the_operator(api: Api, factory: Factory, ann: Person) -> None:
    for status in (JobStatus.QUEUED, JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.FAILED):
        await job_row(factory.works, ann, status=status)
    lines = (await api.client.get("/metrics")).text.splitlines()
    assert [line for line in sorted(lines) if line.startswith("tmw_jobs{")] == [
        'tmw_jobs{state="queued"} 2.0',
        'tmw_jobs{state="running"} 1.0',
    ]
