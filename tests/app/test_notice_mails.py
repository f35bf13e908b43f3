"""Notices that arrive by mail, for those who want them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from graphql import parse, validate
from pydantic import SecretStr
from sqlalchemy import delete, select

from app.factory import Factory
from app.handlers import mail_handlers
from app.schema_file import printed_schema
from domain.errors import Unavailable
from domain.notifications import mails
from domain.notifications.model import NoticeKind, Subject
from domain.viewer import OPERATOR
from graph.ids import encode
from persistence.tables.system import outbox
from tests.support.accounts import Stored
from tests.support.api import Api
from tests.support.jobs import job_row
from tests.support.notices import a_notice, choose, tell, tell_everyone, titles
from tests.support.people import Person, a_person
from tests.support.smtp import FakeSmtpServer


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
async def server() -> AsyncIterator[FakeSmtpServer]:
    async with FakeSmtpServer() as server:
        yield server


async def deliver(factory: Factory, server: FakeSmtpServer) -> None:
    """Do what waits, as a worker does it, until there is nothing left."""
    settings = factory.settings.model_copy(
        update={"smtp_url": SecretStr(f"smtp://localhost:{server.port}"), "public_url": "https://tmw.example.org"}
    )
    handlers = mail_handlers(settings, works=factory.works, clock=factory.clock)
    async with factory.engine.connect() as connection:
        rows = (await connection.execute(select(outbox.c.id, outbox.c.task, outbox.c.payload))).all()
    for id_, task, payload in rows:
        await handlers[task](payload)
        async with factory.engine.begin() as connection:
            await connection.execute(delete(outbox).where(outbox.c.id == id_))
    if rows:
        await deliver(factory, server)


async def test_a_letter_says_what_happened_and_where_to_see_it(
    api: Api, factory: Factory, ann: Person, server: FakeSmtpServer
) -> None:
    await choose(api, ann, NoticeKind.JOB_FAILED, mail=True)
    job = await job_row(factory.works, ann)
    await tell(factory, ann, a_notice('The training "Dax" failed', subject=Subject("Job", job.id)))
    assert server.letters == []
    await deliver(factory, server)
    [letter] = server.letters
    assert letter.recipients == ["ann@example.org"]
    assert letter.message["Subject"] == 'The training "Dax" failed'
    text = letter.message.get_content().replace("\r\n", "\n")
    assert text.startswith('Hello Ann,\n\nThe training "Dax" failed\n\nIt broke.\n\nSee it at https://')
    assert "https://tmw.example.org/graphql and call the mutation\nsetNotificationChoice." in text
    [address] = re.findall(r"See it at (\S+)", text)
    where = urlsplit(address)
    assert (where.netloc, where.path) == ("tmw.example.org", "/graphql")
    [query] = parse_qs(where.query)["query"]
    assert validate(printed_schema(), parse(query)) == []
    found = (await api.data(query, ann))["node"]
    assert (found["id"], found["name"]) == (encode("Job", job.id), "Inspect")


async def test_nobody_gets_letters_unasked(api: Api, factory: Factory, ann: Person, server: FakeSmtpServer) -> None:
    await tell(factory, ann, a_notice())
    await tell_everyone(factory, "to all")
    await deliver(factory, server)
    assert server.letters == []
    assert await titles(api, ann) == ["to all", "It failed"]


async def test_what_everyone_is_told_is_sent_to_each_who_wants_it(
    api: Api, factory: Factory, ann: Person, server: FakeSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mails, "AT_ONCE", 2)
    people = [ann, *[await a_person(factory, f"p{number}") for number in range(4)]]
    gone = await a_person(factory, "gone")
    for who in (*people, gone):
        await choose(api, who, NoticeKind.BROADCAST, mail=True, inApp=False)
    await choose(api, people[1], NoticeKind.BROADCAST, mail=False)
    await factory.use.accounts.administration.deactivate(OPERATOR, gone.user.id)
    await tell_everyone(factory, "to all")
    await deliver(factory, server)
    reached = [letter.recipients[0] for letter in server.letters]
    assert sorted(reached) == ["ann@example.org", "p1@example.org", "p2@example.org", "p3@example.org"]
    assert "See it at" not in server.letters[0].message.get_content()


async def test_who_left_meanwhile_gets_none(api: Api, factory: Factory, ann: Person, server: FakeSmtpServer) -> None:
    await choose(api, ann, NoticeKind.JOB_FAILED, mail=True)
    await tell(factory, ann, a_notice())
    await factory.use.accounts.administration.deactivate(OPERATOR, ann.user.id)
    await deliver(factory, server)
    assert server.letters == []


async def test_a_letter_that_was_not_taken_stays_to_be_sent(
    api: Api, factory: Factory, ann: Person, server: FakeSmtpServer
) -> None:
    await choose(api, ann, NoticeKind.JOB_FAILED, mail=True)
    await tell(factory, ann, a_notice())
    server.refuse["RCPT"] = "450 Later"
    with pytest.raises(Unavailable):
        await deliver(factory, server)
    assert [task for task, _ in await Stored(factory.engine).tasks()] == ["mail.notice"]
    server.refuse.clear()
    await deliver(factory, server)
    assert len(server.letters) == 1
