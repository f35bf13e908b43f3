"""A configuration against its algorithm: every problem at once, each with its field and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from domain.catalogue.kinds import canonical, problems_of
from domain.catalogue.model import Algorithm, Parameter, Rule
from domain.catalogue.offer import find
from domain.catalogue.wording import hint, shown
from domain.errors import Code, Problem, Refused
from domain.text import readable

MAX_KEYS = 100
_ROOT = "config"


def validate(task: str, algorithm: str, config: object) -> tuple[Problem, ...]:
    """All that is wrong with this configuration; nothing when it can be used."""
    try:
        complete(task, algorithm, config)
    except Refused as refused:
        return refused.problems
    return ()


def complete(task: str, algorithm: str, config: object) -> dict[str, object]:
    """The whole configuration: what was given in canonical form, defaults for the rest. Refuses a bad one."""
    found = find(task, algorithm)
    given = _bounded(config)
    problems = field_problems(found, given)
    problems += tuple(_rule_problems(found, given, problems))
    if problems:
        raise Refused(*problems)
    return _completed(found.parameters, given)


def field_problems(algorithm: Algorithm, config: Mapping[str, object]) -> tuple[Problem, ...]:
    """What is wrong with single fields, which is what the JSON Schema can say too."""
    known = {parameter.name: parameter for parameter in algorithm.parameters}
    return tuple(_each_field(algorithm, known, config))


def _bounded(config: object) -> Mapping[str, object]:
    """Only the first level is counted: a parameter never holds more than a short list, so no check goes deeper."""
    if not isinstance(config, Mapping):
        raise Refused.because(Code.INVALID, "The config must be an object of parameters and their values.", _ROOT)
    if len(config) > MAX_KEYS:
        message = f"The config may have at most {MAX_KEYS} entries; it has {len(config):,}."
        raise Refused.because(Code.TOO_LONG, message, _ROOT)
    return config


def _each_field(
    algorithm: Algorithm, known: Mapping[str, Parameter], config: Mapping[str, object]
) -> Iterator[Problem]:
    for name, value in config.items():
        path = (_ROOT, readable(name))
        if name in known:
            yield from problems_of(known[name], value, path)
        else:
            advice = hint(name, known) or " Remove it."
            yield Problem(Code.UNKNOWN, f'{algorithm.title} has no parameter "{readable(name)}".{advice}', path)


def _rule_problems(
    algorithm: Algorithm, config: Mapping[str, object], problems: Iterable[Problem]
) -> Iterator[Problem]:
    """Rules are judged on the values that stand; a field that is wrong in itself is not judged twice."""
    wrong = {problem.field[1] for problem in problems}
    usable = {name: value for name, value in config.items() if name not in wrong}
    values = _completed(algorithm.parameters, usable)
    for rule in algorithm.rules:
        if wrong.isdisjoint(rule.fields) and not rule.holds(values):
            yield _broken(rule, values, config)


def _broken(rule: Rule, values: Mapping[str, object], config: Mapping[str, object]) -> Problem:
    field = next((name for name in rule.fields if name in config), rule.fields[0])
    facts = ", ".join(
        f"{name} is {shown(values[name])}{'' if name in config else ' (the default)'}" for name in rule.fields
    )
    return Problem(Code.OUT_OF_RANGE, f"{rule.text}. Here {facts}.", (_ROOT, field))


def _completed(parameters: Iterable[Parameter], config: Mapping[str, object]) -> dict[str, object]:
    return {
        parameter.name: canonical(parameter, config.get(parameter.name, parameter.default)) for parameter in parameters
    }
