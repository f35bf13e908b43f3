"""What a training is asked to do: the parameters of its job. It is whole, so nothing that changes later matters."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from domain.jobs.model import Job

JOB, INPUT = "job", "input"
"""The data of a training belongs to it as Owner(JOB, job.id, INPUT)."""


@dataclass(frozen=True, slots=True)
class Order:
    task: str
    algorithm: str
    config: dict[str, Any]
    """Complete: every parameter of the algorithm; for a service what it is told (domain.trainings.remote.Choice)."""
    seeds: tuple[int, ...]
    symbol: str | None
    """The one to trade, where the data has several and the task is about one."""
    strategy: dict[str, Any]
    """id, name, version."""
    dataset: dict[str, Any]
    """id, name, sha256, data_type; of a service's own data only the name."""

    @classmethod
    def of(cls, job: Job) -> Order:
        values = job.parameters
        return cls(**values | {"seeds": tuple(values["seeds"])})

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"seeds": list(self.seeds)}

    def papers(self) -> dict[str, Any]:
        """What the card of the model says of where it comes from."""
        return {"strategy": self.strategy, "dataset": self.dataset}
