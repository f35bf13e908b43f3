"""The agent's network in ONNX, a form that other programs can run. Written by hand: a network of plain layers needs a
dozen fields of that format, and the package that knows them all weighs more than what it would do here.

The inputs have the names and shapes of the model's papers. A network that is more than layers in a row draws itself;
one that does not, such as one with a memory, has no such file: its weights can still be had as safetensors.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from workers.engines.embedded.parts.nets import Dueling
from workers.engines.embedded.shapes import Input

FILE = "model.onnx"
_IR_VERSION, _OPSET = 8, 17
_FLOAT, _INT64 = 1, 7
_INT_ATTRIBUTE, _INTS_ATTRIBUTE = 2, 7
_PLAIN: dict[type[nn.Module], str] = {nn.ReLU: "Relu", nn.Tanh: "Tanh", nn.Flatten: "Flatten"}


class Drawable(Protocol):
    """A network that says of which nodes it is made, where that is not just its layers in a row."""

    def draw(self, graph: Graph, *inputs: str) -> str:
        """Adds its nodes; the name of what it gives."""


def export(network: nn.Module, inputs: Sequence[Input], folder: Path) -> str | None:
    """The name of the file, or nothing where the network is not one that this can write."""
    graph = Graph(inputs)
    names = [each["name"] for each in inputs]
    try:
        if hasattr(network, "draw"):
            given = cast("Drawable", network).draw(graph, *names)
        elif len(names) == 1:
            given = graph.layers(network, names[0])
        else:
            return None
    except _NotPlain:
        return None
    (folder / FILE).write_bytes(graph.model(given))
    return FILE


class _NotPlain(Exception):
    pass


class Graph:
    """Nodes and weights, as far as they are known. Everything has a name."""

    def __init__(self, inputs: Sequence[Input]) -> None:
        self._inputs = [_value(each["name"], each["shape"]) for each in inputs]
        self._nodes: list[bytes] = []
        self._weights: list[bytes] = []

    def layers(self, module: nn.Module, seen: str) -> str:
        """Layers in a row; each looks at the last axis of what is before it, but filters look along it."""
        if isinstance(module, nn.Sequential):
            for layer in module:
                seen = self.layers(layer, seen)
            return seen
        if isinstance(module, nn.Linear):
            return self.node("Add", self.node("MatMul", seen, self.weight(module.weight.t())), self.weight(module.bias))
        if isinstance(module, nn.Conv1d):
            return self._filters(module, seen)
        if isinstance(module, nn.SiLU):
            return self.node("Mul", seen, self.node("Sigmoid", seen))
        if isinstance(module, Dueling):
            return self._dueling(module, seen)
        if type(module) not in _PLAIN:
            raise _NotPlain
        return self.node(_PLAIN[type(module)], seen)

    def node(self, kind: str, *inputs: str, **attributes: int | tuple[int, ...]) -> str:
        name = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(_node(kind, inputs, name, **attributes))
        return name

    def weight(self, value: Tensor) -> str:
        raw = value.detach().cpu().to(torch.float32).contiguous().numpy().astype("<f4").tobytes()
        return self._constant(_FLOAT, tuple(value.shape), raw)

    def numbers(self, *values: int) -> str:
        """Sizes and places, as some kinds of nodes want them."""
        return self._constant(_INT64, (len(values),), struct.pack(f"<{len(values)}q", *values))

    def model(self, given: str) -> bytes:
        nodes = [*self._nodes, _node("Identity", (given,), "output")]
        graph = b"".join(_field(1, node) for node in nodes)
        graph += _field(2, "agent") + b"".join(_field(5, weight) for weight in self._weights)
        graph += b"".join(_field(11, each) for each in self._inputs) + _field(12, _value("output", ["rows", "choices"]))
        opset = _field(2, _OPSET)
        return _field(1, _IR_VERSION) + _field(2, "trademaster") + _field(7, graph) + _field(8, opset)

    def _filters(self, layer: nn.Conv1d, seen: str) -> str:
        if layer.bias is None or layer.dilation != (1,) or layer.padding != (0,) or layer.stride != (1,):
            raise _NotPlain
        return self.node("Conv", seen, self.weight(layer.weight), self.weight(layer.bias))

    def _dueling(self, head: Dueling, seen: str) -> str:
        """The worth is value + advantage - mean advantage."""
        advantage = self.layers(head.advantage, seen)
        mean = self.node("ReduceMean", advantage, keepdims=1, axes=(-1,))
        return self.node("Add", self.layers(head.value, seen), self.node("Sub", advantage, mean))

    def _constant(self, kind: int, shape: tuple[int, ...], raw: bytes) -> str:
        name = f"weight_{len(self._weights)}"
        sizes = b"".join(_field(1, size) for size in shape)
        self._weights.append(sizes + _field(2, kind) + _field(8, name) + _field(9, raw))
        return name


def _node(kind: str, inputs: Sequence[str], output: str, **attributes: int | tuple[int, ...]) -> bytes:
    node = b"".join(_field(1, name) for name in inputs) + _field(2, output) + _field(4, kind)
    return node + b"".join(_field(5, _attribute(name, value)) for name, value in attributes.items())


def _attribute(name: str, value: int | tuple[int, ...]) -> bytes:
    if isinstance(value, int):
        return _field(1, name) + _field(3, value) + _field(20, _INT_ATTRIBUTE)
    return _field(1, name) + b"".join(_field(8, each) for each in value) + _field(20, _INTS_ATTRIBUTE)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    """Of floats; a size that is not known has a name."""
    sizes = b"".join(_field(1, _field(1, size) if isinstance(size, int) else _field(2, size)) for size in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, _FLOAT) + _field(2, sizes)))


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
