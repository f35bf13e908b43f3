"""Algorithms that work off a large order."""

from __future__ import annotations

from domain.catalogue.algorithms.compose import compose
from domain.catalogue.model import Algorithm, AlgorithmName, Family, TaskType, Value
from domain.catalogue.parameters.environment import EXECUTION
from domain.catalogue.parameters.policy import (
    CLIP_RANGE,
    ENTROPY_WEIGHT,
    GAE_LAMBDA,
    ROLLOUT_LENGTH,
    UPDATE_EPOCHS,
    VALUE_WEIGHT,
)
from domain.catalogue.parameters.special import DISTILLATION_WEIGHT, IMPACT_PENALTY, RECURRENT_UNITS, TEACHER_EPOCHS
from domain.catalogue.parameters.training import BATCH_SIZE, COMMON, DISCOUNT, NETWORK, PARALLEL_ENVIRONMENTS
from domain.catalogue.rules import rules_for

_SHARED = (
    *COMMON,
    BATCH_SIZE,
    DISCOUNT,
    PARALLEL_ENVIRONMENTS,
    ROLLOUT_LENGTH,
    *NETWORK,
    RECURRENT_UNITS,
    ENTROPY_WEIGHT,
    UPDATE_EPOCHS,
    GAE_LAMBDA,
    CLIP_RANGE,
    VALUE_WEIGHT,
    IMPACT_PENALTY,
    *EXECUTION,
)

# Tried on made-up books over several seeds: these beat trading evenly by more than one basis point.
_USUAL: dict[str, Value] = {
    "discount": 0.97,
    "entropy_weight": 0.003,
    "recurrent_units": 32,
    "update_epochs": 2,
    "rollout_length": 16,
}
_ETEO = compose(*_SHARED, **_USUAL, learning_rate=0.003, weight_decay=0.1)
_PD = compose(*_SHARED, DISTILLATION_WEIGHT, TEACHER_EPOCHS, **_USUAL, weight_decay=0.3)

EXECUTION_ALGORITHMS = (
    Algorithm(
        task=TaskType.ORDER_EXECUTION,
        name=AlgorithmName.ETEO,
        title="ETEO",
        summary="Reads the raw order book bar by bar and decides how much to trade next. "
        "Use it when you have order book data and want no hand-made features.",
        family=Family.ACTOR_CRITIC,
        reference="Lin and Beling 2020, An end-to-end optimal trade execution framework based on PPO",
        parameters=_ETEO,
        rules=rules_for(_ETEO),
    ),
    Algorithm(
        task=TaskType.ORDER_EXECUTION,
        name=AlgorithmName.PD,
        title="Policy distillation",
        summary="A teacher that sees the coming prices learns first; a student that does not learns from it. "
        "Use it when plain trial and error is too noisy to learn from.",
        family=Family.IMITATION,
        reference="Fang et al. 2021, Universal trading for order execution with oracle policy distillation",
        parameters=_PD,
        rules=rules_for(_PD),
    ),
)
