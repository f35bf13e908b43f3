"""Metrics of jobs: series for charts, sampled by the database, and all of them as they came."""

from __future__ import annotations

from typing import Any

import pytest

from app.factory import Factory
from domain.jobs.events import Fact, Metric, Split
from domain.jobs.model import Job
from domain.jobs.status import JobStatus
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.events import a_long_series, a_running_job, measured, told
from tests.support.people import Person, a_person
from tests.support.statements import counted

SERIES = "name split seed count points { seq epoch step at value }"


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def asked(api: Api, who: Person, job: Job, selection: str) -> Any:
    document = f"query($id: ID!) {{ node(id: $id) {{ ... on Job {{ {selection} }} }} }}"
    return (await api.data(document, who, id=encode("Job", job.id)))["node"]


async def values(api: Api, who: Person, job: Job, arguments: str = "") -> list[tuple[str, list[float]]]:
    found = await asked(api, who, job, f"metrics{arguments} {{ name split seed points {{ value }} }}")
    return [
        (f"{one['name']} {one['split']} {one['seed']}", [point["value"] for point in one["points"]])
        for one in found["metrics"]
    ]


async def test_a_series_by_name_split_and_seed(api: Api, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *measured(0.5, 1.5))
    assert (await asked(api, ann, job, f"metrics {{ {SERIES} }}"))["metrics"] == [
        {
            "name": "sharpe",
            "split": "VALID",
            "seed": None,
            "count": 2,
            "points": [
                {"seq": 1, "epoch": 1, "step": 1, "at": "2026-03-02T12:00:00+00:00", "value": 0.5},
                {"seq": 2, "epoch": 1, "step": 2, "at": "2026-03-02T12:00:00+00:00", "value": 1.5},
            ],
        }
    ]


async def test_names_splits_steps_and_epochs_are_chosen(api: Api, factory: Factory, ann: Person) -> None:
    facts: list[Fact] = [
        *measured(1, 2, 3, 4),
        *measured(5, 6, split=Split.TEST),
        *measured(7, 8, name="loss", split=Split.TRAIN),
        *measured(9, seed=3),
        Metric(epoch=1, step=1, split=Split.TRAIN, values={"a": 1.0, "b": 2.0}),
    ]
    job = await a_running_job(factory, ann, *facts)
    assert await values(api, ann, job) == [
        ("a TRAIN None", [1]),
        ("b TRAIN None", [2]),
        ("loss TRAIN None", [7, 8]),
        ("sharpe TEST None", [5, 6]),
        ("sharpe VALID 3", [9]),
        ("sharpe VALID None", [1, 2, 3, 4]),
    ]
    assert await values(api, ann, job, '(names: ["loss", "nothing"])') == [("loss TRAIN None", [7, 8])]
    assert await values(api, ann, job, "(splits: [TEST])") == [("sharpe TEST None", [5, 6])]
    chosen = '(names: ["sharpe"], splits: [VALID], fromStep: 2, toStep: 3)'
    assert await values(api, ann, job, chosen) == [("sharpe VALID None", [2, 3])]
    chosen = '(names: ["sharpe"], splits: [VALID], fromEpoch: 2, toEpoch: 2)'
    assert await values(api, ann, job, chosen) == [("sharpe VALID None", [3, 4])]
    assert await values(api, ann, job, "(names: [], splits: [], fromStep: null)") == await values(api, ann, job)


async def test_of_each_stretch_the_first_last_lowest_and_highest_stay(api: Api, factory: Factory, ann: Person) -> None:
    # Two stretches of six: points: 8 is room for four of each.
    job = await a_running_job(factory, ann, *measured(1, 9, 2, 0, 3, 4, 5, 5, 5, 5, 7, 6))
    found = await asked(api, ann, job, "metrics(points: 8) { count points { step value } }")
    assert found["metrics"] == [
        {
            "count": 12,
            "points": [
                {"step": step, "value": value}
                for step, value in [(1, 1), (2, 9), (4, 0), (6, 4), (7, 5), (11, 7), (12, 6)]
            ],
        }
    ]
    assert await values(api, ann, job, "(points: 12)") == [("sharpe VALID None", [1, 9, 2, 0, 3, 4, 5, 5, 5, 5, 7, 6])]


