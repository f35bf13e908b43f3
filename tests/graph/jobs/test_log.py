"""The log of a job: its lines, and everything that happened."""

from __future__ import annotations

from typing import Any

import pytest

from app.factory import Factory
from domain.jobs.events import Checkpoint, Fact, Level, Metric, Progress, Result, Split
from domain.jobs.model import Job
from domain.jobs.status import JobKind, JobStatus
from graph.ids import encode
from tests.support.api import Api
from tests.support.events import a_running_job, lines, measured
from tests.support.jobs import asked_for, job_row
from tests.support.people import Person, a_person
from tests.support.statements import counted

AT = "2026-03-02T12:00:00+00:00"
PAGE = "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { message }"


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def asked(api: Api, who: Person, job: Job, selection: str, **variables: Any) -> Any:
    head = "query($id: ID!, $text: String)" if variables else "query($id: ID!)"
    document = f"{head} {{ node(id: $id) {{ ... on Job {{ {selection} }} }} }}"
    return (await api.data(document, who, id=encode("Job", job.id), **variables))["node"]


async def messages(api: Api, who: Person, job: Job, arguments: str, **variables: Any) -> list[str]:
    found = await asked(api, who, job, f"logs{arguments} {{ totalCount nodes {{ message }} }}", **variables)
    assert found["logs"]["totalCount"] == len(found["logs"]["nodes"])
    return [node["message"] for node in found["logs"]["nodes"]]


async def test_the_cursor_of_a_line_is_its_seq(api: Api, factory: Factory, ann: Person) -> None:
    facts: list[Fact] = [*lines("a"), *measured(1), *lines("b", level=Level.ERROR), *lines("c")]
    job = await a_running_job(factory, ann, *facts)
    found = await asked(api, ann, job, "logs { edges { cursor node { seq at level message } } }")
    assert found["logs"]["edges"] == [
        {"cursor": str(seq), "node": {"seq": seq, "at": AT, "level": level, "message": message}}
        for seq, level, message in [(1, "INFO", "a"), (3, "ERROR", "b"), (4, "INFO", "c")]
    ]


async def test_pages_in_both_directions(api: Api, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *lines(*"abcde"))
    wanted = {
        "(first: 2)": ("ab", True, False),
        '(first: 2, after: "2")': ("cd", True, True),
        '(first: 2, after: "4")': ("e", False, True),
        '(first: 2, after: "99")': ("", False, True),
        "(last: 2)": ("de", False, True),
        '(last: 2, before: "4")': ("bc", True, True),
        '(last: 9, after: "1", before: "4")': ("bc", True, False),
    }
    for arguments, (text, more, less) in wanted.items():
        page = (await asked(api, ann, job, f"logs{arguments} {{ {PAGE} }}"))["logs"]
        assert "".join(node["message"] for node in page["nodes"]) == text, arguments
        assert page["totalCount"] == 5
        assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (more, less), arguments
        ends = ("abcde".index(text[0]) + 1, "abcde".index(text[-1]) + 1) if text else (None, None)
        cursors = page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]
        assert cursors == tuple(str(end) if end else None for end in ends)


async def test_level_and_text_choose_lines(api: Api, factory: Factory, ann: Person) -> None:
    texts = {Level.DEBUG: "Look 100%", Level.INFO: "look_at", Level.WARNING: "lookXat", Level.ERROR: "Größe \\ ende"}
    job = await a_running_job(
        factory, ann, *[line for level, text in texts.items() for line in lines(text, level=level)]
    )
    assert await messages(api, ann, job, "(level: DEBUG)") == list(texts.values())
    assert await messages(api, ann, job, "(level: WARNING)") == ["lookXat", "Größe \\ ende"]
    assert await messages(api, ann, job, "(level: WARNING, text: $text)", text="LOOK") == ["lookXat"]
    found = {"look": 3, "100%": 1, "look_": 1, "GRÖSSE": 0, "größe": 1, "\\": 1, "%": 1, " ": 4, "": 4, "\x00": 0}
    for text, count in found.items():
        assert len(await messages(api, ann, job, "(text: $text)", text=text)) == count, text


_SEQS = ("x", "-1", "1.5", "²", str(2**53), "9" * 5000)


@pytest.mark.parametrize(
    "arguments",
    [
        *(f'(after: "{seq}")' for seq in _SEQS),
        '(before: "x")',
        "(first: 0)",
        "(first: 101)",
        "(first: 1, last: 1)",
        f'(text: "{"x" * 201}")',
    ],
)
async def test_rubbish_is_refused(api: Api, factory: Factory, ann: Person, arguments: str) -> None:
    id_ = encode("Job", (await job_row(factory.works, ann)).id)
    document = f"query($id: ID!) {{ node(id: $id) {{ ... on Job {{ logs{arguments} {{ nodes {{ seq }} }} }} }} }}"
    assert await api.codes(document, ann, id=id_) == ["BAD_USER_INPUT"]


async def test_logs_of_many_jobs_are_one_statement(api: Api, factory: Factory, ann: Person) -> None:
    for number in range(5):
        await a_running_job(factory, ann, *lines(f"{number}a", f"{number}b"))
    with counted(factory.reader) as statements:
        inner = "logs(last: 1) { nodes { message } } events(first: 1) { nodes { seq } }"
        found = await api.data(f"{{ jobs(orderBy: OLDEST) {{ nodes {{ {inner} }} }} }}", ann)
    assert [job["logs"]["nodes"] for job in found["jobs"]["nodes"]] == [[{"message": f"{n}b"}] for n in range(5)]
    assert [job["events"]["nodes"] for job in found["jobs"]["nodes"]] == [[{"seq": 1}]] * 5
    # Who asks, the jobs, their logs, their events.
    assert len(statements) == 4


