"""The audit log: added to inside units of work, read by admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, false, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.accounts.model import Scope
from domain.audit import Action, AuditEntry, AuditFilter
from domain.clock import Clock
from domain.ids import new_id
from domain.pages import Page, Window
from domain.viewer import Viewer
from persistence.access import access
from persistence.database import Reader, in_order
from persistence.listing import EVERYTHING, Listing, Path
from persistence.reading import Mapped, compiled
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
        "actor_id": audit_log.c.actor_id == bindparam("actor_id", type_=Uuid),
        "object_type": audit_log.c.object_type == bindparam("object_type", type_=Text),
        "object_id": audit_log.c.object_id == bindparam("object_id", type_=Uuid),
        "since": audit_log.c.created_at >= bindparam("since", type_=audit_log.c.created_at.type),
        "until": audit_log.c.created_at < bindparam("until", type_=audit_log.c.created_at.type),
    },
    paths={"admin": EVERYTHING, "member": (Path(false()),)},
)
_by_ids = compiled(select(*_mapped.columns).where(audit_log.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))))


class AuditReads:
    """Implements domain.audit.AuditReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[AuditEntry | None]:
        may_look = viewer.is_admin and viewer.has_scope(Scope.ADMIN)
        records = await self._reader.rows(_by_ids, ids=ids) if may_look else []
        return in_order(ids, _mapped.by("id", records))

    async def page(self, viewer: Viewer, window: Window, filter: AuditFilter) -> Page[AuditEntry]:
        return await _listing.page(self._reader, window, access(viewer), **asdict(filter))

    async def count(self, viewer: Viewer, filter: AuditFilter) -> int:
        return await _listing.count(self._reader, access(viewer), **asdict(filter))
