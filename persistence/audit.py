"""The audit log: added to inside units of work, read by admins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.audit import Action, AuditEntry
from domain.clock import Clock
from domain.ids import new_id
from domain.pages import Page, Window
from domain.viewer import Viewer
from persistence.access import access
from persistence.database import Reader
from persistence.listing import EVERYTHING, Listing
from persistence.reading import Mapped
from persistence.tables.system import audit_log


class PostgresAuditTrail:
    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    async def record(
        self,
        viewer: Viewer,
        action: Action,
        *,
        of: str,
        id: UUID | None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        values = {
            "id": new_id(),
            "actor_id": viewer.user_id,
            "action": action,
            "object_type": of,
            "object_id": id,
            "before": before,
            "after": after,
            "address": viewer.origin.address,
            "request_id": viewer.origin.request_id,
            "created_at": self._clock(),
        }
        await self._connection.execute(insert(audit_log).values(**values))


_mapped = Mapped(
    AuditEntry, audit_log, convert={"action": Action, "address": lambda address: str(address) if address else None}
)

_listing = Listing(
    _mapped,
    audit_log,
    sorts={},
    filters={
        "action": audit_log.c.action == bindparam("action", type_=Text),
        "actor": audit_log.c.actor_id == bindparam("actor", type_=audit_log.c.actor_id.type),
        "object": audit_log.c.object_id == bindparam("object", type_=audit_log.c.object_id.type),
        "since": audit_log.c.created_at >= bindparam("since", type_=audit_log.c.created_at.type),
        "until": audit_log.c.created_at < bindparam("until", type_=audit_log.c.created_at.type),
    },
    # Nobody but an admin has a path to the log.
    paths={"admin": EVERYTHING, "member": ()},
)


class AuditReads:
    """What admins read. The listing has no path for anybody else."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def page(self, viewer: Viewer, window: Window, **filter: object) -> Page[AuditEntry]:
        return await _listing.page(self._reader, window, access(viewer), **filter)

    async def count(self, viewer: Viewer, **filter: object) -> int:
        return await _listing.count(self._reader, access(viewer), **filter)
