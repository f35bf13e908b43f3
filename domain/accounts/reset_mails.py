"""The letter that lets somebody choose a new password."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from domain.accounts.model import User
from domain.accounts.ports import Mail, Mailer
from domain.accounts.tokens import ResetTokens
from domain.clock import Clock
from domain.errors import Refused
from domain.work import Works

LIFE = timedelta(hours=1)
SUBJECT = "Choose a new password for TradeMaster Web"
TEXT = """\
Hello {name},

somebody, probably you, asked to reset the password of {username} on TradeMaster Web.

Give this token to the program you log in with. It works once, and for one hour:

{token}

Without such a program: open {url}/graphql and call the mutation resetPassword.

If it was not you, there is nothing to do: without this letter nobody can change your password.
"""


class ResetMails:
    """Makes the token as late as possible, in the worker, so that no secret waits in the outbox."""

    def __init__(
        self, *, works: Works, mailer: Mailer, reset_tokens: ResetTokens, clock: Clock, public_url: str
    ) -> None:
        self._works = works
        self._mailer = mailer
        self._reset_tokens = reset_tokens
        self._clock = clock
        self._public_url = public_url

    async def send(self, user_id: UUID) -> None:
        try:
            async with self._works() as work:
                credentials = await work.users.get(user_id)
        except Refused:
            # The account went away since the letter was asked for.
            return
        if credentials.user.is_active:
            token = self._reset_tokens.issue(user_id, credentials.password_hash, self._clock() + LIFE)
            await self._mailer.send(self._letter(credentials.user, token))

    def _letter(self, user: User, token: str) -> Mail:
        name = user.full_name or user.username
        text = TEXT.format(name=name, username=user.username, token=token, url=self._public_url)
        return Mail(to=user.email, subject=SUBJECT, text=text)
