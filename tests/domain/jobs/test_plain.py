"""Events as plain values: what goes through JSON comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.events import (
    Checkpoint,
    EventKind,
    Fact,
    JobEvent,
    Level,
    Log,
    Metric,
    Progress,
    Result,
    Split,
    Status,
)
from domain.jobs.plain import event_from_plain, event_to_plain, fact_from_plain, kind_of
from domain.jobs.status import JobStatus

_whole = st.integers(0, 2**53)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_words = st.text(st.characters(exclude_categories=["Cs"]))
_json = st.recursive(st.none() | st.booleans() | _whole | _numbers | _words, st.lists, max_leaves=5)


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | values


FACTS = st.one_of(
    st.builds(Log, st.sampled_from(Level), _words),
    st.builds(Metric, _whole, _whole, st.sampled_from(Split), st.dictionaries(_words, _numbers), maybe(_whole)),
    st.builds(Progress, _numbers, *[maybe(_whole)] * 4, *[maybe(_numbers)] * 2),
    st.builds(Status, st.sampled_from(JobStatus), _whole, st.booleans(), maybe(_words), maybe(_words)),
    st.builds(Checkpoint, _whole),
    st.builds(Result, st.dictionaries(_words, _json)),
)


@given(seq=_whole, at=st.datetimes(timezones=st.just(UTC)), fact=FACTS)
def test_an_event_goes_through_json_and_comes_back(seq: int, at: datetime, fact: Fact) -> None:
    event = JobEvent(seq, at, fact)
    assert event_from_plain(orjson.loads(orjson.dumps(event_to_plain(event)))) == event


AT = datetime(2026, 3, 2, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fact", "plain"),
    [
        (Log(Level.WARNING, "Careful."), {"kind": "log", "level": "warning", "message": "Careful."}),
        (
            Metric(1, 20, Split.VALID, {"sharpe": 1.5}),
            {"kind": "metric", "epoch": 1, "step": 20, "split": "valid", "values": {"sharpe": 1.5}},
        ),
        (Progress(50.0, step=3), {"kind": "progress", "percent": 50.0, "step": 3}),
        (
            Status(JobStatus.FAILED, 2, error_code="X"),
            {"kind": "status", "status": "failed", "attempt": 2, "cancel_requested": False, "error_code": "X"},
        ),
        (Checkpoint(7), {"kind": "checkpoint", "step": 7}),
        (Result({"a": None}), {"kind": "result", "body": {"a": None}}),
    ],
)
def test_how_each_kind_is_written(fact: Fact, plain: dict[str, object]) -> None:
    assert event_to_plain(JobEvent(3, AT, fact)) == {"seq": 3, "at": "2026-03-02T12:00:00.250000+00:00"} | plain


def test_fields_of_a_newer_version_are_left_out() -> None:
    assert fact_from_plain(EventKind.CHECKPOINT, {"step": 1, "size": 9}) == Checkpoint(1)


def test_every_kind_has_a_type() -> None:
    assert {kind_of(fact) for fact in (Log(Level.INFO, ""), Progress(0), Checkpoint(0), Result({}))} < set(EventKind)
    for kind in EventKind:
        with pytest.raises((TypeError, KeyError)):
            fact_from_plain(kind, {"seq": 1})


def test_a_moment_elsewhere_is_the_same_moment() -> None:
    event = JobEvent(1, AT.astimezone(timezone(timedelta(hours=5))), Checkpoint(1))
    assert event_from_plain(event_to_plain(event)).at == AT
