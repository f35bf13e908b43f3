"""stable-baselines3 on the same market: the same situations, gains and costs, one account for each environment."""

from typing import Any

import gymnasium
import numpy as np
import torch
from stable_baselines3 import DQN
from stable_baselines3.common.vec_env import DummyVecEnv
from torch import Tensor

from workers.engines.embedded.environments.trading import TradingTask

ENVIRONMENTS = 8


class TradingEnv(gymnasium.Env):
    """Plain numpy: nothing is looked up that could be worked out before."""

    def __init__(self, task: TradingTask, begin: int) -> None:
        span = task.span("train")
        self._first, self._stop, self._place = span.start, span.stop, begin
        self._windows = task.market.windows(task.lookback).flatten(1).numpy().copy()
        self._returns = task.returns.numpy()
        self._levels = task.levels.numpy()
        self._lookback, self._cost, self._unit, self._flat = task.lookback, task.cost, task.unit, task.flat
        self._held = self._flat
        self.observation_space = gymnasium.spaces.Box(-10, 10, (task.width,), np.float32)
        self.action_space = gymnasium.spaces.Discrete(task.actions)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        if self._place + 1 >= self._stop:
            self._place = self._first
        self._held = self._flat
        return self._see(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        held, moved = self._levels[self._held], self._returns[self._place]
        wanted = self._levels[action]
        drifted = held * (1 + moved) / max(1 + held * moved, 1e-9)
        gain = wanted * self._returns[self._place + 1] - self._cost * abs(wanted - drifted)
        self._place += 1
        self._held = int(action)
        return self._see(), float(gain / self._unit), bool(gain <= -1), self._place >= self._stop, {}

    def _see(self) -> Any:
        window = self._windows[self._place - self._lookback + 1]
        return np.append(window, np.float32(self._levels[self._held] / self._levels[-1]))


class Rival:
    """Its DQN with our settings, so far as it knows them."""

    def __init__(
        self, task: TradingTask, config: dict[str, Any], steps: int, *, steps_for_an_update: int, batch_size: int
    ) -> None:
        span = task.span("train")
        begins = np.linspace(span.start, span.stop - 2, ENVIRONMENTS).astype(int)
        self._model = DQN(
            "MlpPolicy",
            DummyVecEnv([lambda begin=begin: TradingEnv(task, int(begin)) for begin in begins]),
            learning_rate=config["learning_rate"],
            buffer_size=config["buffer_size"],
            learning_starts=config["warmup_steps"],
            batch_size=batch_size,
            gamma=config["discount"],
            train_freq=(max(steps_for_an_update // ENVIRONMENTS, 1), "step"),
            gradient_steps=max(ENVIRONMENTS // steps_for_an_update, 1),
            target_update_interval=config["target_update"] * steps_for_an_update,
            exploration_fraction=config["exploration_fraction"],
            exploration_initial_eps=config["exploration_start"],
            exploration_final_eps=config["exploration_end"],
            max_grad_norm=config["max_gradient_norm"],
            policy_kwargs={
                "net_arch": list(config["hidden_layers"]),
                "optimizer_class": torch.optim.AdamW,
                "optimizer_kwargs": {"weight_decay": config["weight_decay"]},
            },
            seed=1,
            device="cpu",
        )
        first, last, period = config["exploration_start"], config["exploration_end"], config["exploration_fraction"]
        # Each call of `learn` would take itself for the whole training.
        self._model.exploration_schedule = lambda _: max(
            first + (last - first) * self._model.num_timesteps / (steps * period), last
        )

    def play(self, until: int) -> "Rival":
        self._model.learn(until - self._model.num_timesteps, reset_num_timesteps=False)
        return self

    @torch.no_grad()
    def act(self, observation: Tensor) -> Tensor:
        return self._model.q_net(observation).argmax(-1)
