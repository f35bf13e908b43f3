"""Where values stand in the answer.

Values are worked on in columns: one field of all objects of a level. A place says to which position of the answer the
n-th value of a column belongs. It costs nothing until somebody asks: an error, a resolver that wants its path, or a
value that comes later.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from graphql.pyutils import Path


class Step(NamedTuple):
    """One step of a path: a field or the index of a list."""

    key: str | int
    nullable: bool
    order: int
    """Sorts paths in the order in which fields were asked for."""
    typename: str | None = None


Steps = tuple[Step, ...]
Column = list[Any]


class Where:
    """The place of the whole answer; its subclasses are the other places."""

    __slots__ = ()

    def steps(self, index: int) -> Steps:  # noqa: ARG002
        return ()

    def get(self, index: int) -> Any:
        raise NotImplementedError

    def put(self, index: int, value: object) -> None:
        raise NotImplementedError

    def fill(self, values: Column) -> None:
        """Put a whole column that came later where it belongs."""
        for index, value in enumerate(values):
            self.put(index, value)

    def path(self, index: int) -> Path | None:
        """The path in the form that resolvers know."""
        path = None
        for step in self.steps(index):
            path = Path(path, step.key, step.typename)
        return path


class Objects(Where):
    """Objects of one type, whose answers are the rows."""

    __slots__ = ("place", "rows")

    def __init__(self, place: Where) -> None:
        self.place = place
        self.rows: list[dict[str, Any]] = []

    def steps(self, index: int) -> Steps:
        return self.place.steps(index)


class Fields(Where):
    """One field of objects."""

    __slots__ = ("objects", "step")

    def __init__(self, objects: Objects, step: Step) -> None:
        self.objects = objects
        self.step = step

    def steps(self, index: int) -> Steps:
        return (*self.objects.steps(index), self.step)

    def get(self, index: int) -> Any:
        return self.objects.rows[index][str(self.step.key)]

    def put(self, index: int, value: object) -> None:
        self.objects.rows[index][str(self.step.key)] = value

    def fill(self, values: Column) -> None:
        key = str(self.step.key)
        for row, value in zip(self.objects.rows, values, strict=True):
            row[key] = value


class Items(Where):
    """The items of lists, one list after the other."""

    __slots__ = ("_ends", "lengths", "lists", "nullable")

    def __init__(self, lists: Where, lengths: Sequence[int], nullable: bool) -> None:
        self.lists = lists
        self.lengths = lengths
        self.nullable = nullable
        self._ends: list[int] | None = None

    def _find(self, index: int) -> tuple[int, int]:
        if self._ends is None:
            self._ends = list(accumulate(self.lengths))
        number = bisect_right(self._ends, index)
        return number, index - self._ends[number] + self.lengths[number]

    def steps(self, index: int) -> Steps:
        number, position = self._find(index)
        return (*self.lists.steps(number), Step(position, self.nullable, position))

    def get(self, index: int) -> Any:
        number, position = self._find(index)
        return self.lists.get(number)[position]

    def put(self, index: int, value: object) -> None:
        number, position = self._find(index)
        self.lists.get(number)[position] = value


class Some(Where):
    """Some of the values of another column."""

    __slots__ = ("all", "indices")

    def __init__(self, all_: Where, indices: Sequence[int]) -> None:
        self.all = all_
        self.indices = indices

    def steps(self, index: int) -> Steps:
        return self.all.steps(self.indices[index])

    def get(self, index: int) -> Any:
        return self.all.get(self.indices[index])

    def put(self, index: int, value: object) -> None:
        self.all.put(self.indices[index], value)
