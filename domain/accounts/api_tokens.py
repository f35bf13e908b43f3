"""Personal tokens for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.accounts.model import ApiToken, Scope, User
from domain.accounts.tokens import TokenKind, hash_token, new_token, visible_prefix
from domain.audit import Action
from domain.clock import Clock, in_utc
from domain.errors import Code, Forbidden, Refused
from domain.ids import new_id
from domain.text import Problems, clean_text
from domain.viewer import Role, Viewer, only_admins
from domain.work import AccessChanged, UnitOfWork, Works

MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiToken:
    name: str
    scopes: Sequence[Scope]
    expires_at: datetime | None = None

    def cleaned(self, now: datetime) -> dict[str, Any]:
        with Problems() as problems:
            return {
                "name": problems.take(clean_text, self.name, "name", maximum=100),
                "scopes": problems.take(_clean_scopes, self.scopes),
                "expires_at": problems.take(_clean_expiry, self.expires_at, now),
            }


@dataclass(frozen=True, slots=True)
class MadeApiToken:
    """The only moment at which the secret is known."""

    token: ApiToken
    secret: str = field(repr=False)


class ApiTokens:
    """Make and revoke tokens: one's own, or as an operator those of somebody else."""

    def __init__(self, *, works: Works, clock: Clock) -> None:
        self._works = works
        self._clock = clock

    async def create(self, viewer: Viewer, new: NewApiToken) -> MadeApiToken:
        values = new.cleaned(self._clock())
        for scope in new.scopes:
            if not viewer.has_scope(scope):
                raise Forbidden(f"This API token has no scope {scope.value}, so it cannot give it.")
        return await self._create(viewer, viewer.id, values)

    async def create_for(self, viewer: Viewer, user_id: UUID, new: NewApiToken) -> MadeApiToken:
        only_admins(viewer)
        return await self._create(viewer, user_id, new.cleaned(self._clock()))

    async def revoke(self, viewer: Viewer, id: UUID) -> ApiToken:
        async with self._works() as work:
            return await self._revoke(work, viewer, viewer.id, id)

    async def revoke_for(self, viewer: Viewer, user_id: UUID, prefix: str) -> ApiToken:
        """By the characters that lists show; refuses when they mean none or more than one."""
        only_admins(viewer)
        async with self._works() as work:
            live = await work.api_tokens.live(user_id, self._clock())
            found = [token for token in live if prefix and token.prefix.startswith(prefix)]
            if len(found) != 1:
                message = f"{len(found)} tokens that still work begin like this. Give the prefix of one."
                raise Refused.because(Code.NOT_FOUND, message, "prefix")
            return await self._revoke(work, viewer, user_id, found[0].id)

    async def of(self, viewer: Viewer, user_id: UUID) -> Sequence[ApiToken]:
        """Those that still work."""
        only_admins(viewer)
        async with self._works() as work:
            return await work.api_tokens.live(user_id, self._clock())

    async def _create(self, viewer: Viewer, user_id: UUID, values: dict[str, Any]) -> MadeApiToken:
        async with self._works() as work:
            # The user's row is held, so that two at once cannot both be the last one that fits.
            user = (await work.users.lock(user_id)).user
            await self._must_be_allowed(work, user, values["scopes"])
            secret = new_token(TokenKind.API)
            token = self._token(user_id, visible_prefix(secret), values)
            await work.api_tokens.add(token, hash_token(secret))
            await work.audit.record(viewer, Action.TOKEN_CREATED, of="User", id=user_id, after=_shown(token))
        return MadeApiToken(token, secret)

    async def _must_be_allowed(self, work: UnitOfWork, user: User, scopes: Sequence[Scope]) -> None:
        if not user.is_active:
            raise Refused.because(Code.WRONG_STATE, "This account is deactivated.")
        if Scope.ADMIN in scopes and user.role is not Role.ADMIN:
            raise Forbidden("Only an admin's token may have the scope admin.")
        if len(await work.api_tokens.live(user.id, self._clock())) >= MOST:
            message = f"There may be {MOST} tokens at a time. Revoke one that is not needed."
            raise Refused.because(Code.QUOTA_EXCEEDED, message)

    async def _revoke(self, work: UnitOfWork, viewer: Viewer, user_id: UUID, id: UUID) -> ApiToken:
        token = await work.api_tokens.revoke(user_id, id, self._clock())
        await work.audit.record(viewer, Action.TOKEN_REVOKED, of="User", id=user_id, before=_shown(token))
        work.publish(AccessChanged(user_id))
        return token

    def _token(self, user_id: UUID, prefix: str, values: dict[str, Any]) -> ApiToken:
        return ApiToken(
            id=new_id(), user_id=user_id, prefix=prefix, last_used_at=None, created_at=self._clock(), **values
        )


def _clean_scopes(scopes: Sequence[Scope]) -> tuple[str, ...]:
    if not scopes:
        raise Refused.because(Code.REQUIRED, "Give at least one scope.", "scopes")
    return tuple(scope.value for scope in Scope if scope in scopes)


def _clean_expiry(expires_at: datetime | None, now: datetime) -> datetime | None:
    if expires_at is None:
        return None
    moment = in_utc(expires_at, "expires_at")
    if moment <= now:
        raise Refused.because(Code.OUT_OF_RANGE, "This moment is past. Choose a later one.", "expires_at")
    return moment


def _shown(token: ApiToken) -> dict[str, Any]:
    ends = token.expires_at.isoformat() if token.expires_at else None
    return {"name": token.name, "prefix": token.prefix, "scopes": list(token.scopes), "expires_at": ends}


__all__ = ["MOST", "ApiTokens", "MadeApiToken", "NewApiToken"]
