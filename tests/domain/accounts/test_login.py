"""Logging in, and what a guesser learns from it: nothing."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.argon2 import Argon2Hasher
from app.factory import Factory
from domain.errors import Problem, Refused
from domain.viewer import OPERATOR, Origin
from graph.parts import Accounts
from persistence.work import Works
from tests.support.accounts import HERE, Stored, registered
from tests.support.clock import StandingClock
from tests.support.passwords import BETTER, GOOD, STRONGER, CountingHasher
from tests.support.refusals import refused
from tests.support.rows import fingerprint
from tests.support.written import sent

WRONG = [("INVALID_CREDENTIALS", "")]


@pytest.mark.parametrize("name", ["ann", "ANN", " ann ", "ann@example.org", "Ann@Example.ORG"])
async def test_a_person_logs_in_by_username_or_address_in_any_case(
    use: Accounts, factory: Factory, stored: Stored, clock: StandingClock, name: str
) -> None:
    first = await registered(use)
    clock.advance(hours=1)
    second = await use.logins.login(HERE, name, GOOD)
    assert second.user.id == first.user.id
    assert second.user.last_login_at == clock.now
    assert factory.keys.read(second.access_token).user_id == first.user.id
    assert await stored.live_sessions() == 2


async def test_each_login_is_a_family_of_its_own(use: Accounts, factory: Factory) -> None:
    first = await registered(use)
    second = await use.logins.login(HERE, "ann", GOOD)
    ids = {factory.keys.read(each.access_token).session_id for each in (first, second)}
    assert len(ids) == 2


async def _no(use: Accounts, name: str, password: str) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as caught:
        await use.logins.login(HERE, name, password)
    return caught.value.problems


async def test_an_unknown_name_a_wrong_password_and_an_inactive_user_are_told_the_same_for_the_same_work(
    use: Accounts, engine: AsyncEngine, hasher: CountingHasher
) -> None:
    await registered(use)
    gone = await registered(use, "bob")
    await use.administration.deactivate(OPERATOR, gone.user.id)
    before, costs, answers = await fingerprint(engine), [], set()
    for name, password in (("ann", BETTER), ("nobody", GOOD), ("nobody@example.org", GOOD), ("bob", GOOD)):
        hasher.calls.clear()
        with sent(engine) as texts:
            answers.add(await _no(use, name, password))
        assert hasher.calls in (["verify"], ["waste_time"])
        costs.append([text.split()[0] for text in texts])
    assert len(answers) == 1
    assert costs == [["SELECT", "COMMIT"]] * 4
    assert await fingerprint(engine) == before


async def test_no_name_that_can_be_typed_breaks_the_login(use: Accounts) -> None:
    for name in ("", " ", "\x00", "a\x00b", "\ud800", "@", "a" * 100_000, "' OR 1=1 --", "%"):
        assert await refused(use.logins.login(Origin(), name, GOOD)) == WRONG


async def test_guessing_is_slowed_down_for_a_name_whether_somebody_has_it_or_not(
    use: Accounts, clock: StandingClock, hasher: CountingHasher
) -> None:
    await registered(use)
    for name in ("ann", "nobody"):
        for _ in range(3):
            assert await refused(use.logins.login(HERE, name, BETTER)) == WRONG
        hasher.calls.clear()
        assert await refused(use.logins.login(HERE, name.upper(), GOOD)) == [("TOO_MANY_ATTEMPTS", "")]
        assert hasher.calls == []
    clock.advance(minutes=15)
    assert (await use.logins.login(HERE, "ann", GOOD)).user.username == "ann"


async def test_a_success_forgets_the_failures_before_it(use: Accounts) -> None:
    await registered(use)
    for _ in range(3):
        assert await refused(use.logins.login(HERE, "ann", BETTER)) == WRONG
        assert await refused(use.logins.login(HERE, "ann", BETTER)) == WRONG
        await use.logins.login(HERE, "ann", GOOD)


async def test_guessing_is_slowed_down_for_an_address(use: Accounts) -> None:
    await registered(use)
    for number in range(20):
        assert await refused(use.logins.login(HERE, f"nobody{number}", GOOD)) == WRONG
    assert await refused(use.logins.login(HERE, "ann", GOOD)) == [("TOO_MANY_ATTEMPTS", "")]
    elsewhere = Origin(address="192.0.2.8")
    assert (await use.logins.login(elsewhere, "ann", GOOD)).user.username == "ann"


async def test_a_hash_is_renewed_once_when_its_parameters_grew(
    use: Accounts, works: Works, hasher: CountingHasher
) -> None:
    user = (await registered(use)).user
    hasher.inner.close()
    hasher.inner = Argon2Hasher(STRONGER)
    hasher.calls.clear()
    for expected in (["verify", "hash"], ["verify"]):
        await use.logins.login(HERE, "ann", GOOD)
        assert hasher.calls == expected
        hasher.calls.clear()
    async with works() as work:
        credentials = await work.users.get(user.id)
    assert not hasher.needs_rehash(credentials.password_hash)


async def test_nothing_is_held_while_a_password_is_hashed(
    use: Accounts, engine: AsyncEngine, hasher: CountingHasher
) -> None:
    """Else a few logins would use up the connections of the whole process."""
    out: list[int] = []
    event.listen(engine.sync_engine, "checkout", lambda *_: out.append(1))
    event.listen(engine.sync_engine, "checkin", lambda *_: out.append(-1))
    held: list[int] = []

    async def look() -> None:
        held.append(sum(out))

    hasher.meanwhile = look
    await registered(use)
    hasher.meanwhile = look
    await use.logins.login(HERE, "ann", GOOD)
    assert held == [0, 0]


async def test_an_account_that_changes_while_its_password_is_checked_stays_closed(
    use: Accounts, works: Works, hasher: CountingHasher, stored: Stored
) -> None:
    user = (await registered(use)).user

    async def change() -> None:
        async with works() as work:
            await work.users.set_password(user.id, "another hash")

    async def deactivate() -> None:
        await use.administration.deactivate(OPERATOR, user.id)

    hasher.meanwhile = change
    assert await refused(use.logins.login(HERE, "ann", GOOD)) == WRONG
    fresh = (await registered(use, "bob")).user
    user = fresh
    hasher.meanwhile = deactivate
    assert await refused(use.logins.login(HERE, "bob", GOOD)) == WRONG
    assert await stored.live_sessions() == 1


async def test_many_logins_of_one_person_at_once_all_succeed(use: Accounts, stored: Stored) -> None:
    await registered(use)
    # Not more than the tries that are given back only afterwards.
    await asyncio.gather(*(use.logins.login(HERE, "ann", GOOD) for _ in range(3)))
    assert await stored.live_sessions() == 4
