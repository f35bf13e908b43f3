"""Checkpoints: a State in one safetensors file. Tensors as tensors, all the rest as JSON in its header."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from workers.engines.embedded.shapes import BadInput, State

_TENSOR = "$tensor"
_KEPT = 2
"""The last ones: while a new one is taken away by whoever asked for it, the one before stays."""


def save(state: State, path: Path) -> None:
    """Whole or not at all."""
    tensors: dict[str, Tensor] = {}
    plain = _without_tensors(state, "state", tensors)
    half = path.with_name(f"{path.name}.half")
    try:
        save_file(tensors, half, metadata={"state": json.dumps(plain, allow_nan=False)})
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def load(path: Path) -> State:
    try:
        with safe_open(path, framework="pt") as file:
            plain = json.loads((file.metadata() or {})["state"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    except Exception as error:
        message = "The checkpoint cannot be read. Start the training from the beginning."
        raise BadInput("BAD_CHECKPOINT", message) from error
    state: State = _with_tensors(plain, tensors)
    return state


class Keeper:
    """Writes each checkpoint under a new name, and takes old ones away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: list[Path] = []
        self._count = 0

    def keep(self, state: State, step: int) -> Path:
        self._count += 1
        path = self._folder / f"checkpoint-{step:012d}-{self._count}.safetensors"
        save(state, path)
        self._written.append(path)
        for old in self._old():
            old.unlink(missing_ok=True)
        return path

    def _old(self) -> Iterator[Path]:
        while len(self._written) > _KEPT:
            yield self._written.pop(0)


def _without_tensors(value: Any, name: str, found: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        # A copy: two names may share one storage, which such a file cannot hold.
        found[name] = value.detach().cpu().clone(memory_format=torch.contiguous_format)
        return {_TENSOR: name}
    if isinstance(value, dict):
        return {key: _without_tensors(each, f"{name}.{key}", found) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_tensors(each, f"{name}.{place}", found) for place, each in enumerate(value)]
    return value


def _with_tensors(plain: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(plain, dict):
        if plain.keys() == {_TENSOR}:
            return tensors[plain[_TENSOR]]
        return {key: _with_tensors(each, tensors) for key, each in plain.items()}
    if isinstance(plain, list):
        return [_with_tensors(each, tensors) for each in plain]
    return plain
