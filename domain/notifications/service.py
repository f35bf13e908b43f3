"""What people do with notifications."""

from __future__ import annotations

from collections.abc import Container, Sequence
from uuid import UUID

from domain.audit import Action
from domain.clock import Clock
from domain.errors import Code, Problem, Refused
from domain.notifications.model import MAX_MESSAGE, MAX_TITLE, Choice, Notice, NoticeKind, Notification, Subject, Tone
from domain.notifications.notices import Notices
from domain.text import Problems, clean_text
from domain.viewer import Viewer, only_admins
from domain.work import Notified, Works

MOST_AT_ONCE = 100


class Notifications:
    """Read them, choose which ones to get, and as an admin tell everyone something."""

    def __init__(self, *, works: Works, clock: Clock) -> None:
        self._works = works
        self._clock = clock
        self._notices = Notices(clock=clock)

    async def mark_read(self, viewer: Viewer, ids: Sequence[UUID]) -> tuple[Sequence[Notification], int]:
        """All of them or none; and how many are still unread."""
        if not 1 <= len(ids) <= MOST_AT_ONCE:
            message = f"Name 1 to {MOST_AT_ONCE} notifications; these are {len(ids)}."
            raise Refused.because(Code.TOO_LONG if ids else Code.TOO_SHORT, message, "ids")
        async with self._works() as work:
            found = {each.id: each for each in await work.notifications.mark_read(viewer, ids, self._clock())}
            _must_be_there(ids, found.keys())
            unread = await work.notifications.unread(viewer)
            work.publish(Notified(viewer.id, None))
        return [found[id] for id in ids], unread

    async def mark_all_read(self, viewer: Viewer) -> int:
        """How many were unread."""
        async with self._works() as work:
            marked = await work.notifications.mark_all_read(viewer, self._clock())
            if marked:
                work.publish(Notified(viewer.id, None))
        return marked

    async def choose(self, viewer: Viewer, kind: NoticeKind, *, in_app: bool | None, mail: bool | None) -> Choice:
        """None: as it was."""
        async with self._works() as work:
            before = await work.notifications.choice(viewer.id, kind)
            choice = Choice(
                kind,
                in_app=before.in_app if in_app is None else in_app,
                mail=before.mail if mail is None else mail,
            )
            await work.notifications.choose(viewer.id, choice, self._clock())
            work.publish(Notified(viewer.id, None))
        return choice

    async def broadcast(
        self, viewer: Viewer, *, title: str, message: str, tone: Tone, subject: Subject | None
    ) -> Notification:
        only_admins(viewer)
        with Problems() as problems:
            title = problems.take(clean_text, title, "title", maximum=MAX_TITLE)
            message = problems.take(clean_text, message, "message", minimum=0, maximum=MAX_MESSAGE, multiline=True)
        notice = Notice(NoticeKind.BROADCAST, tone, title, message, subject)
        async with self._works() as work:
            kept = await self._notices.tell_everyone(work, notice)
            after = {"title": title, "type": tone.value}
            await work.audit.record(viewer, Action.BROADCAST_SENT, of="Notification", id=kept.id, after=after)
        return kept


def _must_be_there(ids: Sequence[UUID], found: Container[UUID]) -> None:
    message = "There is no such notification, or it is not yours."
    missing = [Problem(Code.NOT_FOUND, message, ("ids", str(place))) for place, id in enumerate(ids) if id not in found]
    if missing:
        raise Refused(*missing)
