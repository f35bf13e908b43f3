"""What is asked for when a series is to be cut into regimes, and an agent tested in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self
from uuid import UUID

from domain.datasets.rules import Words
from domain.errors import Code, Problem, Refused
from domain.jobs.model import Job
from domain.trainings.remote import TRADEMASTER

MOST_REGIMES = 10
LABELLED_ANEW = (
    "The data was labelled once more since, and the service keeps only the regimes of the last time. Test in those."
)
BOUNDS: Mapping[str, tuple[float, float]] = {
    "regimes": (2, MOST_REGIMES),
    "min_length": (1, 100_000),
    "filter_strength": (1, 100),
    "max_length": (1, 1_000_000),
    "merging_threshold": (0, 1_000),
    "merging_constraint": (1, 100),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabellingSettings:
    """What is None is the service's default."""

    regimes: int | None = None
    min_length: int | None = None
    filter_strength: int | None = None
    max_length: int | None = None
    merging_threshold: float | None = None
    merging_constraint: int | None = None

    def cleaned(self) -> Self:
        if problems := out_of_bounds(self):
            raise Refused(*problems)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class LabellingWish:
    """Of a dataset of ours, or of the service's own data that an agent was trained on there."""

    words: Words
    dataset_id: UUID | None = None
    training_id: UUID | None = None
    engine: str = TRADEMASTER
    symbol: str | None = None
    settings: LabellingSettings = field(default_factory=LabellingSettings)
    project_id: UUID | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicsTestWish:
    labelling_id: UUID
    label: int
    name: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabellingOrder:
    """The parameters of the job."""

    settings: dict[str, Any]
    symbol: str | None = None
    training: str | None = None
    """The job in whose session it is done."""
    dataset: str | None = None
    """The service's own, as it names it."""

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls(**job.parameters)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicsTestOrder:
    """The parameters of the job."""

    training: str
    labelling: str
    label: int
    dataset: str
    agent: str

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls(**job.parameters)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def out_of_bounds(settings: Any) -> list[Problem]:
    """Of anything with these settings."""
    return [
        Problem(Code.OUT_OF_RANGE, f"This must lie between {low:g} and {high:g}.", (name,))
        for name, (low, high) in BOUNDS.items()
        if (value := getattr(settings, name)) is not None and not low <= value <= high
    ]
