"""Algorithms that were made for portfolios."""

from __future__ import annotations

from domain.catalogue.algorithms.compose import compose
from domain.catalogue.algorithms.portfolio import LOOKS_AHEAD, OFF_POLICY, WIDE_NOISE
from domain.catalogue.model import Algorithm, AlgorithmName, Family, TaskType
from domain.catalogue.parameters.environment import PORTFOLIO
from domain.catalogue.parameters.policy import ENTROPY_WEIGHT, ROLLOUT_LENGTH
from domain.catalogue.parameters.special import (
    DROPOUT,
    FILTERS,
    KERNEL_SIZE,
    MARKET_REWARD,
    MARKET_UNITS,
    PREDICTOR_EPOCHS,
    PREDICTOR_HORIZON,
    PREDICTOR_UNITS,
    RECENCY_BIAS,
    SELECTION_FRACTION,
)
from domain.catalogue.parameters.training import BATCH_SIZE, COMMON, NETWORK, PARALLEL_ENVIRONMENTS, with_epochs
from domain.catalogue.rules import rules_for

_EIIE = compose(
    *COMMON,
    BATCH_SIZE,
    ROLLOUT_LENGTH,
    RECENCY_BIAS,
    KERNEL_SIZE,
    FILTERS,
    *PORTFOLIO,
    # An epoch is one update and a bit: it learns from many bars at once.
    epochs=60,
    learning_rate=0.003,
    batch_size=64,
    rollout_length=16,
    weight_decay=0.1,
)
_SARL = compose(
    *OFF_POLICY,
    WIDE_NOISE,
    PREDICTOR_UNITS,
    PREDICTOR_EPOCHS,
    PREDICTOR_HORIZON,
    learning_rate=0.0003,
    weight_decay=10.0,
)
_ROLLOUT = (
    *with_epochs(20),
    LOOKS_AHEAD,
    PARALLEL_ENVIRONMENTS.with_default(16),
    ROLLOUT_LENGTH.with_default(8),
    ENTROPY_WEIGHT,
)
_DEEPTRADER = compose(
    *_ROLLOUT,
    KERNEL_SIZE,
    FILTERS,
    DROPOUT,
    MARKET_UNITS,
    SELECTION_FRACTION,
    MARKET_REWARD,
    *PORTFOLIO,
    kernel_size=2,
    filters=(12, 12, 12),
    weight_decay=0.1,
    allow_short=True,
)
_INVESTOR_IMITATOR = compose(*_ROLLOUT, *NETWORK, SELECTION_FRACTION, *PORTFOLIO, hidden_layers=(128,))

PORTFOLIO_SPECIAL_ALGORITHMS = (
    Algorithm(
        task=TaskType.PORTFOLIO_MANAGEMENT,
        name=AlgorithmName.EIIE,
        title="EIIE",
        summary="Scores every asset with the same small network and turns the scores into weights. "
        "The best first choice for portfolios: few settings, quick, and hard to overfit.",
        family=Family.POLICY_GRADIENT,
        reference="Jiang et al. 2017, A deep reinforcement learning framework for the financial portfolio problem",
        parameters=_EIIE,
        rules=rules_for(_EIIE),
    ),
    Algorithm(
        task=TaskType.PORTFOLIO_MANAGEMENT,
        name=AlgorithmName.SARL,
        title="SARL",
        summary="Foresees which assets will rise, and lets a DDPG agent trade on prices and forecasts together. "
        "Use it when you have features that should predict returns.",
        family=Family.ACTOR_CRITIC,
        reference="Ye et al. 2020, Portfolio management with augmented asset movement prediction states",
        parameters=_SARL,
        rules=rules_for(_SARL),
    ),
    Algorithm(
        task=TaskType.PORTFOLIO_MANAGEMENT,
        name=AlgorithmName.DEEPTRADER,
        title="DeepTrader",
        summary="Ranks the assets and, apart from that, decides how much risk the market deserves. "
        "Made for long and short portfolios through rising and falling markets.",
        family=Family.POLICY_GRADIENT,
        reference="Wang et al. 2021, DeepTrader: risk-return balanced portfolio management with market conditions",
        parameters=_DEEPTRADER,
        rules=rules_for(_DEEPTRADER),
    ),
    Algorithm(
        task=TaskType.PORTFOLIO_MANAGEMENT,
        name=AlgorithmName.INVESTOR_IMITATOR,
        title="Investor imitator",
        summary="Learns when to follow which simple kind of investor, such as a momentum or a value buyer. "
        "Its decisions are easy to explain.",
        family=Family.IMITATION,
        reference="Ding et al. 2018, Investor-Imitator: a framework for trading knowledge extraction",
        parameters=_INVESTOR_IMITATOR,
        rules=rules_for(_INVESTOR_IMITATOR),
    ),
)
