"""What must hold between parameters. A rule binds every algorithm that has all of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domain.catalogue.model import Parameter, Rule


def _levels_have_a_middle(values: Mapping[str, Any]) -> bool:
    return not values["allow_short"] or values["position_levels"] % 2 == 1


def _slices_fill_the_order(values: Mapping[str, Any]) -> bool:
    return bool(values["max_slice"] * values["horizon"] >= 1 - 1e-9)


RULES = (
    Rule(
        ("batch_size", "buffer_size"),
        "batch_size must not exceed buffer_size",
        lambda values: values["batch_size"] <= values["buffer_size"],
    ),
    Rule(
        ("warmup_steps", "buffer_size"),
        "warmup_steps must not exceed buffer_size",
        lambda values: values["warmup_steps"] <= values["buffer_size"],
    ),
    Rule(
        ("batch_size", "rollout_length", "parallel_environments"),
        "batch_size must not exceed rollout_length times parallel_environments",
        lambda values: values["batch_size"] <= values["rollout_length"] * values["parallel_environments"],
    ),
    Rule(
        ("exploration_end", "exploration_start"),
        "exploration_end must not exceed exploration_start",
        lambda values: values["exploration_end"] <= values["exploration_start"],
    ),
    Rule(
        ("weight_decay", "learning_rate"),
        "weight_decay times learning_rate must stay below 1, or each update would wipe out the network",
        lambda values: values["weight_decay"] * values["learning_rate"] < 1,
    ),
    Rule(
        ("kernel_size", "lookback"),
        "kernel_size must not exceed lookback",
        lambda values: values["kernel_size"] <= values["lookback"],
    ),
    Rule(
        ("position_levels", "allow_short"),
        "position_levels must be odd while allow_short is true, so that holding nothing is one of the levels",
        _levels_have_a_middle,
    ),
    Rule(
        ("max_slice", "horizon"),
        "max_slice times horizon must be at least 1, or the order cannot be finished",
        _slices_fill_the_order,
    ),
)


def rules_for(parameters: Iterable[Parameter]) -> tuple[Rule, ...]:
    names = {parameter.name for parameter in parameters}
    return tuple(rule for rule in RULES if names.issuperset(rule.fields))
