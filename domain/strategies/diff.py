"""What changed between two configurations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    """What happened to a value."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs. A list counts as one value."""

    path: tuple[str, ...]
    kind: ChangeKind
    before: object
    after: object


def diff(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Change, ...]:
    """The changes that lead from one to the other, in the order of their names."""
    return tuple(_changes((), before, after))


def _changes(path: tuple[str, ...], before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        here = (*path, name)
        if name not in before:
            yield Change(here, ChangeKind.ADDED, None, after[name])
        elif name not in after:
            yield Change(here, ChangeKind.REMOVED, before[name], None)
        else:
            yield from _change(here, before[name], after[name])


def _change(path: tuple[str, ...], before: object, after: object) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _changes(path, before, after)
    elif not _is_same(before, after):
        yield Change(path, ChangeKind.CHANGED, before, after)


def _is_same(before: object, after: object) -> bool:
    """Equal as JSON: 1 is 1.0, but true is not 1."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before.keys() == after.keys() and all(_is_same(before[name], after[name]) for name in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_is_same, before, after))
    return isinstance(before, bool) == isinstance(after, bool) and before == after
