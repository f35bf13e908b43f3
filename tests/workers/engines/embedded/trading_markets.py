"""Markets of one instrument: from the generators, or from prices written down by hand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch

from domain.catalogue import complete
from domain.datasets.sources.generators import GENERATORS
from workers.data.frames import SYNTHETIC, ordered, write_frame
from workers.data.sources.synthetic import generate
from workers.engines.embedded.market import Market, Normalisation, market_of
from workers.engines.embedded.registry import algorithm_of, task_of
from workers.engines.embedded.seeds import Best, SeedRun

TASK = "algorithmic_trading"


def config(algorithm: str = "dqn", **changes: Any) -> dict[str, Any]:
    return dict(complete(TASK, algorithm, changes))


def made(form: str, **values: Any) -> pl.DataFrame:
    """What a generator makes, with its defaults but for these values."""
    fields = next(each for each in GENERATORS if each.name == form).fields
    return ordered(generate(form, {field.name: field.default for field in fields} | values))


def written(path: Path, frame: pl.DataFrame, *, synthetic: bool = True) -> Path:
    write_frame(frame, path, {SYNTHETIC: "true" if synthetic else "false"})
    return path


@cache
def market(form: str, lookback: int = 1, **values: Any) -> Market:
    return market_of(made(form, **values), lookback=lookback, device=torch.device("cpu"), only="one")


def by_hand(closes: Sequence[float], features: Sequence[Sequence[float]] | None = None) -> Market:
    """Valid is all of it, for figures that can be counted; train is all of it too."""
    close = np.array(closes, dtype=np.float64)[:, None]
    returns = np.zeros_like(close)
    returns[1:] = close[1:] / close[:-1] - 1
    seen = torch.tensor(features if features is not None else [[0.0]] * len(closes), dtype=torch.float32)[:, None, :]
    everything = range(len(closes))
    return Market(
        times=np.datetime64("2024-01-01", "us") + np.arange(len(closes)) * np.timedelta64(1, "D"),
        symbols=("AAA",),
        prices={"close": torch.tensor(close, dtype=torch.float32)},
        quoted=torch.ones(len(closes), 1, dtype=torch.bool),
        returns=torch.tensor(returns),
        features=seen,
        feature_names=tuple(f"f{place}" for place in range(seen.shape[2])),
        recipe="hand",
        normalisation=Normalisation(torch.zeros(1, 1), torch.ones(1, 1)),
        splits={"train": everything, "valid": everything, "test": everything},
        split_by="hand",
        bars_per_year=365.0,
        device=torch.device("cpu"),
    )


def trained(on: Market, algorithm: str, seed: int, **changes: Any) -> Best:
    """The agent that did best on valid."""
    wanted = config(algorithm, **changes)
    run = SeedRun(task_of(TASK)(on, wanted), algorithm_of(TASK, algorithm), wanted, seed)
    while not run.is_over:
        run.advance()
    assert run.best is not None
    return run.best