async def test_points_stand_by_step_though_they_came_otherwise(api: Api, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *reversed(measured(1, 2, 3, 4, 5)))
    assert await values(api, ann, job) == [("sharpe VALID None", [1, 2, 3, 4, 5])]
    assert await values(api, ann, job, "(points: 4)") == [("sharpe VALID None", [1, 5])]


async def test_many_points_leave_the_database_as_a_few(api: Api, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann)
    await a_long_series(factory, job, 150_000)
    rows = []
    original = type(factory.reader).rows

    async def counting(*arguments: Any, **named: Any) -> Any:
        found = await original(*arguments, **named)
        rows.append(len(found))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(factory.reader), "rows", counting)
        [(_, numbers)] = await values(api, ann, job, "(points: 2000)")
    assert max(rows) == len(numbers) <= 2_000
    assert numbers[0] == numbers[-1] == 0
    assert (max(numbers), min(numbers)) == (100, -100)


async def test_after_a_retry_only_the_present_run_counts(api: Api, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *measured(1, 2), status=JobStatus.RUNNING)
    async with factory.works() as work:
        await work.jobs.fail(job.id, 1, "INTERNAL", "It broke.", factory.clock())
        await work.jobs.requeue(job.id, factory.clock(), from_scratch=True)
    assert await values(api, ann, job) == []
    raw = await asked(api, ann, job, "rawMetrics { totalCount nodes { seq values { name value } } }")
    assert raw["rawMetrics"] == {
        "totalCount": 2,
        "nodes": [{"seq": seq, "values": [{"name": "sharpe", "value": seq}]} for seq in (1, 2)],
    }


async def test_raw_metrics_page_by_seq(api: Api, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *measured(1, 2, 3, 4, 5))
    selection = "rawMetrics(%s) { pageInfo { hasNextPage hasPreviousPage endCursor } nodes { step split seed epoch } }"
    first = (await asked(api, ann, job, selection % "first: 2"))["rawMetrics"]
    assert [node["step"] for node in first["nodes"]] == [1, 2]
    assert first["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False, "endCursor": "2"}
    rest = (await asked(api, ann, job, selection % 'first: 9, after: "2"'))["rawMetrics"]
    assert [node["step"] for node in rest["nodes"]] == [3, 4, 5]
    last = (await asked(api, ann, job, selection % 'last: 2, before: "5"'))["rawMetrics"]
    assert [node["step"] for node in last["nodes"]] == [3, 4]
    assert last["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": True, "endCursor": "4"}


async def test_metrics_of_many_jobs_are_one_statement(api: Api, factory: Factory, ann: Person) -> None:
    for number in range(5):
        await a_running_job(factory, ann, *measured(number, number + 1))
    with counted(factory.reader) as statements:
        found = await api.data("{ jobs(orderBy: OLDEST) { nodes { metrics { points { value } } } } }", ann)
    assert [job["metrics"][0]["points"][0]["value"] for job in found["jobs"]["nodes"]] == [0, 1, 2, 3, 4]
    # Who asks, the jobs, their metrics.
    assert len(statements) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        "(points: 3)",
        "(points: 2001)",
        "(points: -1)",
        f'(names: ["{"x" * 101}"])',
        f"(names: {[str(number) for number in range(51)]})".replace("'", '"'),
        '(names: ["\\u0000"])',
    ],
)
async def test_too_much_and_rubbish_is_refused(api: Api, factory: Factory, ann: Person, arguments: str) -> None:
    id_ = encode("Job", (await a_running_job(factory, ann)).id)
    document = f"query($id: ID!) {{ node(id: $id) {{ ... on Job {{ metrics{arguments} {{ name }} }} }} }}"
    assert await api.codes(document, ann, id=id_) == ["BAD_USER_INPUT"]


