"""The type AuditEntry."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import Parent
from strawberry.scalars import JSON

from domain.accounts.model import User as UserEntity
from domain.audit import Action
from domain.audit import AuditEntry as EntryEntity
from domain.pages import NEWEST, OLDEST
from graph.accounts.types import User
from graph.context import Info
from graph.enums import described
from graph.fields import edge, plain
from graph.ids import encode
from graph.node import Node, id_of

described(
    Action,
    "AuditAction",
    "What was done.",
    {
        Action.USER_REGISTERED: "An account was made.",
        Action.USER_ROLE_CHANGED: "A person's role on the platform changed.",
        Action.USER_DEACTIVATED: "A person was shut out.",
        Action.USER_REACTIVATED: "A person was let in again.",
        Action.USER_RENAMED: "A person changed the username or e-mail address.",
        Action.PASSWORD_CHANGED: "A person changed the password.",
        Action.PASSWORD_RESET: "A person reset the password by mail.",
        Action.SESSION_REVOKED: "A person ended one or more sessions.",
        Action.SESSION_FAMILY_REVOKED: "A session was ended because its refresh token was used twice.",
        Action.TOKEN_CREATED: "An API token was made.",
        Action.TOKEN_REVOKED: "An API token was revoked.",
        Action.PROJECT_DELETED: "A project was deleted.",
        Action.MEMBER_ADDED: "Somebody was let into a project.",
        Action.MEMBER_ROLE_CHANGED: "A member's role in a project changed.",
        Action.MEMBER_REMOVED: "Somebody left a project or was removed from it.",
        Action.STRATEGY_MOVED: "A strategy was moved into a project, or out of one.",
        Action.STRATEGY_DELETED: "A strategy was deleted.",
        Action.TEMPLATE_DELETED: "A template was deleted.",
        Action.DATASET_MOVED: "A dataset was moved into a project, or out of one.",
        Action.DATASET_DELETED: "A dataset was deleted.",
        Action.JOB_DELETED: "A job that was over was deleted.",
        Action.EVALUATION_DELETED: "An evaluation was deleted with its job.",
        Action.MODEL_STAGE_CHANGED: "A model came to another stage.",
        Action.MODEL_DELETED: "A model was deleted.",
        Action.CONFIG_CHANGED: "The system configuration changed.",
        Action.BROADCAST_SENT: "An admin told everyone something.",
        Action.DOCUMENTS_REGISTERED: "Operations were registered as trusted.",
    },
)


class AuditOrder(Enum):
    """Orders that an index supports."""

    NEWEST = NEWEST
    OLDEST = OLDEST


described(
    AuditOrder,
    "AuditOrder",
    "How the audit log is sorted.",
    {AuditOrder.NEWEST: "Latest first.", AuditOrder.OLDEST: "Earliest first."},
)


async def _actor(parent: Parent[EntryEntity], info: Info) -> UserEntity | None:
    return await info.context.loaders.user(parent.actor_id) if parent.actor_id else None


def _object_id(parent: Parent[EntryEntity]) -> strawberry.ID | None:
    return strawberry.ID(encode(parent.object_type, parent.object_id)) if parent.object_id else None


@strawberry.type(description="One thing that changed access or was deleted.")
class AuditEntry(Node):
    __source__ = EntryEntity

    id: strawberry.ID = id_of("AuditEntry")
    action: Action = plain("What was done.")
    actor: User | None = edge(_actor, "Who did it; null: an operator at the command line, or nobody knows.")
    object_type: str = plain("The kind of object it was done to.")
    object_id: strawberry.ID | None = edge(_object_id, "The object's id, also when there is no such object any more.")
    before: JSON | None = plain("How it was.")
    after: JSON | None = plain("How it became.")
    address: str | None = plain("Network address that the request came from.")
    request_id: str = plain("Request id, as in logs; empty for the command line.")
    created_at: datetime = plain("When.")


__all__ = ["AuditEntry", "AuditOrder"]
