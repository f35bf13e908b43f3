"""System configuration in Postgres."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from domain.configs import SystemConfig
from domain.errors import Code, Refused
from domain.text import readable
from domain.viewer import Viewer
from persistence.database import Reader
from persistence.reading import Mapped, compiled
from persistence.tables.system import system_configs
from persistence.writing import WriteStore

_mapped = Mapped(SystemConfig, system_configs)
_all = compiled(select(*_mapped.columns).order_by(system_configs.c.key))


class ConfigReads:
    """Implements domain.configs.ConfigReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def all(self, viewer: Viewer) -> Sequence[SystemConfig]:
        return _mapped.many(await self._reader.rows(_all)) if viewer.is_admin else []


class PostgresConfigs(WriteStore):
    """Implements domain.configs.ConfigStore."""

    async def lock(self, key: str) -> SystemConfig:
        statement = select(*_mapped.columns).where(system_configs.c.key == key).with_for_update()
        # What cannot be a name is not asked for: the database takes no such characters.
        row = await self._one(statement) if key.isascii() and key.isprintable() else None
        if row is None:
            raise Refused.because(Code.NOT_FOUND, f'There is no setting named "{readable(key)}".', "key")
        return _mapped.one(row)

    async def save(self, config: SystemConfig) -> None:
        await self._update(system_configs, config)
