"""Notices as letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from domain.accounts.model import User
from domain.accounts.ports import Mail, Mailer
from domain.errors import Refused
from domain.notifications.model import Notice, Subject
from domain.notifications.notices import MAIL, MAIL_ALL, from_plain
from domain.work import Task, Works

AT_ONCE = 200
END = """\
You get this letter because you asked for it. To have no more of this kind, open {url}/graphql and call the mutation
setNotificationChoice.
"""


class NoticeMails:
    """What the tasks MAIL and MAIL_ALL do. No transaction is open while a mail server is spoken to."""

    def __init__(self, *, works: Works, mailer: Mailer, public_url: str, address_of: Callable[[Subject], str]) -> None:
        """`address_of` gives the web address at which people see an object."""
        self._works = works
        self._mailer = mailer
        self._public_url = public_url
        self._address_of = address_of

    async def send(self, user_id: UUID, notice: Notice) -> None:
        try:
            async with self._works() as work:
                user = (await work.users.get(user_id)).user
        except Refused:
            # The account went away meanwhile.
            return
        if user.is_active:
            await self._mailer.send(self._letter(user, notice))

    async def to_all(self, notice: Any, after: UUID | None) -> None:
        """Asks for some of the letters, and for the next ones with them: both or neither."""
        kind = from_plain(notice).kind
        async with self._works() as work:
            people = await work.notifications.who_want_mail(kind, after, AT_ONCE)
            for user_id in people:
                await work.enqueue(Task(MAIL, {"user": str(user_id), "notice": notice}))
            if len(people) == AT_ONCE:
                await work.enqueue(Task(MAIL_ALL, {"notice": notice, "after": str(people[-1])}))

    def _letter(self, user: User, notice: Notice) -> Mail:
        parts = [f"Hello {user.full_name or user.username},", notice.title, notice.message]
        if notice.subject is not None:
            parts.append(f"See it at {self._address_of(notice.subject)}")
        parts.append(END.format(url=self._public_url))
        return Mail(to=user.email, subject=notice.title, text="\n\n".join(part for part in parts if part))
