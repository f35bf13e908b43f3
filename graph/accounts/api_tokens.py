"""Making and revoking personal tokens for scripts."""

from datetime import datetime

import strawberry

from domain.accounts.api_tokens import NewApiToken
from domain.accounts.model import Scope
from graph.accounts.types import ApiToken
from graph.context import Info
from graph.fields import optional, plain
from graph.ids import decode
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import ACCOUNT


@strawberry.input(description="A new API token.")
class CreateApiTokenInput:
    name: str = plain("What it is for, 1 to 100 characters.")
    scopes: list[Scope] = plain("What it is limited to: not more than whoever asks may do.")
    expires_at: datetime | None = optional("When it ends; left out: never.")


@strawberry.input(description="The API token to revoke.")
class RevokeApiTokenInput:
    id: strawberry.ID = plain("The token's id.")


@strawberry.type(description="Answer to createApiToken.")
class CreateApiTokenPayload(Payload):
    token: str | None = optional(
        "The secret itself, shown only now. Send it as the header `Authorization: Bearer TOKEN`."
    )
    api_token: ApiToken | None = optional("What lists will show of it.")


@strawberry.type(description="Answer to revokeApiToken.")
class RevokeApiTokenPayload(Payload):
    api_token: ApiToken | None = optional("The token as it was.")


async def _create(info: Info, input: CreateApiTokenInput) -> CreateApiTokenPayload:
    new = NewApiToken(name=input.name, scopes=input.scopes, expires_at=input.expires_at)
    made = await info.context.use.accounts.api_tokens.create(info.context.viewer, new)
    return CreateApiTokenPayload(token=made.secret, api_token=shown(made.token))


async def _revoke(info: Info, input: RevokeApiTokenInput) -> RevokeApiTokenPayload:
    id_ = decode(input.id, "ApiToken", "id")
    token = await info.context.use.accounts.api_tokens.revoke(info.context.viewer, id_)
    return RevokeApiTokenPayload(api_token=shown(token))


@strawberry.type
class ApiTokenMutations:
    create_api_token: CreateApiTokenPayload = mutation(
        _create, policy=ACCOUNT, description="Make a token for a script. At most 50 work at a time."
    )
    revoke_api_token: RevokeApiTokenPayload = mutation(
        _revoke, policy=ACCOUNT, description="End one of your tokens, at once."
    )


__all__ = ["ApiTokenMutations"]
