"""Agents that act one after another, as if they were one: each on the window that comes after its training."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from domain.datasets.columns import TIME
from workers.engines.embedded.model import Model
from workers.engines.embedded.predict import Predictor


@dataclass(frozen=True, slots=True)
class Leg:
    """An agent, and from when on it acts: until the next one does."""

    since: datetime
    model: Model


class Relay(Predictor):
    """Each one begins as if nothing were held: what is traded at a seam is a matter of the account."""

    def __init__(self, legs: list[Leg]) -> None:
        super().__init__(legs[0].model)
        self._legs = [(leg.since, Predictor(leg.model)) for leg in legs]

    def positions(self, history: pl.DataFrame, since: datetime | None = None) -> pl.DataFrame:
        """From the first leg on; with 0 of what an agent does not know."""
        since = since or self._legs[0][0]
        ends = [begin for begin, _ in self._legs[1:]]
        parts = []
        for (begin, agent), end in zip(self._legs, [*ends, None], strict=True):
            known = history if end is None else history.filter(pl.col(TIME) < end)
            if not known.is_empty() and known.get_column(TIME).max() >= begin:  # type: ignore[operator]
                parts.append(_every(agent.positions(known, begin), known, begin))
        return pl.concat(parts, how="diagonal").fill_null(0.0).filter(pl.col(TIME) >= since)


def _every(held: pl.DataFrame, known: pl.DataFrame, begin: datetime) -> pl.DataFrame:
    """A row at each time; where none of its symbols has a bar, it goes on holding what it held."""
    times = known.select(pl.col(TIME).unique().sort()).filter(pl.col(TIME) >= begin)
    return (
        times.join(held, on=TIME, how="left", maintain_order="left").select(held.columns).fill_null(strategy="forward")
    )