EVENTS = """events(after: %d, first: %d) { hasMore oldestSeq lastSeq nodes { __typename seq at
    ... on JobLogEvent { level message }
    ... on JobMetricEvent { epoch step split seed values { name value } }
    ... on JobProgressEvent { percent epochs stepsPerSecond }
    ... on JobStatusEvent { status attempt cancelRequested errorCode errorMessage }
    ... on JobCheckpointEvent { step }
    ... on JobResultEvent { body } } }"""


async def test_everything_that_happened_by_seq(api: Api, factory: Factory, ann: Person) -> None:
    facts: list[Fact] = [
        *lines("a"),
        Metric(1, 2, Split.TRAIN, {"loss": 0.5}, seed=3),
        Progress(50.0, epochs=4),
        Checkpoint(2),
        Result({"verdict": "good"}),
    ]
    job = await a_running_job(factory, ann, *facts)
    async with factory.works() as work:
        await work.jobs.fail(job.id, 1, "TIMED_OUT", "Too long.", factory.clock())
    found = (await asked(api, ann, job, EVENTS % (0, 100)))["events"]
    assert (found["hasMore"], found["oldestSeq"], found["lastSeq"]) == (False, 1, 6)
    seqs = [(node.pop("seq"), node.pop("at")) for node in found["nodes"]]
    assert seqs == [(seq, AT) for seq in range(1, 7)]
    assert found["nodes"] == [
        {"__typename": "JobLogEvent", "level": "INFO", "message": "a"},
        {
            "__typename": "JobMetricEvent",
            "epoch": 1,
            "step": 2,
            "split": "TRAIN",
            "seed": 3,
            "values": [{"name": "loss", "value": 0.5}],
        },
        {"__typename": "JobProgressEvent", "percent": 50, "epochs": 4, "stepsPerSecond": None},
        {"__typename": "JobCheckpointEvent", "step": 2},
        {"__typename": "JobResultEvent", "body": {"verdict": "good"}},
        {
            "__typename": "JobStatusEvent",
            "status": "FAILED",
            "attempt": 1,
            "cancelRequested": False,
            "errorCode": "TIMED_OUT",
            "errorMessage": "Too long.",
        },
    ]
    part = (await asked(api, ann, job, EVENTS % (2, 3)))["events"]
    assert ([node["seq"] for node in part["nodes"]], part["hasMore"]) == ([3, 4, 5], True)
    beyond = (await asked(api, ann, job, EVENTS % (99, 3)))["events"]
    assert beyond == {"hasMore": False, "oldestSeq": 1, "lastSeq": 6, "nodes": []}
    shown = await asked(api, ann, job, "lastSeq result hasCheckpoint")
    assert shown == {"lastSeq": 6, "result": {"verdict": "good"}, "hasCheckpoint": False}


async def test_where_nothing_has_happened_there_is_nothing(api: Api, factory: Factory, ann: Person) -> None:
    job = await job_row(factory.works, ann)
    found = await asked(api, ann, job, (EVENTS % (0, 1)) + " logs { totalCount nodes { seq } } metrics { name }")
    assert found["events"] == {"hasMore": False, "oldestSeq": None, "lastSeq": 0, "nodes": []}
    assert (found["logs"], found["metrics"]) == ({"totalCount": 0, "nodes": []}, [])
    for wrong in ("after: -1", "first: 0", "first: 101"):
        document = f"query($id: ID!) {{ node(id: $id) {{ ... on Job {{ events({wrong}) {{ lastSeq }} }} }} }}"
        assert await api.codes(document, ann, id=encode("Job", job.id)) == ["BAD_USER_INPUT"]


async def test_the_place_in_the_queue(api: Api, factory: Factory, ann: Person) -> None:
    waiting = [await asked_for(factory.works, ann, name=str(number)) for number in range(3)]
    await job_row(factory.works, ann, name="over", status=JobStatus.COMPLETED)
    await a_running_job(factory, ann, kind=JobKind.TRAINING)
    with counted(factory.reader) as statements:
        found = await api.data("{ jobs(orderBy: OLDEST) { nodes { queuePosition } } }", ann)
    assert [node["queuePosition"] for node in found["jobs"]["nodes"]] == [1, 2, 3, None, None]
    assert len(statements) == 3
    assert (await asked(api, ann, waiting[2], "queuePosition queuedAt")) == {"queuePosition": 3, "queuedAt": AT}


async def test_how_far_a_training_is(api: Api, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, engine="embedded", priority=-3)
    fields = "epoch epochs step steps stepsPerSecond secondsLeft"
    unknown = dict.fromkeys(fields.split())
    assert await asked(api, ann, job, f"engine priority {fields}") == {"engine": "embedded", "priority": -3} | unknown
    async with factory.works() as work:
        await work.jobs.record(job.id, 1, [], Progress(25.0, 1, 4, 10, 40, 5.5, 6.0))
    numbers = dict(zip(fields.split(), (1, 4, 10, 40, 5.5, 6.0), strict=True))
    assert await asked(api, ann, job, f"progress {fields}") == {"progress": 25.0} | numbers
