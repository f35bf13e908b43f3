"""What people say of themselves."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from domain.accounts.profile import ProfileChanges
from domain.viewer import OPERATOR, Role, Viewer
from graph.parts import Accounts
from tests.support.accounts import HERE, Stored, an_account, registered, viewer_of
from tests.support.clock import StandingClock
from tests.support.passwords import BETTER, GOOD, CountingHasher
from tests.support.refusals import refused
from tests.support.rows import fingerprint


async def test_what_is_left_out_stays(use: Accounts, factory: Factory, stored: Stored, clock: StandingClock) -> None:
    signed_in = await registered(use)
    now = clock.advance(minutes=1)
    user = await use.profiles.update(viewer_of(signed_in, factory), ProfileChanges(full_name="  Ann   Lee "))
    assert (user.full_name, user.username, user.email) == ("Ann Lee", "ann", "ann@example.org")
    assert (user.updated_at, user.created_at) == (now, signed_in.user.created_at)
    assert len(await stored.audit()) == 1


async def test_a_name_to_log_in_with_changes_with_the_password_only(
    use: Accounts, factory: Factory, stored: Stored, engine: AsyncEngine
) -> None:
    viewer = viewer_of(await registered(use), factory)
    before = await fingerprint(engine)
    for changes in ({"email": "lee@example.org"}, {"username": "lee"}):
        assert await refused(use.profiles.update(viewer, ProfileChanges(**changes))) == [("REQUIRED", "password")]
        wrong = ProfileChanges(**changes, password=BETTER)
        assert await refused(use.profiles.update(viewer, wrong)) == [("INVALID_CREDENTIALS", "password")]
    assert await fingerprint(engine) == before
    changed = ProfileChanges(email="Lee@EXAMPLE.org", username="Lee", password=GOOD)
    user = await use.profiles.update(viewer, changed)
    assert (user.email, user.username) == ("Lee@example.org", "Lee")
    assert (await stored.audit())[1:] == [("user.renamed", viewer.id)]
    assert (await use.logins.login(HERE, "lee@example.org", GOOD)).user.id == viewer.id


async def test_names_that_are_sent_back_unchanged_need_no_password(
    use: Accounts, factory: Factory, hasher: CountingHasher
) -> None:
    viewer = viewer_of(await registered(use), factory)
    hasher.calls.clear()
    same = ProfileChanges(email="ann@EXAMPLE.org", username=" ann ", full_name="Ann Lee")
    assert (await use.profiles.update(viewer, same)).full_name == "Ann Lee"
    assert hasher.calls == []


async def test_an_old_name_that_is_reserved_today_may_stay(use: Accounts) -> None:
    root = await use.registration.create(OPERATOR, an_account("root"), Role.ADMIN)
    viewer = Viewer(root.id, root.role)
    assert (await use.profiles.update(viewer, ProfileChanges(username="root", full_name="R"))).full_name == "R"
    assert await refused(use.profiles.update(viewer, ProfileChanges(username="admin"))) == [("INVALID", "username")]


async def test_names_of_others_are_taken(use: Accounts, factory: Factory, engine: AsyncEngine) -> None:
    viewer = viewer_of(await registered(use), factory)
    await registered(use, "bob")
    before = await fingerprint(engine)
    for field, value in (("username", "BOB"), ("email", "Bob@example.org")):
        changes = ProfileChanges(**{field: value}, password=GOOD)
        assert await refused(use.profiles.update(viewer, changes)) == [("ALREADY_EXISTS", field)]
    assert await fingerprint(engine) == before


async def test_all_that_is_wrong_is_said_at_once(use: Accounts, factory: Factory, hasher: CountingHasher) -> None:
    viewer = viewer_of(await registered(use), factory)
    hasher.calls.clear()
    wrong = ProfileChanges(full_name="", username="a", email="x", password=GOOD)
    assert await refused(use.profiles.update(viewer, wrong)) == [
        ("REQUIRED", "full_name"),
        ("TOO_SHORT", "username"),
        ("INVALID", "email"),
    ]
    assert hasher.calls == []


async def test_settings_are_replaced(use: Accounts, factory: Factory, engine: AsyncEngine) -> None:
    viewer = viewer_of(await registered(use), factory)
    await use.profiles.update_settings(viewer, {"theme": "dark", "tabs": [1, None]})
    user = await use.profiles.update_settings(viewer, {"theme": "light"})
    assert user.settings == {"theme": "light"}
    before = await fingerprint(engine)
    assert await refused(use.profiles.update_settings(viewer, [1])) == [("INVALID", "settings")]
    assert await refused(use.profiles.update_settings(viewer, {"a": "\x00"})) == [("INVALID", "settings.a")]
    assert await fingerprint(engine) == before
