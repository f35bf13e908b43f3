"""Slows down the guessing of passwords, per account and per address."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from domain.accounts.identity import network_of
from domain.clock import Clock
from domain.errors import Code, Refused
from persistence.redis.link import Away, Link
from persistence.redis.windows import HELD, MICROSECOND, LocalWindows, micros

WINDOW = timedelta(minutes=15)

# Answers when to come back, or 0 when the try was taken.
TAKE = f"""{HELD}
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
for index, key in ipairs(KEYS) do
    local limit = tonumber(ARGV[2 + index])
    local count = held(key, now, window)
    if count >= limit then return frees_at(key, count, limit, window) end
end
add(KEYS[1], now, window)
return 0
"""
NOTE = f"""{HELD}
held(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]))
add(KEYS[1], ARGV[1], tonumber(ARGV[2]))
return 0
"""


class RedisLoginThrottle:
    """The LoginThrottle.

    A try is taken from the account when it is checked and not when it has failed: else many at the same time would
    all be checked before the first of them fails. A success gives them back. While Redis is away each process counts
    for itself; the limit then grows with the number of processes, and is still one.
    """

    def __init__(self, link: Link, *, clock: Clock, per_account: int, per_address: int) -> None:
        self._link = link
        self._clock = clock
        self._limits = (per_account, per_address)
        self._take = link.redis.register_script(TAKE)
        self._note = link.redis.register_script(NOTE)
        self._local = LocalWindows()

    async def check(self, account_key: str, address: str) -> None:
        keys, now, window = [_account(account_key), _address(address)], micros(self._clock()), WINDOW // MICROSECOND
        try:
            free_at = int(await self._link.ask(lambda: self._take(keys=keys, args=[now, window, *self._limits])))
        except Away:
            free_at = self._take_local(keys, now, window)
        if free_at:
            raise Refused.because(Code.TOO_MANY_ATTEMPTS, f"Too many attempts. Try again in {_wait(free_at - now)}.")

    async def failed(self, account_key: str, address: str) -> None:  # noqa: ARG002 - the account paid in `check`
        key, now, window = _address(address), micros(self._clock()), WINDOW // MICROSECOND
        try:
            await self._link.ask(lambda: self._note(keys=[key], args=[now, window]))
        except Away:
            self._local.held(key, now, window)
            self._local.add(key, now)

    async def succeeded(self, account_key: str) -> None:
        self._local.forget(_account(account_key))
        try:
            await self._link.ask(lambda: self._link.redis.delete(_account(account_key)))
        except Away:
            return

    def _take_local(self, keys: list[str], now: int, window: int) -> int:
        for key, limit in zip(keys, self._limits, strict=True):
            if self._local.held(key, now, window) >= limit:
                return self._local.frees_at(key, limit, window)
        self._local.add(keys[0], now)
        return 0


def _account(account_key: str) -> str:
    # A digest, because people type all kinds of things into the field for the name, their password among them.
    return f"tmw:login:account:{hashlib.sha256(account_key.encode(errors='surrogatepass')).hexdigest()[:32]}"


def _address(address: str) -> str:
    return f"tmw:login:address:{network_of(address)}"


def _wait(micros: int) -> str:
    minutes = -(-micros // 60_000_000)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
