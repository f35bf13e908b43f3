"""Looking after one's own account."""

import strawberry
from strawberry.scalars import JSON

from domain.accounts.profile import ProfileChanges
from graph.accounts.types import Session, User
from graph.context import Info
from graph.fields import optional, plain
from graph.ids import decode
from graph.inputs import given
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import ACCOUNT


@strawberry.input(description="Which sessions to end.")
class LogoutEverywhereInput:
    keep_current: bool = optional("Whether the session that asks goes on.", False)


@strawberry.input(description="The session to end.")
class RevokeSessionInput:
    id: strawberry.ID = plain("The session.")


@strawberry.input(description="Changes to your profile. What is left out stays as it is.")
class UpdateProfileInput:
    full_name: strawberry.Maybe[str] = plain("New name to show.")
    username: strawberry.Maybe[str] = plain("New name to log in with. Needs your password.")
    email: strawberry.Maybe[str] = plain("New e-mail address. Needs your password.")
    password: str | None = optional("Your present password, when the username or e-mail address changes.")


@strawberry.input(description="New settings.")
class UpdateSettingsInput:
    settings: JSON = plain("An object; it replaces the old settings.")


@strawberry.input(description="The old password and the new one.")
class ChangePasswordInput:
    current_password: str = plain("Your present password.")
    new_password: str = plain("10 to 128 characters; three or four unrelated words make a good one.")


@strawberry.type(description="Answer to logout. The access token counts no more.")
class LogoutPayload(Payload):
    pass


@strawberry.type(description="Answer to logoutEverywhere.")
class LogoutEverywherePayload(Payload):
    ended: int | None = optional("How many sessions were ended.")


@strawberry.type(description="Answer to revokeSession.")
class RevokeSessionPayload(Payload):
    session: Session | None = optional("The session that was ended.")


@strawberry.type(description="Answer to updateProfile.")
class UpdateProfilePayload(Payload):
    user: User | None = optional("You, as you are now.")


@strawberry.type(description="Answer to updateSettings.")
class UpdateSettingsPayload(Payload):
    user: User | None = optional("You, as you are now.")


@strawberry.type(description="Answer to changePassword.")
class ChangePasswordPayload(Payload):
    user: User | None = optional("You.")


async def _logout(info: Info) -> LogoutPayload:
    await info.context.use.accounts.sessions.logout(info.context.viewer)
    return LogoutPayload()


async def _logout_everywhere(info: Info, input: LogoutEverywhereInput) -> LogoutEverywherePayload:
    sessions = info.context.use.accounts.sessions
    ended = await sessions.logout_everywhere(info.context.viewer, keep_current=input.keep_current)
    return LogoutEverywherePayload(ended=ended)


async def _revoke_session(info: Info, input: RevokeSessionInput) -> RevokeSessionPayload:
    id_ = decode(input.id, "Session", "id")
    return RevokeSessionPayload(
        session=shown(await info.context.use.accounts.sessions.revoke(info.context.viewer, id_))
    )


async def _update_profile(info: Info, input: UpdateProfileInput) -> UpdateProfilePayload:
    changes = ProfileChanges(
        full_name=given(input.full_name),
        username=given(input.username),
        email=given(input.email),
        password=input.password,
    )
    return UpdateProfilePayload(
        user=shown(await info.context.use.accounts.profiles.update(info.context.viewer, changes))
    )


async def _update_settings(info: Info, input: UpdateSettingsInput) -> UpdateSettingsPayload:
    profiles = info.context.use.accounts.profiles
    return UpdateSettingsPayload(user=shown(await profiles.update_settings(info.context.viewer, input.settings)))


async def _change_password(info: Info, input: ChangePasswordInput) -> ChangePasswordPayload:
    passwords = info.context.use.accounts.passwords
    user = await passwords.change(info.context.viewer, input.current_password, input.new_password)
    return ChangePasswordPayload(user=shown(user))


@strawberry.type
class OwnAccountMutations:
    logout: LogoutPayload = mutation(
        _logout, policy=ACCOUNT, description="End the session that asks, at once. An API token cannot log out."
    )
    logout_everywhere: LogoutEverywherePayload = mutation(
        _logout_everywhere, policy=ACCOUNT, description="End all your sessions. API tokens stay."
    )
    revoke_session: RevokeSessionPayload = mutation(
        _revoke_session, policy=ACCOUNT, description="End one of your sessions, at once."
    )
    update_profile: UpdateProfilePayload = mutation(
        _update_profile, policy=ACCOUNT, description="Change your names or your e-mail address."
    )
    update_settings: UpdateSettingsPayload = mutation(
        _update_settings, policy=ACCOUNT, description="Replace the free settings that your front end keeps."
    )
    change_password: ChangePasswordPayload = mutation(
        _change_password,
        policy=ACCOUNT,
        description="Choose a new password. Ends your other sessions; API tokens stay.",
    )


__all__ = ["OwnAccountMutations"]
