"""In which order steps may stand: nothing may leak from a later part into an earlier one, nor from a label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.datasets.recipes.model import Group, StepKind
from domain.errors import Code, Problem

_AFTER_SPLIT = frozenset({Group.SCALING, Group.COLUMNS})


def order_problems(kinds: Sequence[StepKind | None], *, split_before: bool) -> Iterator[Problem]:
    """What is wrong with the order; None stands for a step that nobody knows."""
    split, label = split_before, False
    for place, kind in enumerate(kinds):
        if kind is None:
            continue
        message = _fault(kind, split=split, label=label, alone=split_before)
        if message is not None:
            yield Problem(Code.WRONG_STATE, message, ("steps", str(place), "kind"))
        split = split or kind.group is Group.SPLIT
        label = label or kind.group is Group.LABEL


def _fault(kind: StepKind, *, split: bool, label: bool, alone: bool) -> str | None:
    title = kind.form.title
    if kind.group is Group.SCALING and not split:
        return f"{title} needs a split before it: the scale is measured on the training part alone."
    if split and kind.group is Group.SPLIT:
        reason = "The data is split already; drop its column split first" if alone else "One split is enough"
        return f"{reason}. Remove this step."
    if split and kind.group not in _AFTER_SPLIT:
        return f"{title} must come before the split. Move it up."
    if label and kind.group is Group.CLEANING:
        return f"{title} changes rows and must come before the label. Move it up."
    return None
