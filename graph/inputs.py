"""Absent and null are not the same in the input of an update."""

from typing import Any

from strawberry import Some


def given(value: Some[Any] | None) -> Any:
    """What was given; None when it was left out. A null never gets here: validation refuses it."""
    return None if value is None else value.value
