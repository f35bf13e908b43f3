"""What is asked of the child process that judges models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from domain.analysis.names import Scenario
from domain.analysis.setup import Drift, Setup
from domain.analysis.tries import Tried


@dataclass(frozen=True, slots=True)
class Judged:
    """A model: its key in the result, its name for people, and the folder with its weights and card."""

    key: str
    name: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Stress:
    scenario: Scenario
    strength: float
    runs: int
    """How many times, each with a chance of its own."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Train anew on each of so many windows, and act on what comes next."""

    folds: int
    anchored: bool
    """Whether windows grow from the same beginning, or roll on."""
    epochs: int | None
    """None: as many as the model had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    data: Path
    data_sha256: str
    models: tuple[Judged, ...]
    symbol: str | None
    split: str | None
    """A part of the data that the models were trained on: its times, as their cards tell."""
    since: datetime | None
    until: datetime | None
    """The first time that is not wanted."""
    setup: Setup
    benchmark: str
    stress: tuple[Stress, ...]
    compare: bool
    seed: int
    out: Path
    tried: Tried | None = None
    """How many models were tried before these were chosen; None: nothing is known of that."""
    walk: Walk | None = None
    checkpoint: Path | None = None
    """Of a walk-forward: what an earlier attempt has finished of it."""

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        setup = plain["setup"]
        return cls(
            data=Path(plain["data"]),
            data_sha256=plain["data_sha256"],
            models=tuple(Judged(each["key"], each["name"], Path(each["folder"])) for each in plain["models"]),
            symbol=plain["symbol"],
            split=plain["split"],
            since=_time(plain["since"]),
            until=_time(plain["until"]),
            setup=Setup(**{**setup, "drift": Drift(setup["drift"])}),
            benchmark=plain["benchmark"],
            stress=tuple(Stress(Scenario(one["scenario"]), one["strength"], one["runs"]) for one in plain["stress"]),
            compare=plain["compare"],
            seed=plain["seed"],
            out=Path(plain["out"]),
            tried=Tried(**plain["tried"]) if plain.get("tried") else None,
            walk=Walk(**plain["walk"]) if plain.get("walk") else None,
            checkpoint=Path(plain["checkpoint"]) if plain.get("checkpoint") else None,
        )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
