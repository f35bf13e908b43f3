"""A model: the best agent of one training, with its papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.catalogue import AlgorithmName, TaskType

KIND = "model"
"""As an owner of contents (domain.blobs.Owner)."""


class Part(StrEnum):
    """The contents that belong to a model."""

    WEIGHTS = "weights"
    """safetensors: numbers and nothing that could be executed."""
    CARD = "card"
    """JSON."""
    ONNX = "onnx"
    SERIES = "series"
    """Parquet: the account of the agent and of the baselines at each bar of valid and test, as its training kept it.
    Where there is nothing that could be one, as in order execution, there is none."""


class Stage(StrEnum):
    NONE = "none"
    STAGING = "staging"
    PRODUCTION = "production"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class TrainedOn:
    """As its card tells; empty where that does not."""

    symbols: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    """Columns of the data, and what the engine computes of prices."""


@dataclass(frozen=True, slots=True)
class Model:
    id: UUID
    owner_id: UUID
    job_id: UUID
    strategy_id: UUID | None
    dataset_id: UUID | None
    name: str
    task_type: TaskType
    algorithm: AlgorithmName
    size: int
    sha256: str
    """Of the weights."""
    hyperparameters: dict[str, Any]
    measures: dict[str, dict[str, float]]
    """By split, then by name."""
    score: str
    """The measure by which the best agent was chosen, on the valid split."""
    best_score: float
    stage: Stage
    created_at: datetime
    updated_at: datetime
