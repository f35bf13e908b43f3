"""What the tasks of use cases are done by, by the name of the task."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.adapters.mail import make_mailer
from app.jobs import job_runner
from app.keys import load_keys
from app.notices import addresses
from app.reset_links import reset_tokens
from app.settings import Settings
from domain.accounts.password_changes import RESET_MAIL
from domain.accounts.reset_mails import ResetMails
from domain.clock import Clock
from domain.jobs.service import RUN
from domain.notifications.mails import NoticeMails
from domain.notifications.notices import MAIL, MAIL_ALL, from_plain
from domain.work import Queue, Works
from workers.engines.trademaster.service import Service
from workers.ports import Handler


def handlers_for(
    settings: Settings,
    queue: Queue,
    *,
    works: Works,
    clock: Clock,
    stopping: asyncio.Event,
    services: Sequence[Service] = (),
) -> Mapping[str, Handler]:
    """What the workers of a queue can do. Raises CannotStart when something that they need for it is missing."""
    runner = job_runner(settings, works=works, clock=clock, services=services, stopping=stopping)
    jobs: dict[str, Handler] = {RUN: runner}
    return jobs | mail_handlers(settings, works=works, clock=clock) if queue is Queue.DATA else jobs


def mail_handlers(settings: Settings, *, works: Works, clock: Clock) -> dict[str, Handler]:
    """Raises CannotStart when there is no key to sign reset tokens with."""
    mailer = make_mailer(settings, clock)
    mails = ResetMails(
        works=works,
        mailer=mailer,
        reset_tokens=reset_tokens(load_keys(settings, clock), clock),
        clock=clock,
        public_url=settings.url,
    )
    notices = NoticeMails(works=works, mailer=mailer, public_url=settings.url, address_of=addresses(settings.url))
    return {RESET_MAIL: reset_mail_handler(mails), **notice_mail_handlers(notices)}


def notice_mail_handlers(mails: NoticeMails) -> dict[str, Handler]:
    async def send(payload: Mapping[str, Any]) -> None:
        await mails.send(UUID(payload["user"]), from_plain(payload["notice"]))

    async def send_to_all(payload: Mapping[str, Any]) -> None:
        await mails.to_all(payload["notice"], UUID(payload["after"]) if payload["after"] else None)

    return {MAIL: send, MAIL_ALL: send_to_all}


def reset_mail_handler(mails: ResetMails) -> Handler:
    async def send(payload: Mapping[str, Any]) -> None:
        # A name that nobody has makes a task like any other, so that nobody can tell; it ends here.
        if payload["user_id"] is not None:
            await mails.send(UUID(payload["user_id"]))

    return send
