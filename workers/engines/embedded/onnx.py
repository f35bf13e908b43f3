"""The agent's network in ONNX, a form that other programs can run. Written by hand: a network of plain layers needs a
dozen fields of that format, and the package that knows them all weighs more than what it would do here.

Networks that are not layers in a row are left out; their weights can still be had as safetensors.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from workers.engines.embedded.parts.nets import Dueling

FILE = "model.onnx"
_IR_VERSION, _OPSET = 8, 17
_FLOAT, _INT64 = 1, 7
_INT_ATTRIBUTE = 2
_BENDS = {nn.ReLU: "Relu", nn.Tanh: "Tanh"}


def export(network: nn.Module, folder: Path) -> str | None:
    """The name of the file, or nothing where the network is not one that this can write."""
    graph = _Graph()
    try:
        graph.add(network)
    except _NotPlain:
        return None
    (folder / FILE).write_bytes(graph.model())
    return FILE


class _NotPlain(Exception):
    pass


class _Graph:
    """Nodes one after the other, from `observation` to `output`."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._weights: list[bytes] = []
        self._inputs = 0
        self._last = "observation"
        self._names = 0

    def add(self, module: nn.Module) -> None:
        layers = getattr(module, "layers", None)
        if isinstance(layers, Sequence):
            for layer in layers:
                self.add(layer)
        elif isinstance(module, nn.Sequential):
            for layer in module:
                self.add(layer)
        elif isinstance(module, nn.Linear):
            self._last = self._linear(module, self._last)
        elif isinstance(module, nn.SiLU):
            self._last = self._node("Mul", self._last, self._node("Sigmoid", self._last))
        elif type(module) in _BENDS:
            self._last = self._node(_BENDS[type(module)], self._last)
        elif isinstance(module, Dueling):
            self._dueling(module)
        else:
            raise _NotPlain

    def model(self) -> bytes:
        self._nodes.append(_node("Identity", (self._last,), "output"))
        graph = b"".join(_field(1, node) for node in self._nodes)
        graph += _field(2, "agent") + b"".join(_field(5, weight) for weight in self._weights)
        graph += _field(11, _value("observation", self._inputs)) + _field(12, _value("output", None))
        opset = _field(2, _OPSET)
        return _field(1, _IR_VERSION) + _field(2, "trademaster") + _field(7, graph) + _field(8, opset)

    def _linear(self, layer: nn.Linear, seen: str) -> str:
        self._inputs = self._inputs or layer.in_features
        return self._node("Gemm", seen, self._weight(layer.weight), self._weight(layer.bias), transB=1)

    def _dueling(self, head: Dueling) -> None:
        """The worth is value + advantage - mean advantage."""
        seen = self._last
        advantage = self._linear(head.advantage, seen)
        mean = self._node("ReduceMean", advantage, keepdims=1, axes=(-1,))
        self._last = self._node("Add", self._linear(head.value, seen), self._node("Sub", advantage, mean))

    def _node(self, kind: str, *inputs: str, **attributes: int | tuple[int, ...]) -> str:
        self._names += 1
        name = f"{kind.lower()}_{self._names}"
        self._nodes.append(_node(kind, inputs, name, **attributes))
        return name

    def _weight(self, value: Tensor) -> str:
        name = f"weight_{len(self._weights)}"
        shape = b"".join(_field(1, size) for size in value.shape)
        raw = value.detach().cpu().to(torch.float32).contiguous().numpy().astype("<f4").tobytes()
        self._weights.append(shape + _field(2, _FLOAT) + _field(8, name) + _field(9, raw))
        return name


def _node(kind: str, inputs: Sequence[str], output: str, **attributes: int | tuple[int, ...]) -> bytes:
    node = b"".join(_field(1, name) for name in inputs) + _field(2, output) + _field(4, kind)
    return node + b"".join(_field(5, _attribute(name, value)) for name, value in attributes.items())


def _attribute(name: str, value: int | tuple[int, ...]) -> bytes:
    if isinstance(value, int):
        return _field(1, name) + _field(3, value) + _field(20, _INT_ATTRIBUTE)
    return _field(1, name) + b"".join(_field(8, each) for each in value) + _field(20, _INT64)


def _value(name: str, width: int | None) -> bytes:
    """So many rows as there are, and so wide."""
    wide = _field(1, width) if width is not None else _field(2, "actions")
    shape = _field(1, _field(2, "rows")) + _field(1, wide)
    return _field(1, name) + _field(2, _field(1, _field(1, _FLOAT) + _field(2, shape)))


def _field(number: int, value: int | str | bytes) -> bytes:
    """One field of a protocol buffer: its number and kind, then a number or bytes with their length before them."""
    if isinstance(value, int):
        return _number(number << 3) + _number(value & (1 << 64) - 1)
    content = value.encode() if isinstance(value, str) else value
    return _number(number << 3 | 2) + _number(len(content)) + content


def _number(value: int) -> bytes:
    """Seven bits at a time, the lowest first."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
