"""How sessions go on, and how they end."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from domain.accounts.issuing import SignedIn
from domain.accounts.tokens import TokenKind, new_token
from domain.errors import Refused
from domain.ids import new_id
from domain.viewer import OPERATOR, Origin
from graph.parts import Accounts
from persistence.tables.users import users
from tests.support.accounts import HERE, Stored, registered, viewer_of
from tests.support.bells import HeardBells
from tests.support.clock import StandingClock
from tests.support.passwords import GOOD
from tests.support.refusals import refused
from tests.support.rows import fingerprint

REFUSED = [("INVALID_TOKEN", "refresh_token")]
LATER = Origin(address="192.0.2.99", agent="another/2.0", request_id="request-2")


async def test_a_refresh_gives_a_new_pair_and_the_session_goes_on(
    use: Accounts, factory: Factory, stored: Stored, clock: StandingClock
) -> None:
    first = await registered(use)
    clock.advance(days=6, hours=23)
    second = await use.sessions.refresh(LATER, first.refresh_token)
    assert second.refresh_token != first.refresh_token
    assert second.user.id == first.user.id
    claims = factory.keys.read(second.access_token)
    assert claims.issued_at == clock.now
    assert await factory.reads.accounts.viewer_of_session(claims.session_id) is not None
    assert await stored.live_sessions() == 1
    clock.advance(days=6, hours=23)
    assert (await use.sessions.refresh(LATER, second.refresh_token)).user.id == first.user.id


async def test_an_access_token_outlives_the_refresh_of_its_session(use: Accounts, factory: Factory) -> None:
    """Requests that are under way while another one refreshes do not fail."""
    first = await registered(use)
    await use.sessions.refresh(HERE, first.refresh_token)
    session_id = factory.keys.read(first.access_token).session_id
    assert await factory.reads.accounts.viewer_of_session(session_id) is not None


async def test_a_refresh_token_used_twice_ends_its_whole_family_and_no_other(
    use: Accounts, factory: Factory, stored: Stored, bells: HeardBells
) -> None:
    first = await registered(use)
    other = await use.logins.login(HERE, "ann", GOOD)
    second = await use.sessions.refresh(HERE, first.refresh_token)
    third = await use.sessions.refresh(HERE, second.refresh_token)
    assert bells.told == []
    assert await refused(use.sessions.refresh(LATER, first.refresh_token)) == REFUSED
    for signed_in in (first, second, third):
        session_id = factory.keys.read(signed_in.access_token).session_id
        assert await factory.reads.accounts.viewer_of_session(session_id) is None
        assert await refused(use.sessions.refresh(LATER, signed_in.refresh_token)) == REFUSED
    assert bells.people == [first.user.id]
    assert await stored.audit() == [("user.registered", first.user.id), ("session.family_revoked", None)]
    assert (await use.sessions.refresh(HERE, other.refresh_token)).user.id == first.user.id


async def test_of_two_refreshes_at_once_one_wins_and_the_other_ends_the_family(
    use: Accounts, stored: Stored, bells: HeardBells
) -> None:
    first = await registered(use)
    both = [use.sessions.refresh(HERE, first.refresh_token) for _ in range(2)]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(outcome) for outcome in outcomes if isinstance(outcome, Refused)) == [Refused]
    winner = next(outcome for outcome in outcomes if isinstance(outcome, SignedIn))
    assert await refused(use.sessions.refresh(HERE, winner.refresh_token)) == REFUSED
    assert await stored.live_sessions() == 0
    assert bells.people == [first.user.id]


async def test_a_replay_beside_a_refresh_leaves_nothing_alive(use: Accounts, stored: Stored) -> None:
    """The replay must not miss the session that the refresh is just making."""
    current = await registered(use)
    for _ in range(10):
        used, current = current, await use.sessions.refresh(HERE, current.refresh_token)
        await asyncio.gather(
            use.sessions.refresh(HERE, current.refresh_token),
            use.sessions.refresh(LATER, used.refresh_token),
            return_exceptions=True,
        )
        assert await stored.live_sessions() == 0
        current = await use.logins.login(HERE, "ann", GOOD)
        await use.sessions.logout_everywhere(replace(OPERATOR, user_id=current.user.id), keep_current=False)
        current = await use.logins.login(HERE, "ann", GOOD)


async def test_a_logout_everywhere_beside_refreshes_leaves_nothing_alive(
    use: Accounts, factory: Factory, stored: Stored
) -> None:
    await registered(use)
    for _ in range(5):
        held = [await use.logins.login(HERE, "ann", GOOD) for _ in range(3)]
        viewer = viewer_of(held[0], factory)
        await asyncio.gather(
            *(use.sessions.refresh(HERE, each.refresh_token) for each in held),
            use.sessions.logout_everywhere(viewer, keep_current=False),
            return_exceptions=True,
        )
        # Refreshes that came first were ended too; those that came later found their session ended.
        assert await stored.live_sessions() == 0


async def test_what_is_no_refresh_token_is_refused(use: Accounts, engine: AsyncEngine) -> None:
    await registered(use)
    before = await fingerprint(engine)
    for token in ("", "tmr_x", "\x00", "é" * 53, "\ud800", new_token(TokenKind.API), new_token(TokenKind.REFRESH)):
        assert await refused(use.sessions.refresh(HERE, token)) == REFUSED
    assert await fingerprint(engine) == before


async def test_an_expired_refresh_token_is_refused(use: Accounts, engine: AsyncEngine, clock: StandingClock) -> None:
    first = await registered(use)
    clock.advance(days=7)
    before = await fingerprint(engine)
    assert await refused(use.sessions.refresh(HERE, first.refresh_token)) == REFUSED
    assert await fingerprint(engine) == before


async def test_an_inactive_user_gets_no_new_tokens(use: Accounts, engine: AsyncEngine) -> None:
    first = await registered(use)
    async with engine.begin() as connection:
        await connection.execute(update(users).values(is_active=False))
    before = await fingerprint(engine)
    assert await refused(use.sessions.refresh(HERE, first.refresh_token)) == REFUSED
    assert await fingerprint(engine) == before


async def test_a_logout_ends_the_access_token_at_once(
    use: Accounts, factory: Factory, stored: Stored, bells: HeardBells
) -> None:
    first = await registered(use)
    other = await use.logins.login(HERE, "ann", GOOD)
    second = await use.sessions.refresh(HERE, first.refresh_token)
    # By the older of the two access tokens of one session.
    viewer = viewer_of(first, factory)
    await use.sessions.logout(viewer)
    await use.sessions.logout(viewer)
    for signed_in in (first, second):
        session_id = factory.keys.read(signed_in.access_token).session_id
        assert await factory.reads.accounts.viewer_of_session(session_id) is None
    assert await refused(use.sessions.refresh(HERE, second.refresh_token)) == REFUSED
    assert bells.people == [first.user.id]
    assert (await stored.audit())[1:] == [("session.revoked", first.user.id)]
    assert (await use.sessions.refresh(HERE, other.refresh_token)).user.id == first.user.id


async def test_an_api_token_cannot_log_out(use: Accounts, factory: Factory, engine: AsyncEngine) -> None:
    viewer = replace(viewer_of(await registered(use), factory), session_id=None, scopes=frozenset({"account"}))
    before = await fingerprint(engine)
    assert await refused(use.sessions.logout(viewer)) == [("WRONG_STATE", "")]
    assert await fingerprint(engine) == before


async def test_logging_out_everywhere_ends_all_sessions_of_this_person_only(
    use: Accounts, factory: Factory, stored: Stored, bells: HeardBells, clock: StandingClock
) -> None:
    await registered(use)
    bob = await registered(use, "bob")
    clock.advance(days=7)
    # By now the two sessions above have expired, so they do not count.
    here = await use.logins.login(HERE, "ann", GOOD)
    await use.logins.login(HERE, "ann", GOOD)
    there = await use.logins.login(HERE, "bob", GOOD)
    assert await use.sessions.logout_everywhere(viewer_of(here, factory), keep_current=False) == 2
    assert bells.people == [here.user.id]
    assert await refused(use.sessions.refresh(HERE, here.refresh_token)) == REFUSED
    assert (await use.sessions.refresh(HERE, there.refresh_token)).user.id == bob.user.id
    assert ("session.revoked", here.user.id) in await stored.audit()


async def test_the_session_that_asks_may_go_on(use: Accounts, factory: Factory) -> None:
    first = await registered(use)
    here = await use.sessions.refresh(HERE, first.refresh_token)
    there = await use.logins.login(HERE, "ann", GOOD)
    assert await use.sessions.logout_everywhere(viewer_of(here, factory), keep_current=True) == 1
    assert (await use.sessions.refresh(HERE, here.refresh_token)).user.id == first.user.id
    assert await refused(use.sessions.refresh(HERE, there.refresh_token)) == REFUSED


async def test_one_session_is_ended_by_its_id(use: Accounts, factory: Factory, bells: HeardBells) -> None:
    here = await registered(use)
    there = await use.logins.login(LATER, "ann", GOOD)
    id_ = factory.keys.read(there.access_token).session_id
    ended = await use.sessions.revoke(viewer_of(here, factory), id_)
    assert (ended.id, ended.agent, ended.address) == (id_, "another/2.0", "192.0.2.99")
    assert bells.people == [here.user.id]
    assert await refused(use.sessions.refresh(HERE, there.refresh_token)) == REFUSED
    assert (await use.sessions.refresh(HERE, here.refresh_token)).user.id == here.user.id


async def test_sessions_of_others_and_ended_ones_are_not_found(
    use: Accounts, factory: Factory, engine: AsyncEngine, bells: HeardBells
) -> None:
    ann, bob = await registered(use), await registered(use, "bob")
    viewer = viewer_of(ann, factory)
    ended = await use.logins.login(HERE, "ann", GOOD)
    ended_id = factory.keys.read(ended.access_token).session_id
    await use.sessions.revoke(viewer, ended_id)
    bells.told.clear()
    before = await fingerprint(engine)
    for id_ in (ended_id, factory.keys.read(bob.access_token).session_id, new_id()):
        assert await refused(use.sessions.revoke(viewer, id_)) == [("NOT_FOUND", "id")]
    assert await fingerprint(engine) == before
    assert bells.told == []
