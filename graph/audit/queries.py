"""Reading the audit log."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from domain.audit import Action, AuditFilter
from domain.clock import in_utc
from domain.errors import Code, Refused
from graph.audit.types import AuditEntry, AuditOrder
from graph.context import Info
from graph.fields import optional
from graph.ids import decode, split
from graph.pages import After, Before, Connection, First, Last, PageView, window
from graph.payloads import query
from graph.policy import ADMIN


@strawberry.input(name="AuditFilter", description="Which entries to list. What is left out does not matter.")
class AuditFilterInput:
    action: Action | None = optional("Only this was done.")
    actor_id: strawberry.ID | None = optional("Only by this person.")
    object_id: strawberry.ID | None = optional("Only to this object, of any kind.")
    since: datetime | None = optional("Only from this moment on.")
    until: datetime | None = optional("Only before this moment.")

    def wanted(self) -> AuditFilter:
        of, object_id = _object(self.object_id)
        return AuditFilter(
            action=self.action,
            actor_id=decode(self.actor_id, "User", "actor_id") if self.actor_id else None,
            object_type=of,
            object_id=object_id,
            since=in_utc(self.since, "since") if self.since else None,
            until=in_utc(self.until, "until") if self.until else None,
        )


def _object(global_id: str | None) -> tuple[str | None, UUID | None]:
    if not global_id:
        return None, None
    parts = split(global_id)
    if parts is None or not parts[0].isalnum():
        raise Refused.because(Code.NOT_FOUND, "There is no object with this id.", "object_id")
    return parts


async def _audit_log(
    info: Info,
    filter: Annotated[AuditFilterInput | None, strawberry.argument(description="Which ones.")] = UNSET,
    order_by: Annotated[AuditOrder, strawberry.argument(description="In which order.")] = AuditOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView:
    viewer, reads = info.context.viewer, info.context.reads.audit
    wanted = filter.wanted() if filter else AuditFilter()
    page = await reads.page(viewer, window(order_by.value, first, after, last, before), wanted)
    return PageView(page, lambda: reads.count(viewer, wanted))


@strawberry.type
class AuditQueries:
    audit_log: Connection[AuditEntry] = query(
        _audit_log, policy=ADMIN, description="All that changed access or was deleted, the latest first. For admins."
    )


__all__ = ["AuditQueries"]
