"""How columns come and go from step to step, and what is wrong when a step meets columns that it cannot use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.catalogue.wording import hint
from domain.datasets.columns import SPLIT, SYMBOL, TIME, ColumnKind, kind_of
from domain.datasets.forms import FieldKind, Path
from domain.datasets.recipes.model import Group, Recipe, Step, StepKind
from domain.datasets.recipes.offer import step_kind
from domain.errors import Code, Problem
from domain.text import readable

MAX_COLUMNS = 2_000
_ALWAYS = (TIME, SYMBOL)
_NAMING = frozenset({FieldKind.COLUMN, FieldKind.COLUMNS, FieldKind.COLUMN_CHOICES, FieldKind.COLUMN_NAMES})

Columns = tuple[str, ...]
Named = tuple[str, Path]


def columns_after(recipe: Recipe, columns: Iterable[str]) -> Columns:
    """The columns that the recipe leaves of these. For a recipe that was found good with them."""
    left = tuple(columns)
    for step in recipe.steps:
        left = after_step(step, left)
    return left


def after_step(step: Step, columns: Columns) -> Columns:
    match step.kind:
        case "select":
            return tuple(name for name in columns if name in {*_ALWAYS, SPLIT, *step.values["columns"]})
        case "drop":
            return tuple(name for name in columns if name not in step.values["columns"])
        case "rename":
            return tuple(step.values["names"].get(name, name) for name in columns)
        case _:
            return (*columns, *made_by(step, columns))


def made_by(step: Step, columns: Columns) -> Columns:
    """The columns that a step adds to these."""
    if step.kind == "normalise":
        suffix = step.values["suffix"]
        return tuple(f"{name}{suffix}" for name in scaled_by(step, columns)) if suffix else ()
    return step_kind(step.kind).makes(step.values)


def scaled_by(step: Step, columns: Columns) -> Columns:
    """The columns that a normalising step works on: those that it names, or else all features."""
    named = tuple(step.values["columns"])
    return named or tuple(name for name in columns if kind_of(name) is ColumnKind.FEATURE)


def step_problems(step: Step, columns: Columns | None, path: Path) -> Iterator[Problem]:
    """What is wrong with a step where these columns are there; None when nobody knows which."""
    kind = step_kind(step.kind)
    named = tuple(_named(kind, step, path))
    yield from _misused(kind, step, named)
    if columns is not None:
        yield from _not_there(kind, step, named, columns, path)
    yield from _doubled(step, columns or (), path)
    if step.kind == "rename":
        yield from _bad_names(step, columns or (), path)


def _named(kind: StepKind, step: Step, path: Path) -> Iterator[Named]:
    """Every column that a field of the step names, with its place."""
    for field in kind.form.fields:
        value, place = step.values[field.name], (*path, field.name)
        if field.kind is FieldKind.COLUMN:
            yield value, place
        elif field.kind is FieldKind.COLUMNS:
            yield from ((name, (*place, str(index))) for index, name in enumerate(value))
        elif field.kind in _NAMING:
            yield from ((name, (*place, readable(name))) for name in value)


def _misused(kind: StepKind, step: Step, named: Iterable[Named]) -> Iterator[Problem]:
    for name, place in named:
        sort = kind_of(name)
        if name in _ALWAYS and step.kind != "select":
            yield Problem(Code.INVALID, f"{name} says which row this is, and stays as it is.", place)
        elif sort is ColumnKind.LABEL and kind.group is not Group.COLUMNS:
            message = f"{readable(name)} is a label: it knows the future. Nothing may be made of it."
            yield Problem(Code.INVALID, message, place)
        elif name == SPLIT and step.kind not in {"select", "drop"}:
            yield Problem(Code.INVALID, f"{name} says which part a row is in, and stays as it is.", place)
        elif step.kind == "normalise" and sort is ColumnKind.MARKET and not step.values["suffix"]:
            message = f"{name} is a price or size that is traded on, and stays as it is. Give a suffix for a copy."
            yield Problem(Code.INVALID, message, place)


def _not_there(kind: StepKind, step: Step, named: Iterable[Named], columns: Columns, path: Path) -> Iterator[Problem]:
    for name, place in named:
        if name not in columns:
            message = f'There is no column "{readable(name)}" at this step.{hint(name, columns)}'
            yield Problem(Code.UNKNOWN, message, place)
    missing = [name for name in dict.fromkeys(kind.needs(step.values)) if name not in columns]
    if missing:
        message = f"{kind.form.title} needs {_listed(missing)}, which the data does not have at this step."
        yield Problem(Code.REQUIRED, message, (*path, "kind"))


def _doubled(step: Step, columns: Columns, path: Path) -> Iterator[Problem]:
    made = made_by(step, columns)
    taken = [name for place, name in enumerate(made) if name in columns or name in made[:place]]
    if taken:
        message = f"There is already {_listed(list(dict.fromkeys(taken)))}. Drop or rename it, or leave this step out."
        yield Problem(Code.ALREADY_EXISTS, message, (*path, "kind"))
    if len(columns) + len(made) > MAX_COLUMNS:
        message = f"A dataset may have at most {MAX_COLUMNS:,} columns."
        yield Problem(Code.TOO_LONG, message, (*path, "kind"))


def _bad_names(step: Step, columns: Columns, path: Path) -> Iterator[Problem]:
    names: dict[str, str] = step.values["names"]
    others = {name for name in columns if name not in names}
    for old, new in names.items():
        place = (*path, "names", readable(old))
        if kind_of(new) is ColumnKind.META or (kind_of(old) is ColumnKind.LABEL) != (kind_of(new) is ColumnKind.LABEL):
            message = f"{readable(old)} cannot become {readable(new)}: names that begin with label_ are for labels."
            yield Problem(Code.INVALID, message, place)
        elif new in others or list(names.values()).count(new) > 1:
            message = f'There would be two columns named "{readable(new)}". Choose another name.'
            yield Problem(Code.ALREADY_EXISTS, message, place)


def _listed(names: list[str]) -> str:
    shown = ", ".join(readable(name) for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
