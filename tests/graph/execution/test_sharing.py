"""Who gets the same answer to an event, and who does not."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from app.asgi import limits
from app.settings import Settings
from domain.jobs.events import JobEvent, Level, Log
from graph.execution.sharing import Sharings
from graph.jobs.events import event_view
from graph.schema import build
from tests.support.clock import NOON

SCHEMA = build(limits(Settings(_env_file=None)))._schema
LINE = event_view(JobEvent(1, NOON, Log(Level.INFO, "x")))


def sharings(text: str) -> Sharings:
    document = parse(text)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return Sharings(SCHEMA, document, operation)


def named(name: str) -> Any:
    return type(name, (), {})()


@pytest.mark.parametrize(
    ("selection", "personal"),
    [
        ("seq", []),
        ("... on JobMetricEvent { values { name } }", []),
        ("... on JobStreamOpened { oldestSeq }", []),
        ("... on JobStreamOpened { job { id } }", ["JobStreamOpened"]),
        ("... on JobEvent { ... on JobStreamOpened { seq ...O } }", ["JobStreamOpened"]),
    ],
)
def test_only_events_that_lead_to_objects_are_personal(selection: str, personal: list[str]) -> None:
    text = f"subscription {{ jobEvents(id: 1) {{ {selection} }} }}"
    if "...O" in selection:
        text += " fragment O on JobStreamOpened { job { owner { id } } }"
    sharing = sharings(text).of({})
    assert sharing.holds(LINE)
    names = ["JobStreamOpened", "JobLogEvent", "JobMetricEvent", "JobStatusEvent"]
    assert [name for name in names if not sharing.holds(named(name))] == personal


def test_objects_are_always_personal() -> None:
    sharing = sharings("subscription { jobsChanged(filter: {mine: true}) { id } }").of({})
    assert not sharing.holds(named("Job"))


def test_variables_of_the_root_field_do_not_part_people() -> None:
    found = sharings("subscription($id: ID!, $after: Int) { jobEvents(id: $id, after: $after) { seq } }")
    assert found.of({"id": "a", "after": 1}) is found.of({"id": "b", "after": 2})


@pytest.mark.parametrize(
    "text",
    [
        "subscription($s: Boolean!) { jobEvents(id: 1) { seq at @skip(if: $s) } }",
        "subscription($s: Boolean!) { jobEvents(id: 1) { seq ... @include(if: $s) { at } } }",
        "subscription($s: Boolean!) { jobEvents(id: 1) { ...A } } fragment A on JobEvent { seq at @skip(if: $s) }",
    ],
)
def test_variables_of_the_selection_do(text: str) -> None:
    found = sharings(text)
    assert found.of({"s": True}) is found.of({"s": True})
    assert found.of({"s": True}) is not found.of({"s": False})
