"""What somebody gets who has proven who they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from domain.accounts.model import Session, User
from domain.accounts.ports import AccessClaims, TokenSigner
from domain.accounts.tokens import TokenKind, hash_token, new_token
from domain.clock import Clock
from domain.ids import new_id
from domain.viewer import Origin
from domain.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person and what their program needs to act as them."""

    user: User
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    """When the access token ends."""


class SessionIssuer:
    """Makes sessions. Callers hold the user's row."""

    def __init__(self, *, signer: TokenSigner, clock: Clock, access_life: timedelta, refresh_life: timedelta) -> None:
        self._signer = signer
        self._clock = clock
        self._access_life = access_life
        self._refresh_life = refresh_life

    async def begin(self, work: UnitOfWork, user: User, origin: Origin) -> SignedIn:
        """The first session of a new family."""
        return await self._issue(work, user, origin, None)

    async def proceed(self, work: UnitOfWork, user: User, family_id: UUID, origin: Origin) -> SignedIn:
        """The next session of a family."""
        return await self._issue(work, user, origin, family_id)

    async def _issue(self, work: UnitOfWork, user: User, origin: Origin, family_id: UUID | None) -> SignedIn:
        session = self._session(user, origin, family_id)
        refresh_token = new_token(TokenKind.REFRESH)
        await work.sessions.add(session, hash_token(refresh_token))
        claims = self._claims(session)
        return SignedIn(user, self._signer.sign(claims), refresh_token, claims.expires_at)

    def _session(self, user: User, origin: Origin, family_id: UUID | None) -> Session:
        id_, now = new_id(), self._clock()
        return Session(
            id=id_,
            user_id=user.id,
            family_id=family_id or id_,
            agent=origin.agent,
            address=origin.address,
            expires_at=now + self._refresh_life,
            last_used_at=now,
            created_at=now,
        )

    def _claims(self, session: Session) -> AccessClaims:
        now = session.created_at
        expires_at = min(now + self._access_life, session.expires_at)
        return AccessClaims(session.user_id, session.id, new_id(), now, expires_at)
