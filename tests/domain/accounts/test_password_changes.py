"""Changing a password, and resetting one that was forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from app.handlers import reset_mail_handler
from app.reset_links import reset_tokens
from domain.accounts.ports import Mail
from domain.accounts.reset_mails import ResetMails
from domain.errors import Refused
from domain.ids import new_id
from domain.viewer import OPERATOR
from domain.work import Queue
from graph.parts import Accounts
from persistence.work import Works
from tests.support.accounts import HERE, Stored, registered, viewer_of
from tests.support.bells import HeardBells
from tests.support.clock import StandingClock
from tests.support.passwords import BETTER, GOOD, CountingHasher
from tests.support.refusals import refused
from tests.support.rows import fingerprint
from tests.support.written import sent

WRONG = [("INVALID_CREDENTIALS", "current_password")]
BAD_TOKEN = [("INVALID_TOKEN", "token")]


class Letters:
    def __init__(self) -> None:
        self.sent: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.sent.append(mail)

    @property
    def token(self) -> str:
        """The one in the latest letter, on a line of its own."""
        return next(line for line in self.sent[-1].text.splitlines() if line.startswith("tmp_"))


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def mails(letters: Letters, works: Works, factory: Factory, clock: StandingClock) -> ResetMails:
    return ResetMails(
        works=works,
        mailer=letters,
        reset_tokens=reset_tokens(factory.keys, clock),
        clock=clock,
        public_url="https://tmw.example.org",
    )


async def test_a_changed_password_opens_the_account_and_the_old_one_does_not(
    use: Accounts, factory: Factory, stored: Stored, bells: HeardBells
) -> None:
    here = await registered(use)
    there = await use.logins.login(HERE, "ann", GOOD)
    await use.passwords.change(viewer_of(here, factory), GOOD, BETTER)
    assert (await use.logins.login(HERE, "ann", BETTER)).user.id == here.user.id
    assert await refused(use.logins.login(HERE, "ann", GOOD)) == [("INVALID_CREDENTIALS", "")]
    assert await refused(use.sessions.refresh(HERE, there.refresh_token)) == [("INVALID_TOKEN", "refresh_token")]
    assert (await use.sessions.refresh(HERE, here.refresh_token)).user.id == here.user.id
    assert bells.people == [here.user.id]
    assert (await stored.audit())[1:] == [("password.changed", here.user.id)]


async def test_an_api_token_that_changes_the_password_ends_all_sessions(use: Accounts, factory: Factory) -> None:
    here = await registered(use)
    token = replace(viewer_of(here, factory), session_id=None)
    await use.passwords.change(token, GOOD, BETTER)
    assert await refused(use.sessions.refresh(HERE, here.refresh_token)) == [("INVALID_TOKEN", "refresh_token")]


async def test_without_the_old_password_nothing_changes(
    use: Accounts, factory: Factory, engine: AsyncEngine, bells: HeardBells
) -> None:
    viewer = viewer_of(await registered(use), factory)
    before = await fingerprint(engine)
    assert await refused(use.passwords.change(viewer, BETTER, BETTER)) == WRONG
    assert await refused(use.passwords.change(viewer, GOOD, "ann@example.org")) == [("WEAK_PASSWORD", "new_password")]
    assert await fingerprint(engine) == before
    assert bells.told == []


async def test_a_stolen_session_cannot_guess_the_password(
    use: Accounts, factory: Factory, hasher: CountingHasher
) -> None:
    viewer = viewer_of(await registered(use), factory)
    for _ in range(3):
        assert await refused(use.passwords.change(viewer, BETTER, BETTER)) == WRONG
    hasher.calls.clear()
    assert await refused(use.passwords.change(viewer, GOOD, BETTER)) == [("TOO_MANY_ATTEMPTS", "")]
    assert hasher.calls == []
    # The front door has a lock of its own.
    assert (await use.logins.login(HERE, "ann", GOOD)).user.id == viewer.id


async def test_of_two_changes_at_once_one_is_refused(use: Accounts, factory: Factory, stored: Stored) -> None:
    viewer = viewer_of(await registered(use), factory)
    changes = [use.passwords.change(viewer, GOOD, new) for new in (BETTER, "nine copper whistles")]
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert len((await stored.audit())[1:]) == 1


async def test_asking_for_a_reset_tells_nothing_and_costs_the_same(
    use: Accounts, engine: AsyncEngine, stored: Stored, bells: HeardBells
) -> None:
    user = (await registered(use)).user
    gone = (await registered(use, "bob")).user
    await use.administration.deactivate(OPERATOR, gone.id)
    costs = []
    for name in ("ANN@example.org", "nobody", "\x00", "bob"):
        with sent(engine) as texts:
            await use.passwords.request_reset(HERE, name)
        costs.append([text.split()[0] for text in texts])
    # What nobody can have for a name is not even looked for.
    assert costs == [["SELECT", "INSERT", "COMMIT"]] * 2 + [["INSERT", "COMMIT"]] + [["SELECT", "INSERT", "COMMIT"]]
    assert await stored.tasks() == [
        ("mail.password_reset", {"user_id": str(user.id)}),
        ("mail.password_reset", {"user_id": None}),
        ("mail.password_reset", {"user_id": None}),
        ("mail.password_reset", {"user_id": str(gone.id)}),
    ]
    assert bells.rung == [Queue.DATA] * 4


async def test_asking_again_and_again_is_refused_for_everybody_alike(use: Accounts, engine: AsyncEngine) -> None:
    await registered(use)
    for name in ("ann", "nobody"):
        for _ in range(3):
            await use.passwords.request_reset(HERE, name)
        before = await fingerprint(engine)
        assert await refused(use.passwords.request_reset(HERE, name)) == [("TOO_MANY_ATTEMPTS", "")]
        assert await fingerprint(engine) == before
    assert (await use.logins.login(HERE, "ann", GOOD)).user.username == "ann"


async def test_only_somebody_who_is_there_and_active_gets_a_letter(
    use: Accounts, mails: ResetMails, letters: Letters
) -> None:
    user, gone = (await registered(use)).user, (await registered(use, "bob")).user
    await use.administration.deactivate(OPERATOR, gone.id)
    handle = reset_mail_handler(mails)
    for user_id in (None, str(new_id()), str(gone.id), str(user.id)):
        await handle({"user_id": user_id})
    assert [(mail.to, letters.token in mail.text) for mail in letters.sent] == [("ann@example.org", True)]
    assert "https://tmw.example.org/graphql" in letters.sent[0].text


async def test_the_letter_opens_the_account_once_and_ends_all_sessions(
    use: Accounts, mails: ResetMails, letters: Letters, stored: Stored, bells: HeardBells
) -> None:
    here = await registered(use)
    await mails.send(here.user.id)
    assert (await use.passwords.reset(HERE, letters.token, BETTER)).id == here.user.id
    assert await refused(use.sessions.refresh(HERE, here.refresh_token)) == [("INVALID_TOKEN", "refresh_token")]
    assert (await use.logins.login(HERE, "ann", BETTER)).user.id == here.user.id
    assert bells.people == [here.user.id]
    assert (await stored.audit())[1:] == [("password.reset", here.user.id)]
    assert await refused(use.passwords.reset(HERE, letters.token, "nine copper whistles")) == BAD_TOKEN


async def test_a_letter_is_good_for_an_hour(
    use: Accounts, mails: ResetMails, letters: Letters, clock: StandingClock, engine: AsyncEngine
) -> None:
    user = (await registered(use)).user
    await mails.send(user.id)
    clock.now += timedelta(minutes=59, seconds=59)
    assert await refused(use.passwords.reset(HERE, letters.token, "short")) == [("TOO_SHORT", "new_password")]
    clock.advance(seconds=1)
    before = await fingerprint(engine)
    assert await refused(use.passwords.reset(HERE, letters.token, BETTER)) == BAD_TOKEN
    assert await fingerprint(engine) == before


async def test_of_two_who_use_a_letter_at_once_one_is_refused(
    use: Accounts, mails: ResetMails, letters: Letters, stored: Stored
) -> None:
    user = (await registered(use)).user
    await mails.send(user.id)
    resets = [use.passwords.reset(HERE, letters.token, new) for new in (BETTER, "nine copper whistles")]
    outcomes = await asyncio.gather(*resets, return_exceptions=True)
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert (await stored.audit())[1:] == [("password.reset", user.id)]


async def test_a_letter_opens_neither_a_shut_nor_a_missing_account(
    use: Accounts, mails: ResetMails, letters: Letters, factory: Factory, clock: StandingClock, hasher: CountingHasher
) -> None:
    user = (await registered(use)).user
    await mails.send(user.id)
    await use.administration.deactivate(OPERATOR, user.id)
    hasher.calls.clear()
    assert await refused(use.passwords.reset(HERE, letters.token, BETTER)) == BAD_TOKEN
    nobodys = reset_tokens(factory.keys, clock).issue(new_id(), "a hash", clock.now + timedelta(hours=1))
    for token in (nobodys, "", "tmp_", "tmp_" + "A" * 75):
        assert await refused(use.passwords.reset(HERE, token, BETTER)) == BAD_TOKEN
    assert hasher.calls == []
