"""A form that was filled in: every problem at once, and the whole of it in canonical form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.catalogue.model import Rule
from domain.catalogue.wording import hint, shown
from domain.datasets.forms.checks import Path, canonical, problems_of
from domain.datasets.forms.model import Field, Form
from domain.errors import Code, Problem
from domain.text import readable

__all__ = ["Path", "read_form"]


def read_form(form: Form, given: Mapping[str, Any], path: Path = ()) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The values, with defaults for what was left out, and all that is wrong. Values count only without problems."""
    problems = [*_unknown(form, given, path), *_missing(form, given, path)]
    for field in form.fields:
        if field.name in given:
            problems += problems_of(field, given[field.name], (*path, field.name))
    wrong = {problem.field[len(path)] for problem in problems}
    values = {field.name: _value(field, given, wrong) for field in form.fields}
    problems += [_broken(rule, values, given, path) for rule in form.rules if _is_broken(rule, values, wrong)]
    return values, tuple(problems)


def _unknown(form: Form, given: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    known = [field.name for field in form.fields]
    for name in given:
        if name not in known:
            advice = hint(str(name), known) or " Remove it."
            message = f'{form.title} has no field "{readable(str(name))}".{advice}'
            yield Problem(Code.UNKNOWN, message, (*path, readable(str(name))))


def _missing(form: Form, given: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    for field in form.fields:
        if field.required and field.name not in given:
            yield Problem(Code.REQUIRED, f"{form.title} needs {field.name}. {field.help}", (*path, field.name))


def _value(field: Field, given: Mapping[str, Any], wrong: set[str]) -> Any:
    usable = field.name in given and field.name not in wrong
    return canonical(field, given[field.name] if usable else field.default)


def _is_broken(rule: Rule, values: Mapping[str, Any], wrong: set[str]) -> bool:
    """A field that is wrong in itself is not judged twice."""
    return wrong.isdisjoint(rule.fields) and not rule.holds(values)


def _broken(rule: Rule, values: Mapping[str, Any], given: Mapping[str, Any], path: Path) -> Problem:
    field = next((name for name in rule.fields if name in given), rule.fields[0])
    facts = ", ".join(f"{name} is {shown(values[name])}" for name in rule.fields)
    return Problem(Code.OUT_OF_RANGE, f"{rule.text}. Here {facts}.", (*path, field))
