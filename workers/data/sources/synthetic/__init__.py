"""The source that makes markets up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from domain.datasets.forms import Values
from domain.datasets.sources.model import FetchRequest, Source
from domain.datasets.sources.offer import SYNTHETIC
from workers.data.sources.port import OnProgress
from workers.data.sources.synthetic.assets import correlated_assets
from workers.data.sources.synthetic.book import order_book
from workers.data.sources.synthetic.noise import noise
from workers.data.sources.synthetic.planted import planted_column, planted_signal
from workers.data.sources.synthetic.regimes import regimes

GENERATORS: dict[str, Callable[[Values, np.random.Generator], pl.DataFrame]] = {
    "regimes": regimes,
    "planted_signal": planted_signal,
    "correlated_assets": correlated_assets,
    "order_book": order_book,
    "noise": noise,
}


class SyntheticSource:
    """Always there. The same request gives the same market."""

    source: Source = SYNTHETIC

    def is_installed(self) -> bool:
        return True

    def frames(self, request: FetchRequest, on_progress: OnProgress) -> Iterator[pl.DataFrame]:
        on_progress(0.0, "Making the market")
        yield generate(request.form, request.values)

    def notes(self, request: FetchRequest) -> dict[str, str]:
        planted = {"trademaster.planted": planted_column(request.values)} if request.form == "planted_signal" else {}
        return {"trademaster.generator": request.form} | planted


def generate(form: str, values: Values) -> pl.DataFrame:
    return GENERATORS[form](values, np.random.default_rng(values["seed"]))
