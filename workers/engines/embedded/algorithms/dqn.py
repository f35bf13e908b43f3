"""DQN: learns what each position is worth in each situation, and takes the best one.

A step that is remembered is three small numbers: the bar, what was held, what was chosen. What followed is the market's
to tell, so that reward and next situation are looked up again when the step is learned from.
"""

from __future__ import annotations

from copy import deepcopy
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import smooth_l1_loss

from workers.engines.embedded.environments.trading import TradingTask
from workers.engines.embedded.environments.trading_accounts import Accounts
from workers.engines.embedded.parts.nets import Dueling, activation_of, generator_of, mlp, start
from workers.engines.embedded.parts.optim import AdamW, Means, descend, follow
from workers.engines.embedded.parts.replay import Replay
from workers.engines.embedded.shapes import Config, Measures, State


def network(task: TradingTask, config: Config) -> nn.Module:
    """From a situation to the worth of each position."""
    *body, last = config["hidden_layers"]
    if not config["dueling"]:
        return mlp(task.width, (*body, last), task.actions, config["activation"])
    return nn.Sequential(
        mlp(task.width, body, last, config["activation"]),
        activation_of(config["activation"]),
        Dueling(last, task.actions),
    )


class Greedy:
    """Takes what is worth most."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network

    @torch.no_grad()
    def act(self, observation: Tensor) -> Tensor:
        worth: Tensor = self._network(observation)
        return worth.argmax(-1)


def policy(task: TradingTask, config: Config, network: nn.Module) -> Greedy:  # noqa: ARG001 - the same for all
    return Greedy(network)


def learner(task: TradingTask, config: Config, seed: int) -> QLearner:
    return QLearner(task, config, seed, network(task, config), double=config["double"])


class Lesson(NamedTuple):
    """A batch to learn from: where and what, what it earned on the way, and where that led, if anywhere."""

    places: Tensor
    held: Tensor
    chosen: Tensor
    reward: Tensor
    discount: Tensor
    """What the worth of the last situation counts. 0 where all was lost."""
    last: Tensor
    left: Tensor
    """What is held there."""


class QLearner:
    """Plays by chance at first and by its own judgement later, and learns from what it remembers."""

    def __init__(self, task: TradingTask, config: Config, seed: int, network: nn.Module, *, double: bool) -> None:
        self.task, self.config, self.network, self._double = task, config, network, double
        self._chance = generator_of(seed, task.market.device)
        start(network.to(task.market.device), self._chance)
        self._slow = deepcopy(network).requires_grad_(requires_grad=False)
        self._parameters = list(network.parameters())
        self._optimizer = AdamW(self._parameters, config)
        self._count: int = config["parallel_environments"]
        self._accounts = Accounts(task, self._count, self._chance)
        self._replay = self._empty_replay()
        self._exploring = config["exploration_fraction"] * config["epochs"] * task.train_steps
        self.policy = Greedy(network)
        self.steps = 0
        self._updates = 0

    def learn(self, until: int) -> Measures:
        """Play and learn up to this step."""
        means = Means()
        while self.steps < until:
            gain = self._play()
            means.add(reward=gain.mean())
            if self.steps > self.config["warmup_steps"] and self._replay.added >= self.config["n_step"]:
                for _ in range(self.config["updates_per_step"]):
                    means.add(loss=self._update())
        return {**means.taken(), "exploration": self._exploration()}

    def state(self) -> State:
        return {
            "network": self.network.state_dict(),
            "slow": self._slow.state_dict(),
            "optimizer": self._optimizer.state(),
            "replay": self._replay.state(),
            "accounts": self._accounts.state(),
            "chance": self._chance.get_state(),
            "steps": self.steps,
            "updates": self._updates,
        }

    def restore(self, state: State) -> None:
        self.network.load_state_dict(state["network"])
        self._slow.load_state_dict(state["slow"])
        self._optimizer.restore(state["optimizer"])
        self._replay.restore(state["replay"])
        self._accounts.restore(state["accounts"])
        self._chance.set_state(state["chance"])
        self.steps, self._updates = state["steps"], state["updates"]

    def loss(self, lesson: Lesson) -> Tensor:
        """How far the judgement is from what was earned and what is expected after it."""
        worth: Tensor = self.network(self.task.see(lesson.places, lesson.held))
        judged = worth.gather(1, lesson.chosen[:, None]).squeeze(1)
        return smooth_l1_loss(judged, lesson.reward + lesson.discount * self.expected(lesson))

    @torch.no_grad()
    def expected(self, lesson: Lesson) -> Tensor:
        """What the slow copy expects after the lesson, which the network itself may have to choose."""
        situation = self.task.see(lesson.last, lesson.left)
        worth: Tensor = self._slow(situation)
        if not self._double:
            return worth.amax(-1)
        best: Tensor = self.network(situation).argmax(-1, keepdim=True)
        return worth.gather(1, best).squeeze(1)

    def reward(self, places: Tensor, chosen: Tensor, gain: Tensor) -> Tensor:  # noqa: ARG002 - others reward more
        """What is learned from: the gain, in usual moves of the price."""
        return (gain / self.task.unit).float()

    def _play(self) -> Tensor:
        chosen = self._choose()
        played = self._accounts.step(chosen)
        self._replay.add(places=played.places, held=played.held, chosen=chosen)
        self.steps += self._count
        return played.gain

    def _choose(self) -> Tensor:
        share = self._exploration()
        device = self._chance.device
        by_chance = torch.randint(self.task.actions, (self._count,), generator=self._chance, device=device)
        if share >= 1:
            return by_chance
        curious = torch.rand(self._count, generator=self._chance, device=device) < share
        return torch.where(curious, by_chance, self.policy.act(self._accounts.see()))

    def _exploration(self) -> float:
        """How often chance decides: always while warming up, then less and less."""
        if self.steps < self.config["warmup_steps"]:
            return 1.0
        first, last = self.config["exploration_start"], self.config["exploration_end"]
        gone = min(self.steps / self._exploring, 1.0)
        return float(first + (last - first) * gone)

    def _update(self) -> Tensor:
        loss = self.loss(self._lesson())
        descend(loss, self._optimizer, self._parameters, self.config["max_gradient_norm"])
        self._updates += 1
        if self._updates % self.config["target_update"] == 0:
            follow(self._slow, self.network, 1.0)
        return loss

    def _lesson(self) -> Lesson:
        """Rewards of several steps are added up, as far as one episode goes."""
        run = self._replay.runs(self.config["batch_size"], self.config["n_step"], self._chance)
        places, held, chosen = run["places"].long(), run["held"].long(), run["chosen"].long()
        reward, discount = self._earned(places[0], held[0], chosen[0])
        last, left = places[0] + 1, chosen[0]
        for step in range(1, len(places)):
            # An account that began anew does not stand where the step before has led to.
            goes_on = (places[step] == last) & (held[step] == left) & (discount > 0)
            more, further = self._earned(places[step], held[step], chosen[step])
            reward = reward + goes_on * discount * more
            discount = torch.where(goes_on, discount * further, discount)
            last = torch.where(goes_on, places[step] + 1, last)
            left = torch.where(goes_on, chosen[step], left)
        return Lesson(places[0], held[0], chosen[0], reward, discount, last, left)

    def _earned(self, places: Tensor, held: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
        """The reward of a step, and what comes after it counts: nothing where all was lost."""
        gain, _ = self.task.settle(places, held, chosen)
        return self.reward(places, chosen, gain), self.config["discount"] * (gain > -1.0)

    def _empty_replay(self) -> Replay:
        small = torch.zeros(self._count, dtype=torch.uint8, device=self.task.market.device)
        example = {"places": small.int(), "held": small, "chosen": small}
        return Replay(self.config["buffer_size"], self._count, example)
