"""Algorithms that trade on the order book, second by second."""

from __future__ import annotations

from domain.catalogue.algorithms.compose import compose
from domain.catalogue.model import Algorithm, AlgorithmName, Family, TaskType
from domain.catalogue.parameters.environment import HIGH_FREQUENCY
from domain.catalogue.parameters.special import DEMONSTRATION_WEIGHT
from domain.catalogue.parameters.training import BATCH_SIZE, COMMON, DISCOUNT, NETWORK, PARALLEL_ENVIRONMENTS
from domain.catalogue.parameters.value import DUELING, EXPLORATION, N_STEP, REPLAY, TARGET_UPDATE
from domain.catalogue.rules import rules_for

_DDQN = compose(
    *COMMON,
    BATCH_SIZE,
    DISCOUNT,
    PARALLEL_ENVIRONMENTS,
    *NETWORK,
    DUELING,
    *EXPLORATION,
    *REPLAY,
    TARGET_UPDATE,
    N_STEP,
    DEMONSTRATION_WEIGHT,
    *HIGH_FREQUENCY,
    batch_size=512,
    lookback=1,
    n_step=3,
    weight_decay=1.0,
)

HIGH_FREQUENCY_ALGORITHMS = (
    Algorithm(
        task=TaskType.HIGH_FREQUENCY_TRADING,
        name=AlgorithmName.DDQN,
        title="Double DQN",
        summary="Chooses among several position sizes at every snapshot of the order book, "
        "and is shown while training what would have been best.",
        family=Family.VALUE_BASED,
        reference="van Hasselt et al. 2016, Deep reinforcement learning with double Q-learning",
        parameters=_DDQN,
        rules=rules_for(_DDQN),
    ),
)
