"""System configuration that an admin may change while the platform runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SystemConfig:
    id: UUID
    key: str
    value: Any
    description: str
    created_at: datetime
    updated_at: datetime


class ConfigStore(Protocol):
    async def lock(self, key: str) -> SystemConfig:
        """Refuses with NOT_FOUND when there is none of that name."""

    async def save(self, config: SystemConfig) -> None: ...
