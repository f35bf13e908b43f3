"""What an agent remembers: indices and small numbers, from which situations are gathered again."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Generator, Tensor

from workers.engines.embedded.shapes import State


class Replay:
    """A ring of the last steps of all parallel environments: row by row in time, one column for each environment."""

    def __init__(self, capacity: int, environments: int, example: Mapping[str, Tensor]) -> None:
        """`example` is one step of the batch: names, and tensors [environments, ...] of the right type and device."""
        self.rows = max(capacity // environments, 2)
        self.environments = environments
        self.fields = {
            name: torch.zeros((self.rows, *one.shape), dtype=one.dtype, device=one.device)
            for name, one in example.items()
        }
        self.added = 0
        """Rows ever written; the next one goes to this place, around the ring."""

    def __len__(self) -> int:
        """Steps that are remembered."""
        return min(self.added, self.rows) * self.environments

    def add(self, **step: Tensor) -> None:
        place = self.added % self.rows
        for name, value in step.items():
            self.fields[name][place] = value
        self.added += 1

    def sample(self, count: int, generator: Generator) -> dict[str, Tensor]:
        """So many steps by chance, [count, ...] each."""
        places = torch.randint(len(self), (count,), generator=generator, device=generator.device)
        return {name: field.flatten(0, 1).index_select(0, places) for name, field in self.fields.items()}

    def runs(self, count: int, length: int, generator: Generator) -> dict[str, Tensor]:
        """So many runs of steps that one environment played one after the other, [length, count, ...] each.

        An episode may end within a run: the caller can tell by its own fields. There must be `length` rows."""
        if length == 1:
            return {name: one[None] for name, one in self.sample(count, generator).items()}
        held = min(self.added, self.rows)
        oldest = self.added - held
        chosen = torch.randint(
            (held - length + 1) * self.environments, (count,), generator=generator, device=generator.device
        )
        first, column = chosen // self.environments + oldest, chosen % self.environments
        rows = (first + torch.arange(length, device=first.device)[:, None]) % self.rows
        places = (rows * self.environments + column).flatten()
        return {
            name: field.flatten(0, 1).index_select(0, places).reshape(length, count, *field.shape[2:])
            for name, field in self.fields.items()
        }

    def state(self) -> State:
        held = min(self.added, self.rows)
        return {"added": self.added, "fields": {name: field[:held].clone() for name, field in self.fields.items()}}

    def restore(self, state: State) -> None:
        self.added = state["added"]
        for name, field in state["fields"].items():
            self.fields[name][: len(field)] = field
