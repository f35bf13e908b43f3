"""What several objects do not have in common."""

from __future__ import annotations

from typing import Any

import pytest

from domain.jobs.comparing import Difference, differences


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ([], []),
        ([{"a": 1}], []),
        ([None, {"a": 1}, None], []),
        ([{"a": 1, "b": [1, 2]}, {"a": 1.0, "b": [1, 2]}], []),
        ([{"a": 1}, {"a": True}], [("a", 1, True)]),
        ([{"a": [1, 2]}, {"a": [2, 1]}], [("a", [1, 2], [2, 1])]),
        ([{"a": {"b": 1, "c": 2}}, None, {"a": {"b": 3, "c": 2}}], [("a.b", 1, None, 3)]),
        ([{"a": {"b": 1}}, {"a": 5}, {}], [("a", {"b": 1}, 5, None)]),
        ([{}, {"z": 1, "a": 2}], [("a", None, 2), ("z", None, 1)]),
        ([{"a": 1}, {"a": 1}, {"a": 2}], [("a", 1, 1, 2)]),
    ],
)
def test_what_differs_is_named_by_its_path(
    objects: list[dict[str, Any] | None], expected: list[tuple[Any, ...]]
) -> None:
    wanted = [Difference(tuple(path.split(".")), tuple(values)) for path, *values in expected]
    assert list(differences(objects)) == wanted
