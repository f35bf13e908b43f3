"""Rollouts: some steps in a row of all accounts, and what they say about each action.

Most of what an account earns is the market's doing. As no agent moves the market, what the best guess would have earned
at the same bar can be looked up: only the difference to it is learned from. It has the same gradient and far less noise
(Mao and others, 2018, on environments that are driven from outside).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from workers.engines.embedded.environments.holdings import Seen
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.parts.advantages import carried_back
from workers.engines.embedded.parts.assets import Spreading
from workers.engines.embedded.parts.distributions import Normal, Tried
from workers.engines.embedded.parts.portfolios import PortfolioLearner
from workers.engines.embedded.shapes import Config


class Rollout(NamedTuple):
    """A row for each step, a column for each account. What was seen is gathered from the market again."""

    places: Tensor
    held: Tensor
    action: Tensor
    reward: Tensor
    expected: Tensor
    """What the best guess would have earned, before costs."""
    alive: Tensor
    over: Tensor

    @property
    def excess(self) -> Tensor:
        return self.reward - self.expected

    @property
    def size(self) -> int:
        return self.reward.numel()


def advantages(rollout: Rollout, values: Tensor, discount: float, smoothing: float) -> Tensor:
    """How much better each action turned out than was expected; `values` has one row more than the rollout.

    Where the split ended, the account would have gone on: the value of its last bar stands for what was to come."""
    going = discount * rollout.alive
    following = torch.where(rollout.over, values[:-1], values[1:])
    surprises = rollout.excess + going * following - values[:-1]
    kept = going * smoothing * ~rollout.over
    return carried_back(surprises, kept)


def earned(rollout: Rollout, discount: float) -> Tensor:
    """From each step to the end of the rollout, later rewards counting less."""
    nothing = rollout.reward.new_zeros(len(rollout.reward) + 1, rollout.reward.shape[1])
    return advantages(rollout, nothing, discount, 1.0)


class Deviation(nn.Module):
    """How far from its best guess an agent tries actions."""

    def __init__(self) -> None:
        super().__init__()
        self.log = nn.Parameter(torch.zeros(()))


class RolloutLearner(PortfolioLearner):
    """Tries actions, and learns from what came of them. An action is scores, if nothing else is said."""

    def __init__(self, task: PortfolioTask, config: Config, seed: int, nets: Mapping[str, nn.Module]) -> None:
        super().__init__(task, config, seed, nets, config["parallel_environments"])
        self.policy = Spreading(self.network, task.limits)

    @property
    def deviation(self) -> Tensor:
        """The logarithm of how far from its best guess the agent tries actions."""
        return cast("Deviation", self.nets["deviation"]).log

    def tried(self, seen: Seen) -> Tried:
        """What the agent would try here, and how likely each action is."""
        return Normal(self.network(seen.windows, seen.held), self.deviation, seen.tradable)

    def weigh(self, action: Tensor, seen: Seen) -> Tensor:
        """The weights that an action stands for."""
        return self.task.limits.spread(action, seen.tradable)

    @torch.no_grad()
    def play(self) -> Rollout:
        rows = []
        for _ in range(self.config["rollout_length"]):
            seen = self.accounts.see()
            tried = self.tried(seen)
            action = tried.sample(self.chance)
            played = self.accounts.step(self.weigh(action, seen))
            expected = self.task.gross(played.places, self.weigh(tried.mean, seen))
            rows.append((played.places, played.held, action, played.reward, expected, played.alive, played.over))
        rollout = Rollout(*(torch.stack(column) for column in zip(*rows, strict=True)))
        self.steps += rollout.size
        self.means.add(reward=rollout.reward.mean())
        return rollout

    def seen(self, rollout: Rollout) -> Seen:
        """What was seen, all steps in one batch."""
        return self.task.see(rollout.places.flatten(), rollout.held.flatten(0, 1))

    @torch.no_grad()
    def values(self, rollout: Rollout) -> Tensor:
        """What the critic expects at each step, and after the last one."""
        places = torch.cat((rollout.places, self.accounts.places.unsqueeze(0)))
        held = torch.cat((rollout.held, self.accounts.held.unsqueeze(0)))
        worth: Tensor = self.nets["critic"](self.task.windows(places.flatten()), held.flatten(0, 1))
        return worth.view_as(places)
