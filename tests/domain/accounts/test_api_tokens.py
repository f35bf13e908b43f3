"""Personal tokens for scripts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from domain.accounts.api_tokens import MOST, NewApiToken
from domain.accounts.model import Scope
from domain.accounts.tokens import TokenKind, hash_token, is_well_formed
from domain.errors import Forbidden, Refused
from domain.ids import new_id
from domain.pages import NEWEST, Window
from domain.viewer import OPERATOR, Role
from graph.parts import Accounts
from tests.support.accounts import Stored, an_account, registered, viewer_of
from tests.support.bells import HeardBells
from tests.support.clock import NOON, StandingClock
from tests.support.refusals import refused
from tests.support.rows import fingerprint

READ = NewApiToken(name="reader", scopes=[Scope.READ])


async def test_a_token_stands_for_its_owner_within_its_scopes(
    use: Accounts, factory: Factory, stored: Stored, bells: HeardBells
) -> None:
    viewer = viewer_of(await registered(use), factory)
    tomorrow = NOON + timedelta(days=1)
    new = NewApiToken(name=" nightly ", scopes=[Scope.WRITE, Scope.READ, Scope.READ], expires_at=tomorrow)
    made = await use.api_tokens.create(viewer, new)
    assert is_well_formed(TokenKind.API, made.secret)
    assert made.secret.startswith(made.token.prefix)
    assert (made.token.name, made.token.scopes) == ("nightly", ("read", "write"))
    found = await factory.reads.accounts.viewer_of_token(hash_token(made.secret), NOON)
    assert found is not None
    behind, expires_at = found
    assert (behind.user_id, behind.scopes, expires_at) == (viewer.id, {"read", "write"}, tomorrow)
    assert (await stored.audit())[1:] == [("token.created", viewer.id)]
    assert bells.told == []


async def test_a_token_ends_at_its_time(use: Accounts, factory: Factory) -> None:
    viewer = viewer_of(await registered(use), factory)
    made = await use.api_tokens.create(viewer, replace(READ, expires_at=NOON + timedelta(hours=1)))
    reads = factory.reads.accounts
    assert await reads.viewer_of_token(hash_token(made.secret), NOON + timedelta(minutes=59)) is not None
    assert await reads.viewer_of_token(hash_token(made.secret), NOON + timedelta(hours=1)) is None


async def test_a_moment_without_a_zone_is_utc(use: Accounts, factory: Factory) -> None:
    viewer = viewer_of(await registered(use), factory)
    naive = datetime(2026, 3, 2, 13, 0)  # noqa: DTZ001
    made = await use.api_tokens.create(viewer, replace(READ, expires_at=naive))
    assert made.token.expires_at == datetime(2026, 3, 2, 13, 0, tzinfo=UTC)


async def test_all_that_is_wrong_is_said_at_once(use: Accounts, factory: Factory, engine: AsyncEngine) -> None:
    viewer = viewer_of(await registered(use), factory)
    before = await fingerprint(engine)
    outside = datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12)))
    for moment in (NOON, NOON - timedelta(days=1), outside, datetime(1, 1, 1)):  # noqa: DTZ001
        wrong = NewApiToken(name="", scopes=[], expires_at=moment)
        assert await refused(use.api_tokens.create(viewer, wrong)) == [
            ("REQUIRED", "name"),
            ("REQUIRED", "scopes"),
            ("OUT_OF_RANGE", "expires_at"),
        ]
    assert await fingerprint(engine) == before


@pytest.mark.parametrize("wanted", [Scope.WRITE, Scope.ADMIN])
async def test_nobody_gives_away_more_than_one_has(
    use: Accounts, factory: Factory, engine: AsyncEngine, wanted: Scope
) -> None:
    session = viewer_of(await registered(use), factory)
    token = replace(session, session_id=None, scopes=frozenset({"read", "account"}))
    before = await fingerprint(engine)
    with pytest.raises(Forbidden):
        await use.api_tokens.create(token, NewApiToken(name="more", scopes=[Scope.READ, wanted]))
    assert await fingerprint(engine) == before
    assert (await use.api_tokens.create(token, READ)).token.scopes == ("read",)


async def test_only_an_admin_makes_a_token_for_admins_work(use: Accounts, factory: Factory) -> None:
    user = viewer_of(await registered(use), factory)
    new = NewApiToken(name="ops", scopes=[Scope.ADMIN])
    with pytest.raises(Forbidden):
        await use.api_tokens.create(user, new)
    await use.administration.set_role(OPERATOR, user.id, Role.ADMIN)
    assert (await use.api_tokens.create(user, new)).token.scopes == ("admin",)


async def test_there_may_be_fifty_that_work(
    use: Accounts, factory: Factory, clock: StandingClock, engine: AsyncEngine
) -> None:
    viewer = viewer_of(await registered(use), factory)
    short = replace(READ, expires_at=NOON + timedelta(minutes=1))
    made = [await use.api_tokens.create(viewer, short if number == 0 else READ) for number in range(MOST)]
    before = await fingerprint(engine)
    assert await refused(use.api_tokens.create(viewer, READ)) == [("QUOTA_EXCEEDED", "")]
    assert await fingerprint(engine) == before
    await use.api_tokens.revoke(viewer, made[-1].token.id)
    await use.api_tokens.create(viewer, READ)
    clock.advance(minutes=1)
    outcomes = await asyncio.gather(*(use.api_tokens.create(viewer, READ) for _ in range(3)), return_exceptions=True)
    # The first has expired: there is room for one of three who ask at once.
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 2


async def test_a_revoked_token_counts_no_more(
    use: Accounts, factory: Factory, stored: Stored, bells: HeardBells
) -> None:
    viewer = viewer_of(await registered(use), factory)
    made = await use.api_tokens.create(viewer, READ)
    assert (await use.api_tokens.revoke(viewer, made.token.id)).id == made.token.id
    assert await factory.reads.accounts.viewer_of_token(hash_token(made.secret), NOON) is None
    assert bells.people == [viewer.id]
    assert (await stored.audit())[1:] == [("token.created", viewer.id), ("token.revoked", viewer.id)]


async def test_tokens_of_others_and_revoked_ones_are_not_found(
    use: Accounts, factory: Factory, engine: AsyncEngine
) -> None:
    ann, bob = viewer_of(await registered(use), factory), viewer_of(await registered(use, "bob"), factory)
    revoked = (await use.api_tokens.create(ann, READ)).token
    await use.api_tokens.revoke(ann, revoked.id)
    theirs = (await use.api_tokens.create(bob, READ)).token
    before = await fingerprint(engine)
    for id_ in (revoked.id, theirs.id, new_id()):
        assert await refused(use.api_tokens.revoke(ann, id_)) == [("NOT_FOUND", "id")]
    assert await fingerprint(engine) == before


async def test_an_operator_looks_after_the_tokens_of_others(use: Accounts, stored: Stored) -> None:
    user = (await registered(use)).user
    made = await use.api_tokens.create_for(OPERATOR, user.id, READ)
    other = await use.api_tokens.create_for(OPERATOR, user.id, READ)
    assert await use.api_tokens.of(OPERATOR, user.id) == [made.token, other.token]
    for prefix in ("", "tmw_", "tmw_no"):
        assert await refused(use.api_tokens.revoke_for(OPERATOR, user.id, prefix)) == [("NOT_FOUND", "prefix")]
    await use.api_tokens.revoke_for(OPERATOR, user.id, made.token.prefix)
    assert await use.api_tokens.of(OPERATOR, user.id) == [other.token]
    assert (await stored.audit())[1:] == [("token.created", None)] * 2 + [("token.revoked", None)]


async def test_nobody_else_does(use: Accounts, factory: Factory, engine: AsyncEngine) -> None:
    ann, bob = viewer_of(await registered(use), factory), (await registered(use, "bob")).user
    before = await fingerprint(engine)
    for call in (
        use.api_tokens.create_for(ann, bob.id, READ),
        use.api_tokens.revoke_for(ann, bob.id, "tmw_"),
        use.api_tokens.of(ann, bob.id),
    ):
        with pytest.raises(Forbidden):
            await call
    assert await fingerprint(engine) == before


async def test_a_shut_account_gets_no_token(use: Accounts, engine: AsyncEngine) -> None:
    user = await use.registration.create(OPERATOR, an_account(), Role.USER)
    await use.administration.deactivate(OPERATOR, user.id)
    before = await fingerprint(engine)
    assert await refused(use.api_tokens.create_for(OPERATOR, user.id, READ)) == [("WRONG_STATE", "")]
    assert await refused(use.api_tokens.create_for(OPERATOR, new_id(), READ)) == [("NOT_FOUND", "id")]
    assert await fingerprint(engine) == before


async def test_the_list_shows_those_that_work(use: Accounts, factory: Factory) -> None:
    viewer = viewer_of(await registered(use), factory)
    first, second = [(await use.api_tokens.create(viewer, READ)).token for _ in range(2)]
    await use.api_tokens.revoke(viewer, first.id)
    page = await factory.reads.accounts.api_tokens(viewer, Window(10, NEWEST), NOON)
    assert page.items == [second]
