"""System configuration in Postgres."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from domain.configs import SystemConfig
from domain.errors import Code, Refused
from persistence.database import Reader
from persistence.reading import Mapped, compiled
from persistence.tables.system import system_configs
from persistence.writing import WriteStore

_mapped = Mapped(SystemConfig, system_configs)
_all = compiled(select(*_mapped.columns).order_by(system_configs.c.key))


class ConfigReads:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def all(self) -> Sequence[SystemConfig]:
        """Every one: there are a dozen."""
        return _mapped.many(await self._reader.rows(_all))


class PostgresConfigs(WriteStore):
    """Implements domain.configs.ConfigStore."""

    async def lock(self, key: str) -> SystemConfig:
        row = await self._one(select(*_mapped.columns).where(system_configs.c.key == key).with_for_update())
        if row is None:
            raise Refused.because(Code.NOT_FOUND, f"There is no setting named {key!r}.", "key")
        return _mapped.one(row)

    async def save(self, config: SystemConfig) -> None:
        await self._update(system_configs, config)
