"""Tells people of what happened, in the unit of work in which it happens."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from domain.clock import Clock
from domain.datasets.model import Dataset
from domain.jobs.model import Job
from domain.notifications import words
from domain.notifications.model import Notice, NoticeKind, Notification, Subject, Tone
from domain.projects.model import Member, Project
from domain.work import Notified, Task, UnitOfWork

MAIL = "mail.notice"
"""The task that sends one letter."""
MAIL_ALL = "mail.notice_to_all"
"""The task that has a letter sent to each who wants it."""


class Notices:
    """Each notice is the last thing of its unit of work (see NotificationStore.add)."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    async def job_completed(self, work: UnitOfWork, job: Job) -> None:
        await self.tell(work, job.owner_id, words.job_completed(job))

    async def job_failed(self, work: UnitOfWork, job: Job) -> None:
        await self.tell(work, job.owner_id, words.job_failed(job))

    async def dataset_bad(self, work: UnitOfWork, job: Job, dataset: Dataset) -> None:
        await self.tell(work, job.owner_id, words.dataset_bad(job, dataset))

    async def invited(self, work: UnitOfWork, project: Project, member: Member) -> None:
        await self.tell(work, member.user_id, words.invited(project, member))

    async def tell(self, work: UnitOfWork, user_id: UUID, notice: Notice) -> None:
        """Where the person wants to be told of such things."""
        choice = await work.notifications.choice(user_id, notice.kind)
        if choice.mail:
            await work.enqueue(Task(MAIL, {"user": str(user_id), "notice": to_plain(notice)}))
        if choice.in_app:
            kept = await work.notifications.add(user_id, notice, self._clock())
            work.publish(Notified(user_id, kept.id))

    async def tell_everyone(self, work: UnitOfWork, notice: Notice) -> Notification:
        await work.enqueue(Task(MAIL_ALL, {"notice": to_plain(notice), "after": None}))
        kept = await work.notifications.add(None, notice, self._clock())
        work.publish(Notified(None, kept.id))
        return kept


def to_plain(notice: Notice) -> dict[str, Any]:
    """For the payload of a task."""
    subject = notice.subject
    return asdict(notice) | {"subject": subject and {"type": subject.type, "id": str(subject.id)}}


def from_plain(raw: Any) -> Notice:
    subject = raw["subject"]
    return Notice(
        kind=NoticeKind(raw["kind"]),
        tone=Tone(raw["tone"]),
        title=raw["title"],
        message=raw["message"],
        subject=Subject(subject["type"], UUID(subject["id"])) if subject else None,
    )
