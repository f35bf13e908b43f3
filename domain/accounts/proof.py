"""Asks once more for the password, before what somebody with a stolen session must not do."""

from __future__ import annotations

from domain.accounts.model import Credentials, User
from domain.accounts.ports import LoginThrottle, PasswordHasher
from domain.errors import Code, Refused
from domain.viewer import Viewer
from domain.work import UnitOfWork, Works


class PasswordProof:
    """Checks the password of somebody who is logged in; guesses are counted like those at a login."""

    def __init__(self, *, works: Works, hasher: PasswordHasher, throttle: LoginThrottle) -> None:
        self._works = works
        self._hasher = hasher
        self._throttle = throttle

    async def credentials(self, viewer: Viewer) -> Credentials:
        async with self._works() as work:
            return await work.users.get(viewer.id)

    async def require(self, viewer: Viewer, credentials: Credentials, password: str, field: str) -> None:
        """Refuses with INVALID_CREDENTIALS at `field`. Nothing is held meanwhile: a hash takes its time."""
        key, address = f"proof:{viewer.id}", viewer.origin.address or ""
        await self._throttle.check(key, address)
        if not await self._hasher.verify(credentials.password_hash, password):
            await self._throttle.failed(key, address)
            raise _wrong(field)
        await self._throttle.succeeded(key)


async def lock_unchanged(work: UnitOfWork, credentials: Credentials, field: str) -> User:
    """The user, held, unless the password changed after it was proven."""
    now = await work.users.lock(credentials.user.id)
    if now.password_hash != credentials.password_hash:
        raise _wrong(field)
    return now.user


def _wrong(field: str) -> Refused:
    return Refused.because(Code.INVALID_CREDENTIALS, "This is not your present password.", field)
