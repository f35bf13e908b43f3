"""Coming in: everything that somebody may do who is not logged in."""

from datetime import datetime
from typing import Any

import strawberry

from domain.accounts.issuing import SignedIn
from domain.accounts.registration import NewAccount
from graph.accounts.types import Oneself, User
from graph.context import Info
from graph.fields import optional, plain
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import ANYONE


@strawberry.input(description="A new account.")
class RegisterInput:
    username: str = plain("Name to log in with: 3 to 50 letters, digits, dots, underscores or hyphens.")
    email: str = plain("E-mail address. It works for logging in too, and is where a reset of the password goes.")
    password: str = plain("10 to 128 characters; three or four unrelated words make a good one.")
    full_name: str = plain("Name to show to others.")
    terms_accepted: bool = plain("That you accept the terms of whoever runs this platform. Must be true.")


@strawberry.input(description="Who you are.")
class LoginInput:
    username_or_email: str = plain("Your username or e-mail address, in any case.")
    password: str = plain("Your password.")


@strawberry.input(description="The token to exchange.")
class RefreshInput:
    refresh_token: str = plain("The latest refresh token you were given.")


@strawberry.input(description="Whose password is forgotten.")
class RequestPasswordResetInput:
    username_or_email: str = plain("Your username or e-mail address.")


@strawberry.input(description="A new password for somebody who forgot the old one.")
class ResetPasswordInput:
    token: str = plain("The token from the letter.")
    new_password: str = plain("10 to 128 characters; three or four unrelated words make a good one.")


@strawberry.type(description="What your program needs to act as you.")
class SignedInPayload(Payload):
    access_token: str | None = optional(
        "Send it with each request as the header `Authorization: Bearer ACCESS_TOKEN`, and on a WebSocket as "
        '`{"authorization": "Bearer ACCESS_TOKEN"}` in connection_init.'
    )
    expires_at: datetime | None = optional("When the access token ends. Get a new one before that with `refresh`.")
    refresh_token: str | None = optional(
        "Give it to `refresh`. It works once; used twice, it ends the session, because one of the two was a thief."
    )
    user: User | None = optional("You.")


@strawberry.type(description="Answer to register: you are logged in at once.")
class RegisterPayload(SignedInPayload):
    pass


@strawberry.type(description="Answer to login.")
class LoginPayload(SignedInPayload):
    pass


@strawberry.type(description="Answer to refresh: a new pair of tokens.")
class RefreshPayload(SignedInPayload):
    pass


@strawberry.type(description="Answer to requestPasswordReset: the same whether there is such an account or not.")
class RequestPasswordResetPayload(Payload):
    pass


@strawberry.type(description="Answer to resetPassword. Log in with the new password now.")
class ResetPasswordPayload(Payload):
    user: User | None = optional("You.")


async def _register(info: Info, input: RegisterInput) -> RegisterPayload:
    new = NewAccount(username=input.username, email=input.email, full_name=input.full_name, password=input.password)
    registration, origin = info.context.use.accounts.registration, info.context.viewer.origin
    return RegisterPayload(**_tokens(await registration.register(origin, new, terms_accepted=input.terms_accepted)))


async def _login(info: Info, input: LoginInput) -> LoginPayload:
    logins, origin = info.context.use.accounts.logins, info.context.viewer.origin
    return LoginPayload(**_tokens(await logins.login(origin, input.username_or_email, input.password)))


async def _refresh(info: Info, input: RefreshInput) -> RefreshPayload:
    sessions, origin = info.context.use.accounts.sessions, info.context.viewer.origin
    return RefreshPayload(**_tokens(await sessions.refresh(origin, input.refresh_token)))


async def _request_reset(info: Info, input: RequestPasswordResetInput) -> RequestPasswordResetPayload:
    passwords, origin = info.context.use.accounts.passwords, info.context.viewer.origin
    await passwords.request_reset(origin, input.username_or_email)
    return RequestPasswordResetPayload()


async def _reset(info: Info, input: ResetPasswordInput) -> ResetPasswordPayload:
    passwords, origin = info.context.use.accounts.passwords, info.context.viewer.origin
    user = await passwords.reset(origin, input.token, input.new_password)
    return ResetPasswordPayload(user=shown(Oneself.of(user)))


def _tokens(signed_in: SignedIn) -> dict[str, Any]:
    return {
        "access_token": signed_in.access_token,
        "expires_at": signed_in.expires_at,
        "refresh_token": signed_in.refresh_token,
        "user": shown(Oneself.of(signed_in.user)),
    }


@strawberry.type
class EntryMutations:
    register: RegisterPayload = mutation(
        _register, policy=ANYONE, description="Make an account and log in. Begin here if you have none."
    )
    login: LoginPayload = mutation(_login, policy=ANYONE, description="Log in by username or e-mail address.")
    refresh: RefreshPayload = mutation(
        _refresh,
        policy=ANYONE,
        description="Exchange a refresh token for new tokens. Programs that share a session take turns: "
        "the same refresh token used twice ends it.",
    )
    request_password_reset: RequestPasswordResetPayload = mutation(
        _request_reset, policy=ANYONE, description="Have a letter sent with a token for `resetPassword`."
    )
    reset_password: ResetPasswordPayload = mutation(
        _reset, policy=ANYONE, description="Choose a new password with the token of a letter. Ends all your sessions."
    )


__all__ = ["EntryMutations"]
