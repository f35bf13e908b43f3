"""stable-baselines3 on the same portfolio: the same situations, weights, gains and costs, one account for each."""

from typing import Any

import gymnasium
import numpy as np
import torch
from stable_baselines3 import PPO, SAC
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import DummyVecEnv
from torch import Tensor

from workers.engines.embedded.environments.holdings import Seen
from workers.engines.embedded.environments.portfolio import PortfolioTask

ENVIRONMENTS = 8
SHARPNESS = 3.0


class PortfolioEnv(gymnasium.Env):
    """Plain numpy, long only: scores in, as for our own agents, and nothing is looked up that could be known before."""

    def __init__(self, task: PortfolioTask, begin: int) -> None:
        span = task.places("train")
        self._first, self._stop, self._place = span.start, span.stop, begin
        self._windows = task.windows(torch.arange(task.lookback - 1, span.stop + 1)).flatten(1).numpy().copy()
        self._returns, self._unit, self._cost = task.returns.numpy(), task.unit, task.cost
        self._lookback, self._held = task.lookback, np.zeros(task.assets, np.float32)
        width = self._windows.shape[1] + task.assets
        self.observation_space = gymnasium.spaces.Box(-10, 10, (width,), np.float32)
        self.action_space = gymnasium.spaces.Box(-1, 1, (task.assets,), np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        if self._place >= self._stop:
            self._place = self._first
        self._held = np.zeros_like(self._held)
        return self._see(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        scores = np.exp(SHARPNESS * action)
        weights = scores / (1.0 + scores.sum())
        returns = self._returns[self._place]
        gain = float(weights @ returns) - self._cost * float(np.abs(weights - self._held).sum())
        self._held = (weights * (1 + returns) / (1 + gain)).astype(np.float32)
        self._place += 1
        reward = float(np.log1p(max(gain, -0.99)) / self._unit)
        return self._see(), reward, gain <= -1, self._place >= self._stop, {}

    def _see(self) -> Any:
        return np.concatenate((self._windows[self._place - self._lookback + 1], self._held))


class Rival:
    """Its PPO or SAC: with our settings so far as it has them, or as it comes but for discount and learning rate."""

    def __init__(self, task: PortfolioTask, algorithm: str, config: dict[str, Any], *, same: bool) -> None:
        kind: type[BaseAlgorithm] = {"ppo": PPO, "sac": SAC}[algorithm]
        settings = {"ppo": _ppo, "sac": _sac}[algorithm](config) if same else {}
        span, count = task.places("train"), config["parallel_environments"] if same else ENVIRONMENTS
        begins = np.linspace(span.start, span.stop - 2, count).astype(int)
        self._task = task
        self.model = kind(
            "MlpPolicy",
            DummyVecEnv([lambda begin=begin: PortfolioEnv(task, int(begin)) for begin in begins]),
            learning_rate=config["learning_rate"],
            gamma=config["discount"],
            policy_kwargs={"net_arch": list(config["hidden_layers"]), **settings.pop("nets", {})},
            seed=1,
            device="cpu",
            **settings,
        )

    def play(self, until: int) -> "Rival":
        self.model.learn(until - self.model.num_timesteps, reset_num_timesteps=False)
        return self

    @torch.no_grad()
    def act(self, observation: Seen) -> Tensor:
        seen = torch.cat((observation.windows.flatten(1), observation.held), -1)
        scores, _ = self.model.predict(seen.numpy(), deterministic=True)
        return self._task.limits.spread(torch.from_numpy(scores).clamp(-1, 1), observation.tradable)


def _ppo(config: dict[str, Any]) -> dict[str, Any]:
    return {
        "n_steps": config["rollout_length"],
        "batch_size": config["batch_size"],
        "n_epochs": config["update_epochs"],
        "gae_lambda": config["gae_lambda"],
        "clip_range": config["clip_range"],
        "ent_coef": config["entropy_weight"],
        "vf_coef": config["value_weight"],
        "max_grad_norm": config["max_gradient_norm"],
        "nets": _adamw(config),
    }


def _sac(config: dict[str, Any]) -> dict[str, Any]:
    return {
        "batch_size": config["batch_size"],
        "buffer_size": config["buffer_size"],
        "learning_starts": config["warmup_steps"],
        "gradient_steps": config["updates_per_step"],
        "tau": config["tau"],
        "ent_coef": f"auto_{config['alpha']}",
        "nets": _adamw(config),
    }


def _adamw(config: dict[str, Any]) -> dict[str, Any]:
    return {"optimizer_class": torch.optim.AdamW, "optimizer_kwargs": {"weight_decay": config["weight_decay"]}}
