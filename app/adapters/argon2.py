"""Passwords by argon2id, off the event loop and never more at once than the machine can bear."""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

import argon2
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from domain.accounts.passwords import normal_form
from domain.errors import Unavailable

T = TypeVar("T")


class Argon2Hasher:
    """The PasswordHasher. `waiting` is how many may queue behind the `threads` that work: further ones are refused."""

    def __init__(self, hasher: argon2.PasswordHasher | None = None, *, threads: int = 2, waiting: int = 16) -> None:
        self._argon2 = hasher or argon2.PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._dummy = _hash_of_nothing(self._argon2)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._places = BoundedSemaphore(threads + waiting)

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._argon2.hash(_bytes(password)))

    async def verify(self, password_hash: str, password: str) -> bool:
        return await self._run(lambda: self._matches(password_hash, password))

    def needs_rehash(self, password_hash: str) -> bool:
        return self._argon2.check_needs_rehash(password_hash)

    async def waste_time(self) -> None:
        await self._run(lambda: self._matches(self._dummy, ""))

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._argon2.verify(password_hash, _bytes(password))
        except VerificationError:
            return False
        except InvalidHashError:
            # An account without a usable password must not be told apart by how fast it says no.
            self._matches(self._dummy, password)
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise Unavailable("Too many people sign in just now. Try again in a few seconds.")
        try:
            job = self._threads.submit(work)
        except RuntimeError as error:
            self._places.release()
            raise Unavailable("The server is stopping.") from error
        # Given back by the job and not by whoever waits: a client that hangs up does not stop the thread.
        job.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(job)


def _bytes(password: str) -> bytes:
    return normal_form(password).encode("utf-8", "surrogatepass")


def _hash_of_nothing(hasher: argon2.PasswordHasher) -> str:
    """A hash that no password has, with today's parameters, so that checking it costs what a real one costs."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, tag = (
        b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (hasher.salt_len, hasher.hash_len)
    )
    return f"$argon2id$v=19${cost}${salt}${tag}"
