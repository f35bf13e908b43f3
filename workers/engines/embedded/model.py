"""A model and its papers: weights as safetensors, a card as JSON. Nothing in them can run when they are read."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from workers.engines.embedded.features import WARM_UP
from workers.engines.embedded.market import Market, Normalisation
from workers.engines.embedded.shapes import BadInput, Split, Task

WEIGHTS, CARD = "model.safetensors", "card.json"
ENGINE = "embedded"
ENGINE_VERSION = 2
"""Goes up when equal inputs would give other results than before, or when a checkpoint holds other things."""
_LIBRARIES = ("torch", "numpy", "polars", "safetensors")

Card = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Model:
    card: Card
    weights: dict[str, Tensor]

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(self.card["features"]["names"])

    @property
    def normalisation(self) -> Normalisation:
        mean, std = (torch.tensor(self.card["features"][name], dtype=torch.float64) for name in ("mean", "std"))
        return Normalisation(mean, std)


def save(folder: Path, weights: Mapping[str, Tensor], card: Card) -> None:
    """The card names the checksum of the weights, and is written last: with a card, a model is whole."""
    save_file({name: weights[name].contiguous() for name in sorted(weights)}, folder / WEIGHTS)
    checked = {**card, "weights": {"file": WEIGHTS, "sha256": _sha256(folder / WEIGHTS)}}
    (folder / CARD).write_text(json.dumps(checked, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def load(folder: Path) -> Model:
    """Refuses weights that are not those of the card."""
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        intact = card["weights"]["sha256"] == _sha256(folder / WEIGHTS)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput("BAD_MODEL", "The model has no card that can be read. Train it again.") from error
    if not intact:
        raise BadInput("BAD_MODEL", "The weights are not those that the card speaks of. Fetch the model again.")
    return Model(card, load_file(folder / WEIGHTS))


def about_market(market: Market) -> Card:
    """What the market was, and how to make the same features again."""
    return {
        "market": {
            "symbols": list(market.symbols),
            "bars_per_year": market.bars_per_year,
            "split_by": market.split_by,
            "splits": {split: about_split(market, split) for split in market.splits},
        },
        "features": {
            "recipe": market.recipe,
            "warm_up": WARM_UP,
            "names": list(market.feature_names),
            "mean": market.normalisation.mean.tolist(),
            "std": market.normalisation.std.tolist(),
        },
    }


def about_split(market: Market, split: Split) -> Card:
    part = market.splits[split]
    first, last = (str(market.times[place].astype("datetime64[s]")) + "Z" for place in (part.start, part.stop - 1))
    return {"bars": len(part), "first": first, "last": last}


def about_network(task: Task, network: nn.Module, weights: Mapping[str, Tensor]) -> Card:
    return {
        "inputs": task.inputs,
        "architecture": str(network),
        "parameters": sum(value.numel() for value in weights.values()),
        "shapes": {name: list(value.shape) for name, value in weights.items()},
    }


def about_engine() -> Card:
    return {
        "name": ENGINE,
        "version": ENGINE_VERSION,
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
