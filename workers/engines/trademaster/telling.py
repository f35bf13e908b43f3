"""What a run on the service tells, in the words of the port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

from domain.jobs.events import Checkpoint, Level, Log, Metric, Progress, Split
from workers.engines.port import EngineEvent, InSession, Made, Moved, Said, Saved
from workers.engines.trademaster import events
from workers.engines.trademaster.logs.measures import Measure, Unit
from workers.engines.trademaster.logs.parser import AGENT
from workers.engines.trademaster.session import CANCEL_NOTE

# What is left is the test, and fetching the pictures.
MOST = 95.0
_SPLITS = {events.Split.TRAIN: Split.TRAIN, events.Split.VALID: Split.VALID, events.Split.LABELLING: Split.TRAIN}


class Teller:
    """Writes files into this folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._session: str | None = None
        self.files: dict[str, Path] = {}
        """What was made, for who goes on working with it."""

    async def told(self, event: events.Event) -> AsyncGenerator[EngineEvent, None]:
        match event:
            case events.Log(level, message, number):
                yield Said(Log(Level(level.value.lower()), message), number)
            case events.Metric():
                yield Said(metric_of(event), event.number)
            case events.Progress(share, epoch, epochs):
                yield Moved(Progress(percent=MOST * share, epoch=epoch, epochs=epochs))
            case events.Place():
                if event.session_id != self._session:
                    self._session = event.session_id
                    yield InSession(event.session_id, CANCEL_NOTE)
                path = self._folder / "place.json"
                await asyncio.to_thread(path.write_text, event.packed())
                yield Saved(path, Checkpoint(event.count))
            case events.Artefact(name, _, content):
                path, self.files[name] = self._folder / f"made-{name}", self._folder / name
                for each in (path, self.files[name]):
                    await asyncio.to_thread(each.write_bytes, content)
                yield Made(name, path)
                yield Said(Log(Level.INFO, f"Kept {name}."))


def metric_of(metric: events.Metric) -> Metric:
    """Where there are epochs, a step is one; what is not about the agent itself has a prefix."""
    parts = [metric.policy.lower()] if metric.policy not in {None, AGENT} and metric.policy else []
    if metric.split in {events.Split.SUMMARY, events.Split.SCORES, events.Split.LABELLING}:
        parts.append(metric.split.value)
    values = {".".join([*parts, name]): value for name, value in named(metric.values).items()}
    step = metric.step if metric.epoch is None else metric.epoch
    return Metric(metric.epoch or 0, step, _SPLITS.get(metric.split, Split.TEST), values)


def named(measures: Mapping[str, Measure]) -> dict[str, float]:
    """As printed; the name says where it is percent, which the embedded engine has as a share."""
    return {_name(name, measure.unit): measure.value for name, measure in measures.items()}


def _name(name: str, unit: Unit) -> str:
    return f"{name}_{unit.value}" if unit is not Unit.NONE else name
