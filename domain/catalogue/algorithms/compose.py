"""Puts an algorithm together from shared parameters and its own defaults."""

from __future__ import annotations

from domain.catalogue.model import Group, Parameter, Value

_ORDER = {group: place for place, group in enumerate(Group)}


def compose(*parameters: Parameter, **defaults: Value) -> tuple[Parameter, ...]:
    """The parameters by group, the advanced ones last in each, with the defaults that this algorithm has for itself."""
    named = {parameter.name: parameter for parameter in parameters}
    if len(named) < len(parameters):
        raise ValueError("A parameter was given twice.")
    for name, default in defaults.items():
        named[name] = named[name].with_default(default)
    return tuple(sorted(named.values(), key=lambda parameter: (_ORDER[parameter.group], parameter.advanced)))
