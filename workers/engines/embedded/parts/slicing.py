"""Proximal policy optimisation of an order: which slice to trade next, learned from windows of the train split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Generator, Tensor, nn

from workers.engines.embedded.environments.execution import ExecutionTask
from workers.engines.embedded.parts.advantages import carried_back, clipped_gain
from workers.engines.embedded.parts.nets import mlp, scale, start
from workers.engines.embedded.parts.optim import AdamW, Means, descend
from workers.engines.embedded.parts.orders import CHOICES, OWN, Glimpse, Place
from workers.engines.embedded.parts.recurrent import Reader
from workers.engines.embedded.shapes import Config, State


def reader(task: ExecutionTask, config: Config) -> Reader:
    """From the latest snapshots and the state of the order to how much each slice is preferred."""
    network = Reader(
        columns=task.columns,
        own=OWN,
        choices=CHOICES,
        units=config["recurrent_units"],
        hidden=config["hidden_layers"],
        activation=config["activation"],
    )
    return network.to(task.device)


def fresh_reader(task: ExecutionTask, config: Config, chance: Generator) -> Reader:
    """One that prefers nothing yet, and knows how far the price usually goes."""
    network = reader(task, config)
    start(network, chance)
    network.usual_move.fill_(task.usual_move)
    return network


class Worker:
    """Works off an order by the slices that the network prefers."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network

    @torch.no_grad()
    def act(self, observation: Glimpse) -> Tensor:
        preferred: Tensor = self._network(observation.bars, observation.own)
        return observation.choices.gather(1, preferred.argmax(-1, keepdim=True)).squeeze(1)


@dataclass(frozen=True, slots=True)
class Played:
    """What a rollout leaves behind; each tensor is flat. What was seen is looked up again by place."""

    place: Place
    chosen: Tensor
    log_chance: Tensor
    advantage: Tensor
    target: Tensor

    def part(self, rows: Tensor) -> Played:
        others = (self.chosen, self.log_chance, self.advantage, self.target)
        return Played(self.place.part(rows), *(tensor[rows] for tensor in others))


class Ppo:
    """Learns one actor: `read` makes `known` numbers of a place, and `head` decides on them, as does the critic."""

    def __init__(
        self,
        task: ExecutionTask,
        config: Config,
        chance: Generator,
        *,
        weights: list[nn.Parameter],
        read: Callable[[Place], Tensor],
        head: nn.Sequential,
        known: int,
        advice: Callable[[Tensor, Place], Tensor] | None = None,
    ) -> None:
        self._task, self._config, self._chance = task, config, chance
        self._read, self._head, self._advice = read, head, advice
        self._critic = mlp(known, config["hidden_layers"], 1, config["activation"]).to(task.device)
        start(self._critic, chance)
        scale(cast("nn.Linear", head[-1]), 0.1)
        self._weights = [*weights, *self._critic.parameters()]
        self._optimizer = AdamW(self._weights, config)
        self._begins = task.begins("train")
        self._place = task.start(self._drawn(config["parallel_environments"]))
        self.means = Means()
        self.steps = 0

    def learn(self, until: int) -> None:
        while self.steps < until:
            played = self._play()
            for _ in range(self._config["update_epochs"]):
                self._pass_over(played)

    def state(self) -> State:
        return {
            "steps": self.steps,
            "critic": self._critic.state_dict(),
            "optimizer": self._optimizer.state(),
            "begin": self._place.begin,
            "step": self._place.step,
            "left": self._place.left,
        }

    def restore(self, state: State) -> None:
        self.steps = state["steps"]
        self._critic.load_state_dict(state["critic"])
        self._optimizer.restore(state["optimizer"])
        self._place = Place(*(state[name].to(self._task.device) for name in ("begin", "step", "left")))

    def _drawn(self, count: int) -> Tensor:
        at = torch.randint(len(self._begins), (count,), generator=self._chance, device=self._task.device)
        return self._begins[at]

    @torch.no_grad()
    def _play(self) -> Played:
        """One rollout. A window that is over makes room for another one."""
        places, rows = [], []
        for _ in range(self._config["rollout_length"]):
            place, known = self._place, self._read(self._place)
            odds = self._head(known).log_softmax(-1)
            chosen = torch.multinomial(odds.exp(), 1, generator=self._chance)
            share = self._task.choices(place).gather(1, chosen).squeeze(1)
            after, reward, over = self._task.trade(place, share)
            places.append(place)
            rows.append((chosen[:, 0], odds.gather(1, chosen)[:, 0], self._critic(known)[:, 0], reward, over))
            self._place = after.renewed(over, self._task.start(self._drawn(len(over))))
        chosen_, log_chance, value, reward_, over_ = (torch.stack(column) for column in zip(*rows, strict=True))
        self.steps += reward_.numel()
        self.means.add(reward=reward_.mean())
        advantage = self._advantages(value, reward_, over_)
        figures = (chosen_, log_chance, advantage, advantage + value)
        return Played(Place.joined(places), *(figure.flatten() for figure in figures))

    def _advantages(self, value: Tensor, reward: Tensor, over: Tensor) -> Tensor:
        """Each action's result against what was expected, smoothed over the steps that followed."""
        last = self._critic(self._read(self._place))[:, 0]
        goes_on = self._config["discount"] * ~over
        surprises = reward + goes_on * torch.cat((value[1:], last[None])) - value
        return carried_back(surprises, goes_on * self._config["gae_lambda"])

    def _pass_over(self, played: Played) -> None:
        order = torch.randperm(len(played.chosen), generator=self._chance, device=self._task.device)
        for rows in torch.split(order, self._config["batch_size"]):
            loss = self._loss(played.part(rows))
            descend(loss, self._optimizer, self._weights, self._config["max_gradient_norm"])
            self.means.add(loss=loss)

    def _loss(self, played: Played) -> Tensor:
        known = self._read(played.place)
        odds = self._head(known).log_softmax(-1)
        entropy = -(odds.exp() * odds).sum(-1).mean()
        wrong = (self._critic(known)[:, 0] - played.target).square().mean()
        self.means.add(entropy=entropy, value_loss=wrong)
        loss: Tensor = self._config["value_weight"] * wrong - self._config["entropy_weight"] * entropy
        now = odds.gather(1, played.chosen[:, None])[:, 0]
        loss = loss - clipped_gain(now, played.log_chance, played.advantage, self._config["clip_range"])
        return loss if self._advice is None else loss + self._advice(odds, played.place)
