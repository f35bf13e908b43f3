"""Getting an account."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from domain.accounts.registration import Registration
from domain.errors import Forbidden, Refused
from domain.viewer import OPERATOR, Role, Viewer
from graph.parts import Accounts
from persistence.work import Works
from tests.support.accounts import HERE, Stored, an_account, registered, viewer_of
from tests.support.clock import NOON, StandingClock
from tests.support.passwords import CountingHasher
from tests.support.refusals import refused
from tests.support.rows import fingerprint


async def test_whoever_registers_is_logged_in_at_once(use: Accounts, factory: Factory, stored: Stored) -> None:
    signed_in = await registered(use)
    user = signed_in.user
    assert (user.username, user.email, user.full_name) == ("ann", "ann@example.org", "Ann")
    assert (user.role, user.is_active, user.created_at, user.last_login_at) == (Role.USER, True, NOON, NOON)
    claims = factory.keys.read(signed_in.access_token)
    assert (claims.user_id, claims.expires_at) == (user.id, NOON + timedelta(minutes=30))
    assert signed_in.expires_at == claims.expires_at
    assert await factory.reads.accounts.viewer_of_session(claims.session_id) == replace(
        viewer_of(signed_in, factory), origin=Viewer().origin
    )
    assert await stored.audit() == [("user.registered", user.id)]


async def test_the_first_user_is_no_admin(use: Accounts) -> None:
    assert (await registered(use)).user.role is Role.USER


async def test_all_that_is_wrong_is_said_at_once_and_nothing_is_made(
    use: Accounts, engine: AsyncEngine, hasher: CountingHasher
) -> None:
    before = await fingerprint(engine)
    wrong = an_account("a", email="nobody", full_name=" ", password="short")
    assert await refused(use.registration.register(HERE, wrong, terms_accepted=False)) == [
        ("TOO_SHORT", "username"),
        ("INVALID", "email"),
        ("REQUIRED", "full_name"),
        ("TOO_SHORT", "password"),
        ("REQUIRED", "terms_accepted"),
    ]
    assert hasher.calls == []
    assert await fingerprint(engine) == before


async def test_a_name_in_the_password_is_found(use: Accounts) -> None:
    new = an_account("grunewald", password="grunewald-1968")
    assert await refused(use.registration.register(HERE, new, terms_accepted=True)) == [("WEAK_PASSWORD", "password")]


async def test_names_are_taken_whatever_their_case(use: Accounts, engine: AsyncEngine) -> None:
    await registered(use)
    before = await fingerprint(engine)
    same = an_account("ANN", email="Ann@EXAMPLE.org")
    assert await refused(use.registration.register(HERE, same, terms_accepted=True)) == [
        ("ALREADY_EXISTS", "username"),
        ("ALREADY_EXISTS", "email"),
    ]
    assert await fingerprint(engine) == before


async def test_of_many_who_want_a_name_at_once_one_gets_it(use: Accounts, stored: Stored) -> None:
    wanted = [registered(use) for _ in range(6)]
    outcomes = await asyncio.gather(*wanted, return_exceptions=True)
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(refusals) == 5
    assert {problem.code.value for refusal in refusals for problem in refusal.problems} == {"ALREADY_EXISTS"}
    assert (await stored.sessions(), len(await stored.audit())) == (1, 1)


async def test_nobody_registers_where_it_is_closed(
    heard_works: Works, hasher: CountingHasher, clock: StandingClock, engine: AsyncEngine, use: Accounts
) -> None:
    issuer = use.logins._issuer
    closed = Registration(works=heard_works, hasher=hasher, issuer=issuer, clock=clock, is_open=False)
    before = await fingerprint(engine)
    assert await refused(closed.register(HERE, an_account(), terms_accepted=True)) == [("WRONG_STATE", "")]
    assert await fingerprint(engine) == before
    made = await closed.create(OPERATOR, an_account("admin"), Role.ADMIN)
    assert (made.username, made.role) == ("admin", Role.ADMIN)


async def test_an_operator_makes_accounts_without_a_session(use: Accounts, stored: Stored) -> None:
    await use.registration.create(OPERATOR, an_account("root"), Role.ADMIN)
    assert await stored.audit() == [("user.registered", None)]
    assert await stored.sessions() == 0


async def test_users_make_no_accounts_for_others(use: Accounts, factory: Factory, engine: AsyncEngine) -> None:
    viewer = viewer_of(await registered(use), factory)
    before = await fingerprint(engine)
    with pytest.raises(Forbidden):
        await use.registration.create(viewer, an_account("bob"), Role.ADMIN)
    assert await fingerprint(engine) == before
