"""Algorithms that work off a large order."""

from __future__ import annotations

from domain.catalogue.algorithms.compose import compose
from domain.catalogue.model import Algorithm, AlgorithmName, Family, TaskType
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

_ETEO = compose(*_SHARED, hidden_layers=(128, 128))
_PD = compose(*_SHARED, DISTILLATION_WEIGHT, TEACHER_EPOCHS, recurrent_units=32)

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
