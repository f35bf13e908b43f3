"""What the tasks of use cases are done by, by the name of the task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.adapters.mail import make_mailer
from app.jobs import job_runner
from app.keys import load_keys
from app.reset_links import reset_tokens
from app.settings import Settings
from domain.accounts.password_changes import RESET_MAIL
from domain.accounts.reset_mails import ResetMails
from domain.clock import Clock
from domain.jobs.service import RUN
from domain.work import Works
from workers.ports import Handler


def data_handlers(settings: Settings, *, works: Works, clock: Clock) -> Mapping[str, Handler]:
    """Those of the queue DATA. Raises CannotStart when there is no key to sign reset tokens with."""
    mails = ResetMails(
        works=works,
        mailer=make_mailer(settings, clock),
        reset_tokens=reset_tokens(load_keys(settings, clock), clock),
        clock=clock,
        public_url=settings.url,
    )
    jobs = job_runner(settings, works=works, clock=clock)
    return {RESET_MAIL: reset_mail_handler(mails), RUN: jobs}


def reset_mail_handler(mails: ResetMails) -> Handler:
    async def send(payload: Mapping[str, Any]) -> None:
        # A name that nobody has makes a task like any other, so that nobody can tell; it ends here.
        if payload["user_id"] is not None:
            await mails.send(UUID(payload["user_id"]))

    return send
