"""What algorithms are made of: memory, networks, optimisers."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from workers.engines.embedded import checkpoint
from workers.engines.embedded.parts.nets import Dropout, Dueling, generator_of, mlp, start
from workers.engines.embedded.parts.optim import AdamW, Means, descend, follow
from workers.engines.embedded.parts.replay import Replay
from workers.engines.embedded.shapes import BadInput

CONFIG = {"learning_rate": 0.01, "weight_decay": 1.0}


def replay(rows: int, capacity: int = 8) -> Replay:
    """Two environments; each step is told by its number, and that of its environment."""
    memory = Replay(capacity, 2, {"step": torch.zeros(2, dtype=torch.int32), "who": torch.zeros(2, dtype=torch.uint8)})
    for row in range(rows):
        memory.add(step=torch.full((2,), row), who=torch.tensor([0, 1]))
    return memory


def test_memory_keeps_the_latest_steps() -> None:
    memory = replay(10)
    assert len(memory) == 8
    assert set(memory.sample(500, generator_of(1))["step"].tolist()) == {6, 7, 8, 9}
    assert set(replay(2).sample(500, generator_of(1))["step"].tolist()) == {0, 1}


@pytest.mark.parametrize("rows", [3, 4, 10])
def test_runs_are_steps_of_one_environment_in_order(rows: int) -> None:
    runs = replay(rows).runs(200, 3, generator_of(1))
    assert runs["step"].shape == (3, 200)
    assert bool((runs["step"][1:] == runs["step"][:-1] + 1).all())
    assert bool((runs["who"][1:] == runs["who"][:-1]).all())
    assert int(runs["step"].max()) == rows - 1
    assert int(runs["step"].min()) == max(rows - 4, 0)


def test_memory_comes_back_from_its_state() -> None:
    memory, empty = replay(7), replay(0)
    empty.restore(memory.state())
    for each in (memory, empty):
        each.add(step=torch.full((2,), 7), who=torch.tensor([0, 1]))
    first, second = (each.sample(50, generator_of(1)) for each in (memory, empty))
    assert torch.equal(first["step"], second["step"])


def test_networks_start_from_their_generator_alone() -> None:
    nets = [mlp(3, (4, 5), 2, "silu") for _ in range(3)]
    for net, seed in zip(nets, (1, 1, 2), strict=True):
        start(net, generator_of(seed))
    first, second, third = ([value.tolist() for value in net.parameters()] for net in nets)
    assert first == second
    assert first != third
    assert [layer.out_features for layer in nets[0] if isinstance(layer, nn.Linear)] == [4, 5, 2]


def test_dueling_takes_the_mean_of_advantages_off() -> None:
    head = Dueling(3, 4)
    seen = torch.randn(5, 3, generator=generator_of(1))
    assert torch.allclose(head(seen).mean(1, keepdim=True), head.value(seen), atol=1e-6)


def test_dropout_goes_by_its_own_generator() -> None:
    layer, seen = Dropout(0.5, generator_of(1)), torch.ones(1_000)
    first = layer(seen)
    assert set(first.tolist()) == {0.0, 2.0}
    layer.generator.manual_seed(1)
    assert torch.equal(layer(seen), first)
    assert torch.equal(layer.eval()(seen), seen)


def test_an_optimiser_comes_back_from_its_state(tmp_path: Path) -> None:
    nets = [mlp(3, (4,), 1, "relu") for _ in range(2)]
    for net in nets:
        start(net, generator_of(1))
    first, second = (AdamW(net.parameters(), CONFIG) for net in nets)
    seen = torch.randn(8, 3, generator=generator_of(2))

    def learn(net: nn.Module, optimizer: AdamW) -> None:
        descend(net(seen).square().mean(), optimizer, list(net.parameters()), 1.0)

    learn(nets[0], first)
    checkpoint.save({"net": nets[0].state_dict(), "optimizer": first.state()}, tmp_path / "state")
    state = checkpoint.load(tmp_path / "state")
    nets[1].load_state_dict(state["net"])
    second.restore(state["optimizer"])
    learn(nets[0], first)
    learn(nets[1], second)
    assert [value.tolist() for value in nets[0].parameters()] == [value.tolist() for value in nets[1].parameters()]


def test_the_optimiser_is_adam_with_decay_apart_from_the_gradient() -> None:
    """The formulas of the paper, for one number; the gradient is shortened from 2 to 0.5 at first."""
    number = nn.Parameter(torch.tensor([1.0]))
    optimizer = AdamW([number], CONFIG)
    value, first, second = 1.0, 0.0, 0.0
    for step in range(1, 6):
        gradient = min(2 * value, 0.5)
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        value -= 0.01 * 1.0 * value
        value -= 0.01 * (first / (1 - 0.9**step)) / (math.sqrt(second / (1 - 0.999**step)) + 1e-8)
        descend(number.square().sum(), optimizer, [number], 0.5)
        assert number.item() == pytest.approx(value, abs=1e-6)


def test_a_slow_copy_follows() -> None:
    slow, quick = nn.Linear(1, 1), nn.Linear(1, 1)
    nn.init.constant_(slow.weight, 0.0)
    nn.init.constant_(quick.weight, 1.0)
    follow(slow, quick, 0.25)
    assert slow.weight.item() == 0.25
    follow(slow, quick, 1.0)
    assert slow.weight.item() == 1.0


def test_means_are_taken_once() -> None:
    means = Means()
    for value in (1.0, 2.0, 6.0):
        means.add(loss=torch.tensor(value))
    assert means.taken() == {"loss": 3.0}
    assert means.taken() == {}


def test_a_state_goes_into_a_file_and_comes_back(tmp_path: Path) -> None:
    shared = torch.arange(4)
    state = {"a": {"b": [1, 2.5, None, "text", shared]}, "c": shared, "chance": generator_of(1).get_state(), "no": {}}
    checkpoint.save(state, tmp_path / "state")
    back = checkpoint.load(tmp_path / "state")
    assert back["a"]["b"][:4] == [1, 2.5, None, "text"]
    assert back["a"]["b"][4].tolist() == back["c"].tolist() == [0, 1, 2, 3]
    assert torch.equal(back["chance"], state["chance"])
    assert back["no"] == {}


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"rubbish")
    with pytest.raises(BadInput) as caught:
        checkpoint.load(tmp_path / "state")
    assert caught.value.code == "BAD_CHECKPOINT"


def test_old_checkpoints_are_taken_away(tmp_path: Path) -> None:
    keeper = checkpoint.Keeper(tmp_path)
    paths = [keeper.keep({"step": step}, step) for step in (1, 2, 3)]
    assert sorted(tmp_path.iterdir()) == paths[1:]
    assert checkpoint.load(paths[-1]) == {"step": 3}
