"""How a session goes on, and how it ends."""

from __future__ import annotations

from uuid import UUID

from domain.accounts.issuing import SessionIssuer, SignedIn
from domain.accounts.model import Session
from domain.accounts.stores import SessionState
from domain.accounts.tokens import TokenKind, hash_token, is_well_formed
from domain.audit import Action
from domain.clock import Clock
from domain.errors import Code, Refused
from domain.viewer import Origin, Viewer
from domain.work import AccessChanged, UnitOfWork, Works


class Sessions:
    """Refresh, log out, log out everywhere, end one session."""

    def __init__(self, *, works: Works, issuer: SessionIssuer, clock: Clock) -> None:
        self._works = works
        self._issuer = issuer
        self._clock = clock

    async def refresh(self, origin: Origin, refresh_token: str) -> SignedIn:
        """The next pair of tokens for this one, which is used up by it.

        Whoever brings a used one ends the whole family: one of two holders of the same token is a thief, and nobody can
        tell which. There is no time of grace, since a thief could use it as well; the honest holder logs in again.
        """
        signed_in = None
        if is_well_formed(TokenKind.REFRESH, refresh_token):
            async with self._works() as work:
                # A refusal is raised after the block: what it revokes must be committed.
                signed_in = await self._rotate(work, origin, hash_token(refresh_token))
        if signed_in is None:
            message = "This refresh token is unknown, used up, expired or revoked. Log in again."
            raise Refused.because(Code.INVALID_TOKEN, message, "refresh_token")
        return signed_in

    async def logout(self, viewer: Viewer) -> None:
        """End the session that asks, with all tokens that came out of its login. Twice is once."""
        if viewer.session_id is None:
            message = "This is an API token, which is in no session. Revoke the token to end its access."
            raise Refused.because(Code.WRONG_STATE, message)
        async with self._works() as work:
            await self._end(work, viewer, viewer.session_id)

    async def revoke(self, viewer: Viewer, id: UUID) -> Session:
        async with self._works() as work:
            ended = await self._end(work, viewer, id)
            if ended is None:
                raise Refused.because(Code.NOT_FOUND, "There is no such session, or it has ended already.", "id")
        return ended

    async def logout_everywhere(self, viewer: Viewer, *, keep_current: bool) -> int:
        """End all sessions; how many there were."""
        async with self._works() as work:
            await work.users.lock(viewer.id)
            kept = await current_family(work, viewer) if keep_current else None
            ended = await work.sessions.revoke_all(viewer.id, self._clock(), but=kept)
            await self._note(work, viewer, {"ended": ended})
            work.publish(AccessChanged(viewer.id))
        return ended

    async def _end(self, work: UnitOfWork, viewer: Viewer, id: UUID) -> Session | None:
        await work.users.lock(viewer.id)
        state = await work.sessions.lock(viewer.id, id)
        if state is None or state.revoked_at is not None:
            return None
        await work.sessions.revoke_family(state.session.family_id, self._clock())
        await self._note(work, viewer, {"session": str(id), "agent": state.session.agent})
        work.publish(AccessChanged(viewer.id))
        return state.session

    async def _note(self, work: UnitOfWork, viewer: Viewer, after: dict[str, object]) -> None:
        await work.audit.record(viewer, Action.SESSION_REVOKED, of="User", id=viewer.id, after=after)

    async def _rotate(self, work: UnitOfWork, origin: Origin, token_hash: bytes) -> SignedIn | None:
        owner_id = await work.sessions.owner(token_hash)
        if owner_id is None:
            return None
        user = (await work.users.lock(owner_id)).user
        state = await work.sessions.lock_by_hash(token_hash)
        if state is None or state.revoked_at is not None or not user.is_active:
            return None
        if state.rotated_at is not None:
            await self._punish(work, origin, state)
            return None
        now = self._clock()
        if state.session.expires_at <= now:
            return None
        await work.sessions.rotate(state.session.id, now)
        return await self._issuer.proceed(work, user, state.session.family_id, origin)

    async def _punish(self, work: UnitOfWork, origin: Origin, state: SessionState) -> None:
        session = state.session
        await work.sessions.revoke_family(session.family_id, self._clock())
        # Nobody is named as the one who did it: that is what is not known.
        stranger = Viewer(origin=origin)
        after = {"session": str(session.id), "agent": session.agent}
        await work.audit.record(stranger, Action.SESSION_FAMILY_REVOKED, of="User", id=session.user_id, after=after)
        work.publish(AccessChanged(session.user_id))


async def current_family(work: UnitOfWork, viewer: Viewer) -> UUID | None:
    """The family of the session that asks; None for an API token."""
    if viewer.session_id is None:
        return None
    state = await work.sessions.lock(viewer.id, viewer.session_id)
    return state.session.family_id if state else None


__all__ = ["Sessions", "current_family"]
