"""The exported file, read by the rules of its format and worked out with numpy, gives what the network gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.workers.engines.embedded.trading_markets import TASK, config, market
from workers.engines.embedded.environments.trading import TradingTask
from workers.engines.embedded.onnx import FILE, export
from workers.engines.embedded.parts.nets import generator_of, start
from workers.engines.embedded.registry import algorithm_of

KINDS: dict[str, Callable[..., Any]] = {
    "Gemm": lambda x, weight, bias: x @ weight.T + bias,
    "Relu": lambda x: np.maximum(x, 0),
    "Tanh": np.tanh,
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Mul": np.multiply,
    "Add": np.add,
    "Sub": np.subtract,
    "ReduceMean": lambda x: x.mean(-1, keepdims=True),
    "Identity": lambda x: x,
}


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


def worked_out(model: bytes, observation: Any) -> Any:
    (graph,) = all_of(model, 7)
    known = {"observation": observation}
    for weight in all_of(graph, 5):
        values = np.frombuffer(all_of(weight, 9)[0], "<f4").reshape(all_of(weight, 1))
        known[all_of(weight, 8)[0].decode()] = values
    for node in all_of(graph, 1):
        inputs = [known[name.decode()] for name in all_of(node, 1)]
        known[all_of(node, 2)[0].decode()] = KINDS[all_of(node, 4)[0].decode()](*inputs)
    return known["output"]


@pytest.mark.parametrize("algorithm", ["dqn", "ddqn", "deepscalper"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "silu"])
@pytest.mark.parametrize("dueling", [True, False])
def test_it_gives_what_the_network_gives(algorithm: str, activation: str, tmp_path: Path, *, dueling: bool) -> None:
    wanted = config(algorithm, activation=activation, dueling=dueling, lookback=2, hidden_layers=[12, 7])
    task = TradingTask(market("planted_signal", lookback=2, rows=400, features=3), wanted)
    network = algorithm_of(TASK, algorithm).network(task, wanted)
    start(network, generator_of(1))
    assert export(network, tmp_path) == FILE
    seen = torch.randn(9, task.inputs, generator=generator_of(2))
    with torch.no_grad():
        expected = network(seen).numpy()
    assert np.allclose(worked_out((tmp_path / FILE).read_bytes(), seen.numpy()), expected, atol=1e-5)


def test_what_is_not_made_of_plain_layers_is_left_out(tmp_path: Path) -> None:
    assert export(nn.GRU(3, 4), tmp_path) is None
    assert export(nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5)), tmp_path) is None
    assert not list(tmp_path.iterdir())
