"""How values, ranges and near misses are said to people."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from domain.catalogue.model import Kind, Parameter
from domain.text import counted, readable

# What other libraries and papers call the same thing.
_ALSO_KNOWN_AS = {
    "lr": "learning_rate",
    "gamma": "discount",
    "clip": "clip_range",
    "clip_grad_norm": "max_gradient_norm",
    "commission": "transaction_cost",
    "epsilon_start": "exploration_start",
    "epsilon_end": "exploration_end",
    "epsilon": "exploration_end",
    "explore_rate": "exploration_end",
    "fee": "transaction_cost",
    "initial_amount": "initial_capital",
    "memory_capacity": "buffer_size",
    "net_arch": "hidden_layers",
    "num_envs": "parallel_environments",
    "time_steps": "lookback",
    "transaction_cost_pct": "transaction_cost",
    "window": "lookback",
    "window_length": "lookback",
}

_LONGEST_NAME = 60
_WANTED = {
    Kind.INTEGER: "a whole number",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.CHOICE: "a text",
    Kind.INTEGER_LIST: "a list of whole numbers",
}


def hint(given: str, known: Iterable[str]) -> str:
    """The name that was probably meant, as a sentence with a space before it, or nothing."""
    names = list(known)
    short = given[:_LONGEST_NAME].strip().lower()
    meant = _ALSO_KNOWN_AS.get(short)
    near = [meant] if meant in names else get_close_matches(short, names, n=1)
    return f' Did you mean "{near[0]}"?' if near else ""


def wanted(kind: Kind) -> str:
    return _WANTED[kind]


def shown(value: object) -> str:
    """A client's value in a message: never long, never deep."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return f"{value:,}" if value.bit_length() <= 64 else "a huge number"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, str):
        return f'the text "{readable(value)}"'
    return "a list" if isinstance(value, list | tuple) else "an object"


def shown_default(parameter: Parameter) -> str:
    default = parameter.default
    if isinstance(default, tuple):
        return f"[{', '.join(str(item) for item in default)}]"
    return default if isinstance(default, str) else shown(default)


def shown_range(parameter: Parameter) -> str:
    """The range of a number, as in "more than 0 and at most 0.1"."""
    low = "more than" if parameter.exclusive_minimum else "at least"
    high = "less than" if parameter.exclusive_maximum else "at most"
    return f"{low} {shown(parameter.minimum)} and {high} {shown(parameter.maximum)}"


def shown_length(parameter: Parameter) -> str:
    return f"{parameter.min_items} to {counted(parameter.max_items or 0, 'number')}"
