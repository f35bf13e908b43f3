"""What admins do with people's accounts."""

import strawberry

from domain.viewer import Role
from graph.accounts.types import User
from graph.context import Info
from graph.fields import optional, plain
from graph.ids import decode
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import ADMIN


@strawberry.input(description="A person and the new role.")
class SetUserRoleInput:
    id: strawberry.ID = plain("The person.")
    role: Role = plain("What the person may do on the platform from now on.")


@strawberry.input(description="A person, and whether that person may log in.")
class SetUserActiveInput:
    id: strawberry.ID = plain("The person.")
    is_active: bool = plain("False ends all sessions and API tokens of the person, for good.")


@strawberry.type(description="Answer to setUserRole.")
class SetUserRolePayload(Payload):
    user: User | None = optional("The person as it is now.")


@strawberry.type(description="Answer to setUserActive.")
class SetUserActivePayload(Payload):
    user: User | None = optional("The person as it is now.")


async def _set_role(info: Info, input: SetUserRoleInput) -> SetUserRolePayload:
    id_ = decode(input.id, "User", "id")
    user = await info.context.use.accounts.administration.set_role(info.context.viewer, id_, input.role)
    return SetUserRolePayload(user=shown(user))


async def _set_active(info: Info, input: SetUserActiveInput) -> SetUserActivePayload:
    id_ = decode(input.id, "User", "id")
    administration = info.context.use.accounts.administration
    change = administration.reactivate if input.is_active else administration.deactivate
    return SetUserActivePayload(user=shown(await change(info.context.viewer, id_)))


@strawberry.type
class AdministrationMutations:
    set_user_role: SetUserRolePayload = mutation(
        _set_role, policy=ADMIN, description="Change what a person may do on the platform. The last admin stays one."
    )
    set_user_active: SetUserActivePayload = mutation(
        _set_active, policy=ADMIN, description="Shut a person out, or let the person in again. The last admin stays."
    )


__all__ = ["AdministrationMutations"]
