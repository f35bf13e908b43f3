"""General algorithms that spread money over several assets."""

from __future__ import annotations

from domain.catalogue.algorithms.compose import compose
from domain.catalogue.model import Algorithm, AlgorithmName, Family, TaskType
from domain.catalogue.parameters.environment import PORTFOLIO
from domain.catalogue.parameters.policy import (
    ACTION_NOISE,
    ALPHA,
    ALPHA_AUTO,
    BASELINE,
    CLIP_RANGE,
    ENTROPY_WEIGHT,
    GAE_LAMBDA,
    NOISE_CLIP,
    POLICY_DELAY,
    POLICY_NOISE,
    ROLLOUT_LENGTH,
    TAU,
    UPDATE_EPOCHS,
    VALUE_WEIGHT,
)
from domain.catalogue.parameters.training import BATCH_SIZE, DISCOUNT, NETWORK, PARALLEL_ENVIRONMENTS, with_epochs
from domain.catalogue.parameters.value import REPLAY, WARMUP_STEPS
from domain.catalogue.rules import rules_for

# Tried on planted markets over several seeds. A position of today says little of what is earned ten days on, so that
# agents that look further mostly learn noise.
LOOKS_AHEAD = DISCOUNT.with_default(0.9)
_COMMON = with_epochs(20)
_BASE = (*_COMMON, LOOKS_AHEAD, PARALLEL_ENVIRONMENTS.with_default(16), *NETWORK, *PORTFOLIO)
_ROLLOUT = (*_BASE, ROLLOUT_LENGTH.with_default(8), ENTROPY_WEIGHT)
OFF_POLICY = (
    *_COMMON,
    LOOKS_AHEAD,
    PARALLEL_ENVIRONMENTS,
    *NETWORK,
    *PORTFOLIO,
    BATCH_SIZE.with_default(128),
    *REPLAY,
    WARMUP_STEPS,
    TAU,
)
WIDE_NOISE = ACTION_NOISE.with_default(0.5)

_PPO = compose(*_ROLLOUT, BATCH_SIZE, UPDATE_EPOCHS, GAE_LAMBDA, CLIP_RANGE, VALUE_WEIGHT, batch_size=128)
_A2C = compose(*_ROLLOUT, GAE_LAMBDA, VALUE_WEIGHT)
_PG = compose(*_ROLLOUT, BASELINE)
_DDPG = compose(*OFF_POLICY, WIDE_NOISE, learning_rate=0.0003, weight_decay=10.0)
_TD3 = compose(*OFF_POLICY, WIDE_NOISE, POLICY_DELAY, POLICY_NOISE, NOISE_CLIP)
_SAC = compose(*OFF_POLICY, ALPHA, ALPHA_AUTO, alpha=0.01)

PORTFOLIO_ALGORITHMS = (
    Algorithm(
        task=TaskType.PORTFOLIO_MANAGEMENT,
        name=AlgorithmName.PPO,
        title="PPO",
        summary="Improves its weights in small, safe steps. Steady and forgiving about its settings; "
        "on daily stocks it is often no better than equal weights, so compare it with EIIE.",
        family=Family.ACTOR_CRITIC,
        reference="Schulman et al. 2017, Proximal policy optimization algorithms",
        parameters=_PPO,
        rules=rules_for(_PPO),
    ),
    Algorithm(
        task=TaskType.PORTFOLIO_MANAGEMENT,
        name=AlgorithmName.A2C,
        title="A2C",
        summary="An actor that trades and a judge that values, learning together from short rollouts. "
        "Simpler and faster than PPO, and less steady.",
        family=Family.ACTOR_CRITIC,
        reference="Mnih et al. 2016, Asynchronous methods for deep reinforcement learning",
        parameters=_A2C,
        rules=rules_for(_A2C),
    ),
    Algorithm(
        task=TaskType.PORTFOLIO_MANAGEMENT,
        name=AlgorithmName.PG,
        title="Policy gradient",
        summary="Makes what paid off more likely, and nothing else. The plainest algorithm, useful as a yardstick.",
        family=Family.POLICY_GRADIENT,
        reference="Williams 1992, Simple statistical gradient-following algorithms",
        parameters=_PG,
        rules=rules_for(_PG),
    ),
    Algorithm(
        task=TaskType.PORTFOLIO_MANAGEMENT,
        name=AlgorithmName.DDPG,
        title="DDPG",
        summary="Chooses exact weights and learns from all it remembers. Needs few data, but is sensitive to settings.",
        family=Family.ACTOR_CRITIC,
        reference="Lillicrap et al. 2016, Continuous control with deep reinforcement learning",
        parameters=_DDPG,
        rules=rules_for(_DDPG),
    ),
    Algorithm(
        task=TaskType.PORTFOLIO_MANAGEMENT,
        name=AlgorithmName.SAC,
        title="SAC",
        summary="Seeks profit while it keeps its choices open. Explores well and needs little tuning.",
        family=Family.ACTOR_CRITIC,
        reference="Haarnoja et al. 2018, Soft actor-critic",
        parameters=_SAC,
        rules=rules_for(_SAC),
    ),
    Algorithm(
        task=TaskType.PORTFOLIO_MANAGEMENT,
        name=AlgorithmName.TD3,
        title="TD3",
        summary="DDPG with two judges and slower steps. Use it where DDPG promises more than it keeps.",
        family=Family.ACTOR_CRITIC,
        reference="Fujimoto et al. 2018, Addressing function approximation error in actor-critic methods",
        parameters=_TD3,
        rules=rules_for(_TD3),
    ),
)
