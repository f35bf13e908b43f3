"""A new password: for somebody who knows the old one, and for somebody who forgot it."""

from __future__ import annotations

from domain.accounts.login import typed
from domain.accounts.model import Credentials, User
from domain.accounts.passwords import check_password
from domain.accounts.ports import LoginThrottle, PasswordHasher
from domain.accounts.proof import PasswordProof, lock_unchanged
from domain.accounts.sessions import current_family
from domain.accounts.tokens import ResetTokens, bad_link
from domain.audit import Action
from domain.clock import Clock
from domain.errors import Refused
from domain.viewer import Origin, Viewer
from domain.work import AccessChanged, Task, UnitOfWork, Works

RESET_MAIL = "mail.password_reset"


class Passwords:
    """Change and reset passwords. API tokens stay: they are no passwords, and are revoked one by one."""

    def __init__(
        self,
        *,
        works: Works,
        hasher: PasswordHasher,
        throttle: LoginThrottle,
        proof: PasswordProof,
        reset_tokens: ResetTokens,
        clock: Clock,
    ) -> None:
        self._works = works
        self._hasher = hasher
        self._throttle = throttle
        self._proof = proof
        self._reset_tokens = reset_tokens
        self._clock = clock

    async def change(self, viewer: Viewer, current: str, new: str) -> User:
        """Ends all other sessions."""
        credentials = await self._proof.credentials(viewer)
        _check(new, credentials.user)
        await self._proof.require(viewer, credentials, current, "current_password")
        new_hash = await self._hasher.hash(new)
        async with self._works() as work:
            user = await lock_unchanged(work, credentials, "current_password")
            await self._replace(work, viewer, new_hash, Action.PASSWORD_CHANGED)
        return user

    async def request_reset(self, origin: Origin, name: str) -> None:
        """Send a letter with a reset token, if there is somebody to send it to.

        The same is done for everybody, known or not: a look and a task; only the worker finds that there is nobody.
        """
        key, address = f"reset:{typed(name)}", origin.address or ""
        await self._throttle.check(key, address)
        # Each request counts: there is no telling a failed one from another.
        await self._throttle.failed(key, address)
        async with self._works() as work:
            found = await work.users.find(name)
            await work.enqueue(Task(RESET_MAIL, {"user_id": str(found.user.id) if found else None}))

    async def reset(self, origin: Origin, token: str, new: str) -> User:
        """Ends all sessions."""
        credentials = await self._named_by(token)
        _check(new, credentials.user)
        new_hash = await self._hasher.hash(new)
        async with self._works() as work:
            now = await work.users.lock(credentials.user.id)
            self._must_be_good(token, now)
            # Whoever holds the letter is the person, though in no session.
            person = Viewer(now.user.id, now.user.role, origin=origin)
            await self._replace(work, person, new_hash, Action.PASSWORD_RESET)
        return now.user

    async def _named_by(self, token: str) -> Credentials:
        user_id = self._reset_tokens.user_of(token)
        try:
            async with self._works() as work:
                credentials = await work.users.get(user_id)
        except Refused as error:
            raise bad_link() from error
        self._must_be_good(token, credentials)
        return credentials

    def _must_be_good(self, token: str, credentials: Credentials) -> None:
        self._reset_tokens.check(token, credentials.password_hash)
        if not credentials.user.is_active:
            raise bad_link()

    async def _replace(self, work: UnitOfWork, person: Viewer, new_hash: str, action: Action) -> None:
        """The session that asks goes on, if there is one."""
        await work.users.set_password(person.id, new_hash)
        kept = await current_family(work, person)
        ended = await work.sessions.revoke_all(person.id, self._clock(), but=kept)
        await work.audit.record(person, action, of="User", id=person.id, after={"sessions_ended": ended})
        work.publish(AccessChanged(person.id))


def _check(new: str, user: User) -> None:
    check_password(new, "new_password", username=user.username, email=user.email, full_name=user.full_name)
