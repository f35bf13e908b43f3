"""What admins, and operators at the command line, do with people's accounts."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from domain.accounts.model import User
from domain.audit import Action
from domain.clock import Clock
from domain.errors import Code, Forbidden, Refused
from domain.viewer import Role, Viewer, only_admins
from domain.work import AccessChanged, UnitOfWork, Works


class Administration:
    """Roles, and who may come in at all. The last active admin stays."""

    def __init__(self, *, works: Works, clock: Clock) -> None:
        self._works = works
        self._clock = clock

    async def find(self, viewer: Viewer, name: str) -> User:
        """By username or e-mail address."""
        only_admins(viewer)
        async with self._works() as work:
            found = await work.users.find(name)
        if found is None:
            raise Refused.because(Code.NOT_FOUND, "Nobody has this username or e-mail address.", "user")
        return found.user

    async def set_role(self, viewer: Viewer, user_id: UUID, role: Role) -> User:
        async with self._works() as work:
            user = await self._held(work, viewer, user_id, keeps_admin=role is Role.ADMIN)
            if user.role is role:
                return user
            changed = replace(user, role=role, updated_at=self._clock())
            await work.users.save(changed)
            before, after = {"role": user.role.value}, {"role": role.value}
            await work.audit.record(viewer, Action.USER_ROLE_CHANGED, of="User", id=user_id, before=before, after=after)
            work.publish(AccessChanged(user_id))
        return changed

    async def deactivate(self, viewer: Viewer, user_id: UUID) -> User:
        """Ends all sessions and API tokens for good: who comes back later logs in and makes new ones."""
        now = self._clock()
        async with self._works() as work:
            user = await self._held(work, viewer, user_id, keeps_admin=False)
            if not user.is_active:
                return user
            changed = replace(user, is_active=False, updated_at=now)
            await work.users.save(changed)
            sessions = await work.sessions.revoke_all(user_id, now)
            tokens = await work.api_tokens.revoke_all(user_id, now)
            after = {"sessions_ended": sessions, "tokens_revoked": tokens}
            await work.audit.record(viewer, Action.USER_DEACTIVATED, of="User", id=user_id, after=after)
            work.publish(AccessChanged(user_id))
        return changed

    async def reactivate(self, viewer: Viewer, user_id: UUID) -> User:
        async with self._works() as work:
            user = await self._held(work, viewer, user_id, keeps_admin=True)
            if user.is_active:
                return user
            changed = replace(user, is_active=True, updated_at=self._clock())
            await work.users.save(changed)
            await work.audit.record(viewer, Action.USER_REACTIVATED, of="User", id=user_id)
            work.publish(AccessChanged(user_id))
        return changed

    async def _held(self, work: UnitOfWork, viewer: Viewer, user_id: UUID, *, keeps_admin: bool) -> User:
        """The user, held, after a look at who the admins are at this moment."""
        only_admins(viewer)
        admins = await work.users.lock_admins()
        if viewer.user_id is not None and viewer.user_id not in admins:
            raise Forbidden("You are no admin any more.")
        user = (await work.users.lock(user_id)).user
        if admins == {user_id} and not keeps_admin:
            message = "This is the last admin. Make somebody else an admin first."
            raise Refused.because(Code.LAST_ADMIN, message, "id")
        return user
