"""Algorithms that trade one instrument."""

from __future__ import annotations

from domain.catalogue.algorithms.compose import compose
from domain.catalogue.model import Algorithm, AlgorithmName, Family, TaskType
from domain.catalogue.parameters.environment import TRADING
from domain.catalogue.parameters.special import HINDSIGHT_HORIZON, HINDSIGHT_WEIGHT, RISK_HORIZON, RISK_WEIGHT
from domain.catalogue.parameters.training import BATCH_SIZE, COMMON, DISCOUNT, NETWORK, PARALLEL_ENVIRONMENTS
from domain.catalogue.parameters.value import DOUBLE, DUELING, EXPLORATION, N_STEP, REPLAY, TARGET_UPDATE
from domain.catalogue.rules import rules_for

_Q_LEARNING = (
    *COMMON,
    BATCH_SIZE.with_default(512),
    DISCOUNT.with_default(0.9),
    PARALLEL_ENVIRONMENTS,
    *NETWORK,
    DUELING,
    *EXPLORATION,
    *REPLAY,
    TARGET_UPDATE,
    N_STEP,
    *TRADING,
)

# Tried on planted markets over several seeds: features know the past already, and a longer lookback only adds to what
# can be learned by heart.
_DQN = compose(*_Q_LEARNING, DOUBLE, epochs=50, learning_rate=0.0005, weight_decay=12.0, buffer_size=10_000, lookback=1)
_DDQN = compose(*_Q_LEARNING, epochs=25, learning_rate=0.0005, weight_decay=12.0, buffer_size=10_000, lookback=1)
_DEEPSCALPER = compose(
    *_Q_LEARNING,
    DOUBLE,
    RISK_WEIGHT,
    RISK_HORIZON,
    HINDSIGHT_WEIGHT,
    HINDSIGHT_HORIZON,
    epochs=25,
    learning_rate=0.0005,
    weight_decay=8.0,
    lookback=1,
    double=True,
    dueling=True,
    position_levels=5,
)

TRADING_ALGORITHMS = (
    Algorithm(
        task=TaskType.ALGORITHMIC_TRADING,
        name=AlgorithmName.DQN,
        title="DQN",
        summary="Learns what each position is worth in each market situation and takes the best one. "
        "A good first choice for one instrument: quick, and easy to judge.",
        family=Family.VALUE_BASED,
        reference="Mnih et al. 2015, Human-level control through deep reinforcement learning",
        parameters=_DQN,
        rules=rules_for(_DQN),
    ),
    Algorithm(
        task=TaskType.ALGORITHMIC_TRADING,
        name=AlgorithmName.DDQN,
        title="Double DQN",
        summary="DQN with two networks, one to choose and one to judge, so that it does not fall for its own optimism. "
        "Use it where DQN looks far better in training than in validation.",
        family=Family.VALUE_BASED,
        reference="van Hasselt et al. 2016, Deep reinforcement learning with double Q-learning",
        parameters=_DDQN,
        rules=rules_for(_DDQN),
    ),
    Algorithm(
        task=TaskType.ALGORITHMIC_TRADING,
        name=AlgorithmName.DEEPSCALPER,
        title="DeepScalper",
        summary="A DQN that also learns to foresee volatility and is taught with hindsight. "
        "Made for short trades within the day, where risk changes quickly.",
        family=Family.VALUE_BASED,
        reference="Sun et al. 2022, DeepScalper: a risk-aware framework for fleeting intraday opportunities",
        parameters=_DEEPSCALPER,
        rules=rules_for(_DEEPSCALPER),
    ),
)
