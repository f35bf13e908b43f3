"""The exported file, read by the rules of its format and worked out with numpy, gives what the network gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.workers.engines.embedded.portfolio_markets import config as portfolio_config
from tests.workers.engines.embedded.portfolio_markets import planted
from tests.workers.engines.embedded.trading_markets import TASK, config, market
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.environments.trading import TradingTask
from workers.engines.embedded.onnx import FILE, export
from workers.engines.embedded.parts.nets import generator_of, start
from workers.engines.embedded.registry import algorithm_of
from workers.engines.embedded.shapes import Input

KINDS: dict[str, Callable[..., Any]] = {
    "MatMul": np.matmul,
    "Relu": lambda x: np.maximum(x, 0),
    "Tanh": np.tanh,
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Mul": np.multiply,
    "Add": np.add,
    "Sub": np.subtract,
    "ReduceMean": lambda x, keepdims, axes: x.mean(tuple(axes), keepdims=bool(keepdims)),
    "Identity": lambda x: x,
    "Reshape": lambda x, shape: x.reshape([x.shape[at] if size == 0 else size for at, size in enumerate(shape)]),
    "Unsqueeze": lambda x, axes: np.expand_dims(x, tuple(axes)),
    "Squeeze": lambda x, axes: np.squeeze(x, tuple(axes)),
    "Concat": lambda *several, axis: np.concatenate(several, axis),
    "Gather": np.take,
    "Transpose": lambda x, perm: x.transpose(perm),
    "Flatten": lambda x: x.reshape(len(x), -1),
    "Conv": lambda x, weight, bias: filtered(x, weight) + bias[:, None],
}


def filtered(x: Any, weight: Any) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[-1], axis=-1)
    return np.einsum("bclk,fck->bfl", windows, weight)


def fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a protocol buffer: numbers, and bytes."""
    place = 0

    def number() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(message):
        key = number()
        if key & 7 == 0:
            yield key >> 3, number()
        else:
            length = number()
            yield key >> 3, message[place : place + length]
            place += length


def all_of(message: bytes, wanted: int) -> list[Any]:
    return [value for number, value in fields(message) if number == wanted]


def number_of(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def attributes_of(node: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in all_of(node, 5):
        one, several = all_of(attribute, 3), all_of(attribute, 8)
        found[all_of(attribute, 1)[0].decode()] = number_of(one[0]) if one else [number_of(each) for each in several]
    return found


def worked_out(model: bytes, **inputs: Any) -> Any:
    (graph,) = all_of(model, 7)
    assert [all_of(each, 1)[0].decode() for each in all_of(graph, 11)] == list(inputs)
    known = dict(inputs)
    for weight in all_of(graph, 5):
        kind = {1: "<f4", 7: "<i8"}[all_of(weight, 2)[0]]
        known[all_of(weight, 8)[0].decode()] = np.frombuffer(all_of(weight, 9)[0], kind).reshape(all_of(weight, 1))
    for node in all_of(graph, 1):
        given = [known[name.decode()] for name in all_of(node, 1)]
        result = KINDS[all_of(node, 4)[0].decode()](*given, **attributes_of(node))
        known[all_of(node, 2)[0].decode()] = result
    return known["output"]


def seen_by(task: Any, rows: int = 9) -> dict[str, Tensor]:
    """Anything, in the shapes that the papers of a model tell."""
    chance = generator_of(2)
    shapes = {each["name"]: [rows if size == "rows" else size for size in each["shape"]] for each in task.inputs}
    return {name: torch.randn(shape, generator=chance) for name, shape in shapes.items()}


def gives_the_same(network: nn.Module, task: Any, folder: Path) -> None:
    start(network, generator_of(1))
    assert export(network, task.inputs, folder) == FILE
    seen = seen_by(task)
    with torch.no_grad():
        expected = network(*seen.values()).numpy()
    model = (folder / FILE).read_bytes()
    assert np.allclose(worked_out(model, **{name: value.numpy() for name, value in seen.items()}), expected, atol=1e-5)


@pytest.mark.parametrize("algorithm", ["dqn", "deepscalper"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "silu"])
@pytest.mark.parametrize("dueling", [True, False])
def test_it_gives_what_the_network_gives(algorithm: str, activation: str, tmp_path: Path, *, dueling: bool) -> None:
    wanted = config(algorithm, activation=activation, dueling=dueling, lookback=2, hidden_layers=[12, 7])
    task = TradingTask(market("planted_signal", lookback=2, rows=400, features=3), wanted)
    gives_the_same(algorithm_of(TASK, algorithm).network(task, wanted), task, tmp_path)


def portfolio(name: str) -> tuple[PortfolioTask, nn.Module]:
    wanted = portfolio_config(name, lookback=4)
    task = PortfolioTask(planted(bars=100, assets=3), wanted)
    return task, algorithm_of("portfolio_management", name).network(task, wanted)


@pytest.mark.parametrize("name", ["ppo", "a2c", "pg", "ddpg", "td3", "sac", "eiie"])
def test_so_it_does_for_portfolios(name: str, tmp_path: Path) -> None:
    task, network = portfolio(name)
    gives_the_same(network, task, tmp_path)


@pytest.mark.parametrize("name", ["sarl", "deeptrader", "investor_imitator"])
def test_what_is_not_drawn_is_left_out(name: str, tmp_path: Path) -> None:
    task, network = portfolio(name)
    assert export(network, task.inputs, tmp_path) is None


def test_what_is_not_made_of_plain_layers_is_left_out(tmp_path: Path) -> None:
    inputs: list[Input] = [{"name": "observation", "shape": ["rows", 3], "holds": "anything"}]
    assert export(nn.GRU(3, 4), inputs, tmp_path) is None
    assert export(nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5)), inputs, tmp_path) is None
    assert not list(tmp_path.iterdir())
