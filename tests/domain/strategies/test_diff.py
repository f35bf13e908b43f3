from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.strategies.diff import Change, ChangeKind, diff

NAMES = st.text("abc", min_size=1, max_size=2)
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, 1.0, 0.5]) | st.text("xy", max_size=2)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))
CONFIGS = st.dictionaries(NAMES, VALUES, max_size=4)


def apply(changes: Iterable[Change], before: dict[str, Any]) -> dict[str, Any]:
    """The test's own: whoever applies all changes has all of what came after."""
    after = copy.deepcopy(before)
    for change in changes:
        place = after
        for name in change.path[:-1]:
            place = place[name]
        if change.kind is ChangeKind.REMOVED:
            assert strict(place.pop(change.path[-1])) == strict(change.before)
        else:
            assert (change.path[-1] in place) is (change.kind is ChangeKind.CHANGED)
            place[change.path[-1]] = change.after
    return after


def strict(value: Any) -> Any:
    """Makes true and 1 differ, which Python takes for equal."""
    if isinstance(value, dict):
        return {name: strict(item) for name, item in value.items()}
    if isinstance(value, list):
        return [strict(item) for item in value]
    return (isinstance(value, bool), value)


def test_what_was_added_removed_and_changed_is_listed_by_name() -> None:
    before = {"epochs": 10, "old": 1, "nested": {"b": 1, "a": {"x": 1}}, "hidden_layers": [64, 64]}
    after = {"epochs": 20, "new": None, "nested": {"b": 1, "a": {"x": 2, "y": 3}}, "hidden_layers": [64, 32]}
    assert diff(before, after) == (
        Change(("epochs",), ChangeKind.CHANGED, 10, 20),
        Change(("hidden_layers",), ChangeKind.CHANGED, [64, 64], [64, 32]),
        Change(("nested", "a", "x"), ChangeKind.CHANGED, 1, 2),
        Change(("nested", "a", "y"), ChangeKind.ADDED, None, 3),
        Change(("new",), ChangeKind.ADDED, None, None),
        Change(("old",), ChangeKind.REMOVED, 1, None),
    )


def test_an_object_in_place_of_a_value_is_one_change() -> None:
    assert diff({"a": 1}, {"a": {"b": 1}}) == (Change(("a",), ChangeKind.CHANGED, 1, {"b": 1}),)


def test_true_is_not_1_but_1_is_1_point_0() -> None:
    assert diff({"a": True, "b": [1], "c": 1}, {"a": 1, "b": [True], "c": 1.0}) == (
        Change(("a",), ChangeKind.CHANGED, True, 1),
        Change(("b",), ChangeKind.CHANGED, [1], [True]),
    )


@given(CONFIGS, CONFIGS)
def test_the_changes_lead_from_before_to_after(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert strict(apply(diff(before, after), before)) == strict(after)


@given(CONFIGS)
def test_nothing_changed_from_a_config_to_itself(config: dict[str, Any]) -> None:
    assert diff(config, copy.deepcopy(config)) == ()


@given(CONFIGS, CONFIGS)
def test_the_order_does_not_hang_on_how_the_objects_were_built(before: dict[str, Any], after: dict[str, Any]) -> None:
    changes = diff(before, after)
    assert list(changes) == sorted(changes, key=lambda change: change.path)
    assert changes == diff(dict(reversed(before.items())), dict(reversed(after.items())))
