"""A recipe as somebody wrote it: every problem at once, each with its step and field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.catalogue.wording import shown
from domain.datasets.columns import SPLIT
from domain.datasets.forms import Path, read_form
from domain.datasets.recipes.flow import Columns, after_step, step_problems
from domain.datasets.recipes.model import Recipe, Step, StepKind
from domain.datasets.recipes.offer import step_kind
from domain.datasets.recipes.order import order_problems
from domain.datasets.recipes.schema import MAX_STEPS
from domain.errors import Code, Problem, Refused
from domain.text import Problems, readable


def validate_recipe(raw: object, columns: Sequence[str] | None = None) -> tuple[Problem, ...]:
    """All that is wrong with this recipe, for data with these columns if they are known."""
    try:
        read_recipe(raw, columns)
    except Refused as refused:
        return refused.problems
    return ()


def read_recipe(raw: object, columns: Sequence[str] | None = None) -> Recipe:
    """The whole recipe, with defaults for what was left out. It is given as an object with steps, or as the steps."""
    found = Problems()
    with found:
        items = _steps(raw)
    steps = _Reader(tuple(columns) if columns is not None else None, found).read(items)
    found.raise_if_any()
    return Recipe(steps)


class _Reader:
    """Reads step after step. After a step that is wrong nobody knows the columns any more."""

    def __init__(self, columns: Columns | None, found: Problems) -> None:
        self._columns = columns
        self._split_before = columns is not None and SPLIT in columns
        self._found = found

    def read(self, items: Sequence[object]) -> tuple[Step, ...]:
        steps = [self._step(item, ("steps", str(place))) for place, item in enumerate(items)]
        kinds: list[StepKind | None] = [None if step is None else step_kind(step.kind) for step in steps]
        self._found.add(*order_problems(kinds, split_before=self._split_before))
        return tuple(step for step in steps if step is not None)

    def _step(self, item: object, path: Path) -> Step | None:
        try:
            step = _read_step(item, path)
        except Refused as refused:
            self._found.add(*refused.problems)
            self._columns = None
            return None
        problems = tuple(step_problems(step, self._columns, path))
        self._found.add(*problems)
        self._columns = None if problems or self._columns is None else after_step(step, self._columns)
        return step


def _read_step(item: object, path: Path) -> Step:
    if not isinstance(item, Mapping):
        raise Refused.because(Code.INVALID, f"A step must be an object, not {shown(item)}.", *path)
    name = item.get("kind")
    if not isinstance(name, str):
        raise Refused.because(Code.REQUIRED, "Each step needs a kind, such as resample or split.", *path, "kind")
    kind = step_kind(name, *path, "kind")
    values, problems = read_form(kind.form, {key: value for key, value in item.items() if key != "kind"}, path)
    if problems:
        raise Refused(*problems)
    return Step(name, values)


def _steps(raw: object) -> Sequence[object]:
    if isinstance(raw, Mapping):
        with Problems() as found:
            found.add(*_strangers(raw))
        raw = raw.get("steps")
    if not isinstance(raw, list | tuple):
        raise Refused.because(Code.REQUIRED, "A recipe needs a list of steps.", "steps")
    if not 1 <= len(raw) <= MAX_STEPS:
        code = Code.TOO_LONG if raw else Code.TOO_SHORT
        raise Refused.because(code, f"A recipe has 1 to {MAX_STEPS} steps; this one has {len(raw):,}.", "steps")
    return raw


def _strangers(given: Mapping[str, Any]) -> Iterator[Problem]:
    for name in given:
        if name != "steps":
            message = f'A recipe has no field "{readable(str(name))}". Remove it.'
            yield Problem(Code.UNKNOWN, message, (readable(str(name)),))
