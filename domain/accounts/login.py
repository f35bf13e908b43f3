"""Logging in by username or e-mail address."""

from __future__ import annotations

from dataclasses import replace

from domain.accounts.issuing import SessionIssuer, SignedIn
from domain.accounts.model import Credentials
from domain.accounts.ports import LoginThrottle, PasswordHasher
from domain.clock import Clock
from domain.errors import Code, Refused
from domain.viewer import Origin
from domain.work import Works


class Logins:
    """Whoever asks learns nothing but yes or no: an unknown name, an inactive user and a wrong password cost the same
    work and get the same answer."""

    def __init__(
        self,
        *,
        works: Works,
        hasher: PasswordHasher,
        throttle: LoginThrottle,
        issuer: SessionIssuer,
        clock: Clock,
    ) -> None:
        self._works = works
        self._hasher = hasher
        self._throttle = throttle
        self._issuer = issuer
        self._clock = clock

    async def login(self, origin: Origin, name: str, password: str) -> SignedIn:
        key, address = f"login:{typed(name)}", origin.address or ""
        await self._throttle.check(key, address)
        signed_in = await self._enter(origin, name, password)
        if signed_in is None:
            await self._throttle.failed(key, address)
            raise Refused.because(Code.INVALID_CREDENTIALS, "The name or the password is wrong.")
        await self._throttle.succeeded(key)
        return signed_in

    async def _enter(self, origin: Origin, name: str, password: str) -> SignedIn | None:
        async with self._works() as work:
            found = await work.users.find(name)
        if not await self._proves(found, password) or found is None or not found.user.is_active:
            return None
        renewed = await self._renewed(found, password)
        async with self._works() as work:
            now = await work.users.lock(found.user.id)
            # Hashing took a while, and nothing was held: the account may not be what it was.
            if now.password_hash != found.password_hash or not now.user.is_active:
                return None
            if renewed is not None:
                await work.users.set_password(now.user.id, renewed)
            user = replace(now.user, last_login_at=self._clock())
            await work.users.save(user)
            return await self._issuer.begin(work, user, origin)

    async def _proves(self, found: Credentials | None, password: str) -> bool:
        if found is None:
            await self._hasher.waste_time()
            return False
        return await self._hasher.verify(found.password_hash, password)

    async def _renewed(self, proven: Credentials, password: str) -> str | None:
        """A stronger hash of the same password, where the parameters grew since it was made."""
        if not self._hasher.needs_rehash(proven.password_hash):
            return None
        return await self._hasher.hash(password)


def typed(name: str) -> str:
    """What tries are counted by: the name as it was typed.

    Counting by the account behind it would tell which username and which address belong together, and that they exist.
    """
    return name.strip().lower()
