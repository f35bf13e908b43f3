"""What is asked of the engine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from workers.engines.embedded.shapes import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One training: an algorithm with all of its parameters, on one file, once for each seed."""

    task: str
    algorithm: str
    config: Config
    seeds: tuple[int, ...]
    symbol: str | None
    """The one to trade, where the data has several and the task is about one."""
    data: Path
    data_sha256: str
    out: Path
    checkpoint: Path | None
    checkpoint_every_s: float
    memory_bytes: int
    device: str
    papers: Mapping[str, Any]

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        paths = {"data": Path(plain["data"]), "out": Path(plain["out"])}
        checkpoint = Path(plain["checkpoint"]) if plain["checkpoint"] else None
        return cls(**{**plain, **paths, "seeds": tuple(plain["seeds"]), "checkpoint": checkpoint})

    @property
    def fingerprint(self) -> str:
        """Equal for runs that must give equal results: where and how long they run does not matter."""
        asked = (self.task, self.algorithm, dict(self.config), self.seeds, self.symbol, self.data_sha256, self.device)
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
