"""A revoked token stops counting at once, in every process, also when Redis does not answer or has forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis

from domain.accounts.ports import AccessClaims, Revoked, SessionRevoked, UserRevoked
from domain.errors import Unavailable
from domain.ids import new_id
from persistence.redis.link import Link
from persistence.redis.revocation import CHANNEL, SESSIONS, USERS, RedisRevocations
from tests.persistence.redis.conftest import Valkey
from tests.support.clock import NOON, StandingClock

LIFE = timedelta(minutes=30)


class Records:
    """Stands for the database: which sessions ended, and how often it was asked."""

    def __init__(self) -> None:
        self.ended: dict[UUID, datetime] = {}
        self.asked = 0
        self.since: list[datetime] = []
        self.away = False

    async def is_live(self, session_id: UUID) -> bool:
        self.asked += 1
        return session_id not in self.ended

    async def revoked_since(self, at: datetime) -> Sequence[Revoked]:
        if self.away:
            raise Unavailable("no database")
        self.since.append(at)
        return [SessionRevoked(id, ended + LIFE) for id, ended in self.ended.items() if ended >= at]


@pytest.fixture
def records() -> Records:
    return Records()


def process(redis: Redis, clock: StandingClock, records: Records) -> RedisRevocations:
    return RedisRevocations(
        Link(redis, clock=clock),
        clock=clock,
        token_life=LIFE,
        session_is_live=records.is_live,
        revoked_since=records.revoked_since,
    )


def claims(at: datetime = NOON, *, user: UUID | None = None, session: UUID | None = None) -> AccessClaims:
    return AccessClaims(user or new_id(), session or new_id(), new_id(), at, at + LIFE)


@pytest.fixture
async def revocations(redis: Redis, clock: StandingClock, records: Records) -> RedisRevocations:
    healthy = process(redis, clock, records)
    await healthy.heal()
    return healthy


async def test_a_revoked_session_has_no_tokens_and_another_still_has(revocations: RedisRevocations) -> None:
    mine, other = claims(), claims()

    await revocations.revoke_session(mine.session_id, mine.expires_at)

    assert await revocations.is_revoked(mine)
    assert not await revocations.is_revoked(other)


async def test_tokens_issued_before_the_moment_stop_counting_and_later_ones_count(
    revocations: RedisRevocations,
) -> None:
    user = new_id()
    at = NOON + timedelta(microseconds=1)

    await revocations.revoke_user(user, at)

    assert await revocations.is_revoked(claims(NOON, user=user))
    assert not await revocations.is_revoked(claims(at, user=user))
    assert not await revocations.is_revoked(claims(NOON))


async def test_an_earlier_revocation_never_takes_back_a_later_one(revocations: RedisRevocations) -> None:
    user = new_id()
    await revocations.revoke_user(user, NOON)
    await revocations.revoke_user(user, NOON - timedelta(hours=1))

    assert await revocations.is_revoked(claims(NOON - timedelta(seconds=1), user=user))


async def test_the_answer_comes_from_redis_in_one_question_and_the_database_is_left_alone(
    revocations: RedisRevocations, records: Records, redis: Redis
) -> None:
    before = (await redis.info("commandstats"))["cmdstat_zscore"]["calls"] if await redis.zscore("x", "y") else 0
    await revocations.is_revoked(claims())

    assert records.asked == 0
    assert (await redis.info("commandstats"))["cmdstat_zscore"]["calls"] >= before + 2


async def test_what_no_token_can_be_concerned_by_is_forgotten(
    revocations: RedisRevocations, clock: StandingClock, redis: Redis
) -> None:
    await revocations.revoke_session(new_id(), NOON + LIFE)
    await revocations.revoke_user(new_id(), NOON)
    clock.advance(minutes=31)
    await revocations.revoke_session(new_id(), clock() + LIFE)
    await revocations.revoke_user(new_id(), clock())
    assert (await redis.zcard(SESSIONS), await redis.zcard(USERS)) == (2, 2)

    clock.advance(microseconds=1)
    await revocations.revoke_session(new_id(), clock() + LIFE)
    await revocations.revoke_user(new_id(), clock())

    assert (await redis.zcard(SESSIONS), await redis.zcard(USERS)) == (2, 2)


async def test_before_it_was_healed_the_database_is_asked(
    redis: Redis, clock: StandingClock, records: Records
) -> None:
    fresh, ended = process(redis, clock, records), claims()
    records.ended[ended.session_id] = NOON

    assert await fresh.is_revoked(ended)
    assert not await fresh.is_revoked(claims())
    assert records.asked == 2


async def test_healing_asks_for_all_that_a_token_can_have_outlived(
    redis: Redis, clock: StandingClock, records: Records
) -> None:
    recent, old = claims(), claims()
    records.ended = {recent.session_id: NOON - timedelta(minutes=29), old.session_id: NOON - timedelta(hours=2)}
    fresh = process(redis, clock, records)

    await fresh.heal()

    assert records.since == [NOON - timedelta(minutes=31)]
    assert await fresh.is_revoked(recent)
    assert records.asked == 0


async def test_while_redis_is_away_the_database_is_asked_and_revoking_does_not_fail(
    own_valkey: Valkey, clock: StandingClock, records: Records
) -> None:
    async with own_valkey.client() as redis:
        revocations = process(redis, clock, records)
        await revocations.heal()
        own_valkey.kill()
        ended = claims()
        records.ended[ended.session_id] = NOON

        await revocations.revoke_session(ended.session_id, ended.expires_at)

        assert await revocations.is_revoked(ended)
        assert not await revocations.is_revoked(claims())
        assert records.asked == 2


async def test_a_redis_that_came_back_empty_is_not_believed_before_it_is_healed(
    own_valkey: Valkey, clock: StandingClock, records: Records
) -> None:
    async with own_valkey.client() as redis:
        revocations = process(redis, clock, records)
        await revocations.heal()
        own_valkey.kill()
        ended = claims()
        records.ended[ended.session_id] = NOON
        await revocations.revoke_session(ended.session_id, ended.expires_at)
        own_valkey.start()
        clock.advance(seconds=1)

        assert await revocations.is_revoked(ended), "Redis is empty, the database knows"
        await revocations.heal()
        asked = records.asked
        assert await revocations.is_revoked(ended), "now Redis knows"
        assert records.asked == asked


async def test_a_loss_during_the_healing_is_not_healed_by_it(
    redis: Redis, clock: StandingClock, records: Records
) -> None:
    late = claims()

    class Losing(Records):
        async def revoked_since(self, at: datetime) -> Sequence[Revoked]:
            known = await super().revoked_since(at)
            self.ended[late.session_id] = NOON
            real, link._timeout_s = link._timeout_s, 0
            await revocations.revoke_session(late.session_id, late.expires_at)
            link._timeout_s = real
            clock.advance(seconds=1)
            return known

    losing = Losing()
    revocations = process(redis, clock, losing)
    link = revocations._link

    await revocations.heal()

    assert await redis.zcard(SESSIONS) == 0
    assert await revocations.is_revoked(late)
    assert losing.asked == 1


@asynccontextmanager
async def watching(revocations: RedisRevocations) -> AsyncIterator[asyncio.Queue[Revoked]]:
    heard: asyncio.Queue[Revoked] = asyncio.Queue()

    async def listen() -> None:
        async for revoked in revocations.watch():
            heard.put_nowait(revoked)

    task = asyncio.create_task(listen())
    try:
        yield heard
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def soon(heard: asyncio.Queue[Revoked]) -> Revoked:
    return await asyncio.wait_for(heard.get(), 20)


async def hear_all(heard: asyncio.Queue[Revoked], expected: set[Revoked]) -> None:
    """Each at least once and nothing else; a healing may tell what was told already."""
    missing = set(expected)
    while missing:
        revoked = await soon(heard)
        assert revoked in expected
        missing.discard(revoked)


async def test_another_process_hears_of_each_revocation_once(
    redis: Redis, clock: StandingClock, records: Records
) -> None:
    here, there = process(redis, clock, records), process(redis, clock, records)
    first, second = new_id(), new_id()
    await here.revoke_session(first, NOON + LIFE)

    async with watching(there) as heard:
        assert await soon(heard) == SessionRevoked(first, NOON + LIFE), "what was revoked before it listened"
        await here.revoke_session(first, NOON + LIFE)
        await here.revoke_user(second, NOON)

        assert await soon(heard) == UserRevoked(second, NOON), "what is not new does not ring"


async def test_rubbish_on_the_channel_is_passed_over(redis: Redis, clock: StandingClock, records: Records) -> None:
    here, id = process(redis, clock, records), new_id()
    await here.revoke_session(new_id(), NOON + LIFE)

    async with watching(process(redis, clock, records)) as heard:
        await soon(heard)
        for rubbish in (b"", b"{", b"[]", b"7", b'["tmw:revoked:users","no id",1]', b'["x",1,2]', b"\xff", f'["x","{id}",1]'):
            assert await redis.publish(CHANNEL, rubbish) == 1
        await redis.publish(CHANNEL, f'["{USERS}","{id}",1e300]')
        await here.revoke_session(id, NOON + LIFE)

        assert await soon(heard) == SessionRevoked(id, NOON + LIFE)


async def test_a_watcher_heals_and_hears_again_after_redis_lost_everything(
    own_valkey: Valkey, clock: StandingClock, records: Records
) -> None:
    async with own_valkey.client() as redis:
        here, there = process(redis, clock, records), process(redis, clock, records)
        before, meanwhile, after = claims(), claims(), claims()
        async with watching(there) as heard:
            records.ended[before.session_id] = NOON
            await here.revoke_session(before.session_id, before.expires_at)
            assert await soon(heard) == SessionRevoked(before.session_id, NOON + LIFE)

            own_valkey.kill()
            records.ended[meanwhile.session_id] = NOON
            await here.revoke_session(meanwhile.session_id, meanwhile.expires_at)
            clock.advance(seconds=1)
            own_valkey.start()

            await hear_all(heard, {SessionRevoked(id, NOON + LIFE) for id in records.ended})
            assert await redis.zcard(SESSIONS) == 2

            await here.revoke_session(after.session_id, after.expires_at)
            while await soon(heard) != SessionRevoked(after.session_id, NOON + LIFE):
                pass
            records.asked = 0
            assert await there.is_revoked(meanwhile)
            assert records.asked == 0


async def test_a_watcher_hears_though_the_database_is_away(
    redis: Redis, clock: StandingClock, records: Records
) -> None:
    records.away = True
    here, there, id = process(redis, clock, records), process(redis, clock, records), new_id()
    await here.revoke_session(id, NOON + LIFE)

    async with watching(there) as heard:
        assert await soon(heard) == SessionRevoked(id, NOON + LIFE)
        assert not await there.is_revoked(claims())
        assert records.asked == 1


@pytest.mark.parametrize(
    ("revoked", "yes", "no"),
    [
        (SessionRevoked(UUID(int=1), NOON), claims(session=UUID(int=1)), claims(session=UUID(int=2))),
        (UserRevoked(UUID(int=1), NOON), claims(NOON - LIFE, user=UUID(int=1)), claims(NOON, user=UUID(int=1))),
        (UserRevoked(UUID(int=1), NOON), claims(NOON - LIFE, user=UUID(int=1)), claims(NOON - LIFE)),
    ],
)
def test_a_revocation_says_which_tokens_it_covers(revoked: Revoked, yes: AccessClaims, no: AccessClaims) -> None:
    assert revoked.covers(yes)
    assert not revoked.covers(no)
