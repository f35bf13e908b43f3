"""An evaluation: models judged on data, with what its job is asked to do and what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.analysis.setup import Setup
from domain.analysis.tries import Tried
from domain.jobs.model import Job

KIND = "evaluation"
"""As an owner of contents (domain.blobs.Owner)."""
JOB, DATA = "job", "input"
"""What an evaluation works on belongs to its job: the data as Owner(JOB, job.id, DATA), and the files of models."""
POSITION = "position."
"""Before the name of a symbol: the column of what is held of it."""
SHORTFALL = "shortfall."
"""Before the key of an entry: the column of what each order cost."""


class EvaluationKind(StrEnum):
    BACKTEST = "backtest"
    STRESS_TEST = "stress_test"
    COMPARISON = "comparison"
    WALK_FORWARD = "walk_forward"


class Part(StrEnum):
    """The files of an evaluation. Parquet, but for the last; of a row of the first two, the symbol is the key of the
    entry."""

    SERIES = "series"
    """Equity, drawdown and the like of all entries at each bar."""
    POSITIONS = "positions"
    """What each model held of each symbol."""
    TRADES = "trades"
    """Those of one model; the key of the model is part of the name, see trades_part."""
    PRICES = "prices"
    """What the account traded at and was valued by: of each symbol at each bar where there was a price."""
    ORDERS = "orders"
    """What each order cost under each entry; of models that work off orders."""
    REPORT = "report"
    """All of it for people, as HTML. Made when it is asked for."""


class EntryWarning(StrEnum):
    """Why not to trust the figures of a model."""

    LOOKS_AHEAD = "looks_ahead"
    SUSPICIOUS = "suspicious"
    TRAINED_ON = "trained_on"


class SeriesName(StrEnum):
    EQUITY = "equity"
    DRAWDOWN = "drawdown"
    ROLLING_SHARPE = "rolling_sharpe"
    EXPOSURE = "exposure"


def trades_part(key: str) -> str:
    return f"{Part.TRADES.value}-{key}"


def key_of(place: int) -> str:
    """Of the model in that place, in results and files."""
    return f"model-{place + 1}"


def weights_part(place: int) -> str:
    """The job's own copy, whatever becomes of the model."""
    return f"weights-{place + 1}"


def card_part(place: int) -> str:
    return f"card-{place + 1}"


@dataclass(frozen=True, slots=True)
class Evaluation:
    id: UUID
    owner_id: UUID
    job_id: UUID
    dataset_id: UUID | None
    strategy_id: UUID | None
    """Of all its models, where it is the same one."""
    kind: EvaluationKind
    name: str
    parameters: dict[str, Any]
    result: dict[str, Any] | None
    """None before its end; see docs/evaluations.md."""
    finished_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class EvaluatedModel:
    """A model's part in an evaluation."""

    evaluation_id: UUID
    place: int
    model_id: UUID | None
    """None: it was deleted since."""
    measures: dict[str, float | None] | None
    """Its figures, to sort and compare by; None before the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The parameters of the job. Whole, so that nothing that changes later matters."""

    evaluation: str
    kind: str
    models: tuple[dict[str, Any], ...]
    """id, key, name, task, algorithm, sha256, trained_on_it: whether it was trained on this data."""
    dataset: dict[str, Any]
    """id, name, sha256, data_type."""
    symbol: str | None
    split: str | None
    since: str | None
    until: str | None
    setup: dict[str, Any]
    benchmark: str
    stress: tuple[dict[str, Any], ...]
    tried: dict[str, Any] | None = None
    """count and spread of the models tried so far (domain.analysis.tries); None: nothing is known of that."""
    walk: dict[str, Any] | None = None
    """folds, anchored, epochs; of a walk-forward only."""
    seed: int

    @classmethod
    def of(cls, job: Job) -> Order:
        values = job.parameters
        return cls(**values | {"models": tuple(values["models"]), "stress": tuple(values["stress"])})

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"models": list(self.models), "stress": list(self.stress)}


def tried_in(parameters: Mapping[str, Any]) -> Tried | None:
    """What an order says of how many were tried."""
    told = parameters.get("tried")
    return Tried(**told) if told else None


def setup_to_json(setup: Setup) -> dict[str, Any]:
    return asdict(setup) | {"drift": setup.drift.value}
