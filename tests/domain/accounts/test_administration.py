"""Roles, and who may come in at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from domain.accounts.administration import Administration
from domain.accounts.api_tokens import NewApiToken
from domain.accounts.model import Scope, User
from domain.accounts.tokens import hash_token
from domain.errors import Forbidden, Refused
from domain.ids import new_id
from domain.viewer import NOBODY, OPERATOR, Role, Viewer
from graph.parts import Accounts
from tests.support.accounts import HERE, Stored, an_account, registered, viewer_of
from tests.support.bells import HeardBells
from tests.support.clock import NOON
from tests.support.passwords import GOOD
from tests.support.refusals import refused
from tests.support.rows import fingerprint

Deed = Callable[[Administration, Viewer, User], Awaitable[User]]


def demote(desk: Administration, viewer: Viewer, user: User) -> Awaitable[User]:
    return desk.set_role(viewer, user.id, Role.USER)


def promote(desk: Administration, viewer: Viewer, user: User) -> Awaitable[User]:
    return desk.set_role(viewer, user.id, Role.ADMIN)


def deactivate(desk: Administration, viewer: Viewer, user: User) -> Awaitable[User]:
    return desk.deactivate(viewer, user.id)


def reactivate(desk: Administration, viewer: Viewer, user: User) -> Awaitable[User]:
    return desk.reactivate(viewer, user.id)


LOSSES = [demote, deactivate]
DEEDS = [demote, promote, deactivate, reactivate]


async def an_admin(use: Accounts, name: str = "ada") -> User:
    return await use.registration.create(OPERATOR, an_account(name), Role.ADMIN)


def as_viewer(user: User) -> Viewer:
    return Viewer(user.id, user.role, origin=HERE)


async def test_a_role_is_changed(use: Accounts, factory: Factory, stored: Stored, bells: HeardBells) -> None:
    ada, ann = await an_admin(use), await registered(use)
    changed = await use.administration.set_role(as_viewer(ada), ann.user.id, Role.GUEST)
    assert changed.role is Role.GUEST
    session_id = viewer_of(ann, factory).session_id
    assert session_id is not None
    behind = await factory.reads.accounts.viewer_of_session(session_id)
    assert behind is not None
    assert behind.role is Role.GUEST
    assert bells.people == [ann.user.id]
    assert (await stored.audit())[-1] == ("user.role_changed", ada.id)


async def test_whoever_is_shut_out_is_out_at_once_with_sessions_and_tokens(
    use: Accounts, factory: Factory, stored: Stored, bells: HeardBells
) -> None:
    ada, ann = await an_admin(use), await registered(use)
    viewer = viewer_of(ann, factory)
    token = await use.api_tokens.create(viewer, NewApiToken(name="t", scopes=[Scope.READ]))
    assert not (await use.administration.deactivate(as_viewer(ada), ann.user.id)).is_active
    reads = factory.reads.accounts
    assert viewer.session_id is not None
    assert await reads.viewer_of_session(viewer.session_id) is None
    assert await reads.viewer_of_token(hash_token(token.secret), NOON) is None
    assert await refused(use.sessions.refresh(HERE, ann.refresh_token)) == [("INVALID_TOKEN", "refresh_token")]
    assert await refused(use.logins.login(HERE, "ann", GOOD)) == [("INVALID_CREDENTIALS", "")]
    assert bells.people == [ann.user.id]
    assert (await stored.audit())[-1] == ("user.deactivated", ada.id)


async def test_whoever_is_let_in_again_logs_in_anew(use: Accounts, factory: Factory, stored: Stored) -> None:
    ada, ann = await an_admin(use), await registered(use)
    token = await use.api_tokens.create(viewer_of(ann, factory), NewApiToken(name="t", scopes=[Scope.READ]))
    await use.administration.deactivate(as_viewer(ada), ann.user.id)
    assert (await use.administration.reactivate(as_viewer(ada), ann.user.id)).is_active
    assert await refused(use.sessions.refresh(HERE, ann.refresh_token)) == [("INVALID_TOKEN", "refresh_token")]
    assert await factory.reads.accounts.viewer_of_token(hash_token(token.secret), NOON) is None
    assert (await use.logins.login(HERE, "ann", GOOD)).user.id == ann.user.id
    assert (await stored.audit())[-1] == ("user.reactivated", ada.id)


@pytest.mark.parametrize("deed", DEEDS)
async def test_what_is_so_already_changes_nothing(
    use: Accounts, engine: AsyncEngine, bells: HeardBells, deed: Deed
) -> None:
    ada = await an_admin(use)
    user = ada if deed is promote else (await registered(use)).user
    if deed is deactivate:
        await use.administration.deactivate(OPERATOR, user.id)
    bells.told.clear()
    before = await fingerprint(engine)
    assert (await deed(use.administration, as_viewer(ada), user)).id == user.id
    assert await fingerprint(engine) == before
    assert bells.told == []


@pytest.mark.parametrize("deed", LOSSES)
async def test_the_last_active_admin_stays(use: Accounts, engine: AsyncEngine, deed: Deed) -> None:
    ada, gone = await an_admin(use), await an_admin(use, "eve")
    await use.administration.deactivate(OPERATOR, gone.id)
    before = await fingerprint(engine)
    for viewer in (as_viewer(ada), OPERATOR):
        assert await refused(deed(use.administration, viewer, ada)) == [("LAST_ADMIN", "id")]
    assert await fingerprint(engine) == before
    await use.administration.reactivate(OPERATOR, gone.id)
    await deed(use.administration, as_viewer(ada), ada)


@pytest.mark.parametrize("deed", LOSSES)
async def test_of_two_admins_who_turn_on_each_other_at_once_one_remains(use: Accounts, deed: Deed) -> None:
    for number in range(5):
        ada, eve = await an_admin(use, f"ada{number}"), await an_admin(use, f"eve{number}")
        outcomes = await asyncio.gather(
            deed(use.administration, as_viewer(ada), eve),
            deed(use.administration, as_viewer(eve), ada),
            return_exceptions=True,
        )
        assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, Forbidden) for outcome in outcomes) == 1
        last = eve if isinstance(outcomes[1], User) else ada
        # For the next round.
        await use.administration.set_role(OPERATOR, (await an_admin(use, f"zoe{number}")).id, Role.ADMIN)
        await deed(use.administration, OPERATOR, last)


async def test_of_two_admins_who_leave_at_once_one_remains(use: Accounts) -> None:
    ada, eve = await an_admin(use), await an_admin(use, "eve")
    outcomes = await asyncio.gather(
        use.administration.deactivate(as_viewer(ada), ada.id),
        use.administration.set_role(as_viewer(eve), eve.id, Role.GUEST),
        return_exceptions=True,
    )
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [problem.code.value for refusal in refusals for problem in refusal.problems] == ["LAST_ADMIN"]


@pytest.mark.parametrize("deed", DEEDS)
async def test_nobody_but_admins_and_operators_may(use: Accounts, engine: AsyncEngine, deed: Deed) -> None:
    ada, ann = await an_admin(use), (await registered(use)).user
    guest = await use.registration.create(OPERATOR, an_account("guest1"), Role.GUEST)
    before = await fingerprint(engine)
    for viewer in (NOBODY, as_viewer(ann), as_viewer(guest)):
        for target in (ann, ada):
            with pytest.raises(Forbidden):
                await deed(use.administration, viewer, target)
    assert await fingerprint(engine) == before
    with pytest.raises(Forbidden):
        await use.administration.find(as_viewer(ann), "ada")


async def test_unknown_people_are_not_found(use: Accounts) -> None:
    ada = as_viewer(await an_admin(use))
    assert await refused(use.administration.set_role(ada, new_id(), Role.USER)) == [("NOT_FOUND", "id")]
    assert await refused(use.administration.deactivate(ada, new_id())) == [("NOT_FOUND", "id")]
    assert await refused(use.administration.find(ada, "nobody")) == [("NOT_FOUND", "user")]
    assert (await use.administration.find(OPERATOR, "ADA")).id == ada.id
