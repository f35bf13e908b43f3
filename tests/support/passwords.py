"""Password hashing that is quick, counted, and can be interrupted where a test wants something to happen meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import argon2

from app.adapters.argon2 import Argon2Hasher

QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
STRONGER = argon2.PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)

GOOD = "violet harbour cactus"
BETTER = "seven quiet lanterns"


async def _nothing() -> None:
    return


class CountingHasher:
    """A real PasswordHasher that tells how often each method was called."""

    def __init__(self, inner: Argon2Hasher) -> None:
        self.inner = inner
        self.calls: list[str] = []
        self.meanwhile: Callable[[], Awaitable[None]] = _nothing

    async def hash(self, password: str) -> str:
        await self._note("hash")
        return await self.inner.hash(password)

    async def verify(self, password_hash: str, password: str) -> bool:
        await self._note("verify")
        return await self.inner.verify(password_hash, password)

    async def waste_time(self) -> None:
        await self._note("waste_time")
        await self.inner.waste_time()

    def needs_rehash(self, password_hash: str) -> bool:
        return self.inner.needs_rehash(password_hash)

    async def _note(self, call: str) -> None:
        self.calls.append(call)
        meanwhile, self.meanwhile = self.meanwhile, _nothing
        await meanwhile()