COMPARE = """query($ids: [ID!]!, $names: [String!]!, $points: Int! = 200) {
    compareJobs(ids: $ids, names: $names, points: $points) {
        jobs { name } parameterDifferences { path values } metrics { name split count rows { step values } } } }"""


async def compared(api: Api, who: Person, *jobs: Job | str, names: list[str], **more: Any) -> JSON:
    ids = [job if isinstance(job, str) else encode("Job", job.id) for job in jobs]
    found: JSON = (await api.data(COMPARE, who, ids=ids, names=names, **more))["compareJobs"]
    return found


async def test_jobs_side_by_side(api: Api, factory: Factory, ann: Person) -> None:
    config = {"epochs": 2, "layers": [1, 2], "same": True}
    one = await a_running_job(factory, ann, *measured(1, 2, 3), name="one", parameters={"config": config})
    config = {"epochs": 3, "layers": [1], "same": True, "extra": 1}
    two = await a_running_job(factory, ann, *measured(10, 30)[::-1], name="two", parameters={"config": config})
    hidden = await a_running_job(factory, await a_person(factory, "bob"), *measured(7, 7, 7))
    with counted(factory.reader) as statements:
        found = await compared(api, ann, two, hidden, one, "rubbish", names=["sharpe"])
    assert len(statements) == 3
    assert found == {
        "jobs": [{"name": "two"}, None, {"name": "one"}, None],
        "parameterDifferences": [
            {"path": ["config", "epochs"], "values": [3, None, 2, None]},
            {"path": ["config", "extra"], "values": [1, None, None, None]},
            {"path": ["config", "layers"], "values": [[1], None, [1, 2], None]},
        ],
        "metrics": [
            {
                "name": "sharpe",
                "split": "VALID",
                "count": 3,
                "rows": [
                    {"step": 1, "values": [10, None, 1, None]},
                    {"step": 2, "values": [30, None, 2, None]},
                    {"step": 3, "values": [None, None, 3, None]},
                ],
            }
        ],
    }


async def test_of_seeds_the_mean_and_of_stretches_the_last(api: Api, factory: Factory, ann: Person) -> None:
    one = await a_running_job(factory, ann, *measured(*range(8)), name="one")
    two = await a_running_job(factory, ann, *measured(1, 1, seed=1), *measured(3, 5, seed=2), name="two")
    found = (await compared(api, ann, one, two, names=["sharpe"], points=4))["metrics"]
    assert [(table["count"], [(row["step"], row["values"]) for row in table["rows"]]) for table in found] == [
        (8, [(2, [1, 3]), (4, [3, None]), (6, [5, None]), (8, [7, None])])
    ]


async def test_what_cannot_be_compared_is_refused(api: Api, factory: Factory, ann: Person) -> None:
    id_ = encode("Job", (await a_running_job(factory, ann)).id)
    ids = [encode("Job", ann.user.id)[:-2] + f"{number:02}" for number in range(21)]
    for wrong in ({"ids": []}, {"ids": ids}, {"ids": [id_, id_]}, {"names": []}, {"points": 3}):
        variables: JSON = {"ids": [id_], "names": ["sharpe"]} | wrong
        assert await api.codes(COMPARE, ann, **variables) == ["BAD_USER_INPUT"], wrong
    many = {"ids": [id_], "names": [str(number) for number in range(50)], "points": 2_000}
    assert await api.codes(COMPARE, ann, **many) == ["BAD_USER_INPUT"]


async def test_what_a_job_tells_later_is_there_at_once(api: Api, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *measured(1))
    await told(factory, job, Metric(1, 2, Split.VALID, {"sharpe": 2.0}))
    assert await values(api, ann, job) == [("sharpe VALID None", [1, 2])]
