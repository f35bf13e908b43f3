"""Access tokens that stopped counting, known to all processes at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from domain.accounts.ports import AccessClaims, Revoked, SessionRevoked, UserRevoked
from domain.clock import Clock
from persistence.redis.link import Away, Link
from persistence.redis.windows import micros, moment

log = structlog.get_logger(__name__)

CHANNEL = "tmw:revoked"
SESSIONS = "tmw:revoked:sessions"
USERS = "tmw:revoked:users"
# Longer than the leeway that readers of tokens give to clocks.
MARGIN = timedelta(minutes=1)
TICK_S = 1.0
SILENT_TICKS = 5

# Forget what is past, remember the new, and ring the bell only if it was new.
REVOKE = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[3])
if redis.call('ZADD', KEYS[1], 'GT', 'CH', ARGV[2], ARGV[1]) == 1 then
    redis.call('PUBLISH', ARGV[4], ARGV[5])
end
return 0
"""


class RedisRevocations:
    """The Revocations.

    The database holds the truth: a session's row is ended before its tokens are revoked here. So this asks Redis only
    while it is known to be complete, that is after `heal` copied into it what the database knows and for as long as no
    question to Redis failed; otherwise it asks the database about each token. Losing Redis, with or without its data,
    makes answers slower and never wrong. `watch` heals by itself; a process without it asks the database.
    """

    def __init__(
        self,
        link: Link,
        *,
        clock: Clock,
        token_life: timedelta,
        session_is_live: Callable[[UUID], Awaitable[bool]],
        revoked_since: Callable[[datetime], Awaitable[Sequence[Revoked]]],
    ) -> None:
        self._link = link
        self._clock = clock
        self._token_life = token_life
        self._session_is_live = session_is_live
        self._revoked_since = revoked_since
        self._script = link.redis.register_script(REVOKE)
        self._complete = False
        self._losses = 0

    async def revoke_session(self, session_id: UUID, until: datetime) -> None:
        await self._try(lambda: self._write(SessionRevoked(session_id, until)))

    async def revoke_user(self, user_id: UUID, at: datetime) -> None:
        await self._try(lambda: self._write(UserRevoked(user_id, at)))

    async def is_revoked(self, claims: AccessClaims) -> bool:
        if self._complete:
            try:
                session, user = await self._link.ask(lambda: self._scores(claims))
            except Away:
                self._lose()
            else:
                return session is not None or (user is not None and micros(claims.issued_at) < user)
        return not await self._session_is_live(claims.session_id)

    async def heal(self) -> None:
        """Copy into Redis what ended lately, so that it may be asked again. Raises Away, or what the database says."""
        losses = self._losses
        for revoked in await self._revoked_since(self._clock() - self._token_life - MARGIN):
            await self._write(revoked)
        # What was lost while this ran may have ended after the database was asked.
        self._complete = losses == self._losses

    async def watch(self) -> AsyncIterator[Revoked]:
        while True:
            try:
                async with self._link.redis.pubsub() as bell:
                    await bell.subscribe(CHANNEL)
                    async with aclosing(self._listen(bell)) as heard:
                        async for revoked in heard:
                            yield revoked
            except (RedisError, OSError) as error:
                self._lose()
                log.warning("not hearing of revocations", error=str(error))
                await asyncio.sleep(TICK_S)

    async def _listen(self, bell: PubSub) -> AsyncGenerator[Revoked]:
        silent = 0
        while silent < SILENT_TICKS:
            message = await bell.get_message(timeout=TICK_S)
            silent = 0 if message else silent + 1
            if message is None:
                await bell.ping()
            elif message["type"] == "subscribe":
                # A new connection, perhaps to a Redis that forgot; the client also makes one without telling.
                self._lose()
            await self._heal_if_needed()
            if message is None:
                continue
            if message["type"] == "subscribe":
                for revoked in await self._remembered():
                    yield revoked
            elif message["type"] == "message" and (heard := _decode(message["data"])):
                yield heard
        raise ConnectionError("Redis fell silent")

    async def _try(self, write: Callable[[], Awaitable[None]]) -> None:
        try:
            await write()
        except Away:
            # The session has ended in the database, which is asked from now on.
            self._lose()

    def _lose(self) -> None:
        self._complete = False
        self._losses += 1

    async def _heal_if_needed(self) -> None:
        if self._complete:
            return
        try:
            await self.heal()
        except Exception as error:  # noqa: BLE001 - whatever the database says, the bell must go on being heard
            log.warning("revocations not healed", error=str(error) or type(error).__name__)

    async def _write(self, revoked: Revoked) -> None:
        # What no token can be concerned by any more is forgotten.
        now = self._clock() - MARGIN
        if isinstance(revoked, SessionRevoked):
            key, id, score, past = SESSIONS, revoked.session_id, micros(revoked.until), micros(now)
        else:
            key, id, score, past = USERS, revoked.user_id, micros(revoked.at), micros(now - self._token_life)
        args: list[str | int | bytes] = [str(id), score, past, CHANNEL, orjson.dumps([key, id, score])]
        await self._link.ask(lambda: self._script(keys=[key], args=args))

    async def _scores(self, claims: AccessClaims) -> list[float | None]:
        async with self._link.redis.pipeline(transaction=False) as pipe:
            pipe.zscore(SESSIONS, str(claims.session_id))
            pipe.zscore(USERS, str(claims.user_id))
            answer: list[float | None] = await pipe.execute()
        return answer

    async def _remembered(self) -> list[Revoked]:
        async with self._link.redis.pipeline(transaction=False) as pipe:
            pipe.zrange(SESSIONS, 0, -1, withscores=True)
            pipe.zrange(USERS, 0, -1, withscores=True)
            sessions, users = await pipe.execute()
        rows = [*((SESSIONS, *row) for row in sessions), *((USERS, *row) for row in users)]
        return [_revoked(key, id.decode() if isinstance(id, bytes) else id, int(score)) for key, id, score in rows]


def _decode(data: Any) -> Revoked | None:
    try:
        key, id, score = orjson.loads(data)
        return _revoked(key, id, score)
    except (ValueError, TypeError, AttributeError, OverflowError):
        log.warning("not a revocation", data=repr(data)[:100])
        return None


def _revoked(key: str, id: str, score: int) -> Revoked:
    if key == SESSIONS:
        return SessionRevoked(UUID(id), moment(score))
    if key == USERS:
        return UserRevoked(UUID(id), moment(score))
    raise ValueError(key)
