"""The port of the engines: given a wish, an engine yields what happens while it trains, in order."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from domain.jobs.events import Checkpoint, Fact, Progress

ENGINE_MISSING = "ENGINE_MISSING"
"""The code of a job whose engine this worker does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to train, on what, and where from."""

    job_id: UUID
    task: str
    algorithm: str
    config: Mapping[str, Any]
    seeds: Sequence[int]
    data: Path | None
    """Canonical Parquet; see domain.datasets.columns. None: the engine has data of its own."""
    data_sha256: str | None
    symbol: str | None
    """The one to trade, where the data has several and the task is about one."""
    papers: Mapping[str, Any]
    """Goes into the papers of the model as it is."""
    folder: Path
    """For the engine's files; gone after the attempt."""
    checkpoint: Path | None
    session: str | None = None
    """Of a remote engine: goes on with this one."""
    run: str = ""
    """The same after a break, another one after a retry from scratch."""
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Said:
    fact: Fact
    number: int | None = None
    """See domain.jobs.running.Run.tell."""


@dataclass(frozen=True, slots=True)
class Moved:
    progress: Progress


@dataclass(frozen=True, slots=True)
class Working:
    """The process group that works now; None: it is gone."""

    group: int | None


@dataclass(frozen=True, slots=True)
class Saved:
    path: Path
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class InSession:
    """A remote engine has begun; whoever comes later finds it by this."""

    id: str
    if_cancelled: str | None = None
    """What a person should know who cancels the job from now on."""


@dataclass(frozen=True, slots=True)
class Made:
    """A picture or a table, which the job keeps under this name; see domain.jobs.artefacts."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Trained:
    """It came to its end. Files by the part of the model (domain.models.model.Part) that they are."""

    body: Mapping[str, Any]
    files: Mapping[str, Path] = field(default_factory=dict)


EngineEvent = Said | Moved | Working | Saved | InSession | Made | Trained


class Engine(Protocol):
    def train(self, wish: Wish) -> AsyncGenerator[EngineEvent, None]:
        """An async generator; `Trained` comes last. Closed or cancelled, it has ended what it started.

        Raises domain.jobs.running.JobFailed for what trying again would not help.
        """
