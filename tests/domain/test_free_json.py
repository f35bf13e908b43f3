from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Code, Refused
from domain.free_json import clean_object


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "good",
    [
        {},
        {"a": [1, 2.5, None, True, "text", {"b": []}]},
        nested(8),
        {"a": [0] * 1_998},
        {"a": "x" * 10_000, "k" * 100: 2**63 - 1, "low": -(2**63)},
    ],
)
def test_what_can_be_kept_is_given_back_as_it_is(good: dict[str, Any]) -> None:
    assert clean_object(good, "tm_config") is good


@pytest.mark.parametrize(
    ("bad", "code", "field"),
    [
        ([], Code.INVALID, ()),
        (None, Code.INVALID, ()),
        ("{}", Code.INVALID, ()),
        (nested(9), Code.TOO_LONG, ("a",) * 8),
        ({"a": [0] * 1_999}, Code.TOO_LONG, ()),
        ({"a": {"b": "x" * 10_001}}, Code.TOO_LONG, ("a", "b")),
        ({"k" * 101: 1}, Code.TOO_LONG, ()),
        ({"a": [1, "\x00"]}, Code.INVALID, ("a", "1")),
        ({"a": "\ud800"}, Code.INVALID, ("a",)),
        ({"\x00": 1}, Code.INVALID, ()),
        ({1: 1}, Code.INVALID, ()),
        ({"a": float("nan")}, Code.OUT_OF_RANGE, ("a",)),
        ({"a": float("inf")}, Code.OUT_OF_RANGE, ("a",)),
        ({"a": 2**63}, Code.OUT_OF_RANGE, ("a",)),
        ({"a": {1, 2}}, Code.INVALID, ("a",)),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_place(bad: Any, code: Code, field: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as caught:
        clean_object(bad, "tm_config")
    assert [(problem.code, problem.field) for problem in caught.value.problems] == [(code, ("tm_config", *field))]


def test_depth_without_end_is_refused_without_walking_it() -> None:
    with pytest.raises(Refused) as caught:
        clean_object(nested(100_000), "tm_config")
    assert caught.value.problems[0].code is Code.TOO_LONG


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


def outcome(value: Any) -> dict[str, Any] | Refused:
    try:
        return clean_object(value, "tm_config")
    except Refused as refused:
        return refused


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4) | JSON)
def test_whatever_passes_survives_a_round_trip(value: Any) -> None:
    kept = outcome(value)
    if isinstance(kept, Refused):
        assert all(problem.field[0] == "tm_config" for problem in kept.problems)
    else:
        assert json.loads(json.dumps(kept, allow_nan=False, ensure_ascii=False).encode()) == kept
