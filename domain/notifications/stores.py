"""What notifications need to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.notifications.model import Choice, Notice, NoticeKind, Notification, NotificationFilter
from domain.pages import Page, Window
from domain.viewer import Viewer


class NotificationStore(Protocol):
    """Writing side: inside a unit of work."""

    async def add(self, user_id: UUID | None, notice: Notice, now: datetime) -> Notification:
        """Keeps it for that person, or for everyone. All who add wait for each other until they have committed, so that
        ids have the order of commits: make it the last thing of a unit of work."""

    async def choice(self, user_id: UUID, kind: NoticeKind) -> Choice: ...

    async def choose(self, user_id: UUID, choice: Choice, now: datetime) -> None: ...

    async def who_want_mail(self, kind: NoticeKind, after: UUID | None, limit: int) -> Sequence[UUID]:
        """Active people who want to be told by mail, in the order of their ids, from there on."""

    async def mark_read(self, viewer: Viewer, ids: Sequence[UUID], now: datetime) -> Sequence[Notification]:
        """As they are now; without those that the viewer may not see."""

    async def mark_all_read(self, viewer: Viewer, now: datetime) -> int:
        """How many were unread."""

    async def unread(self, viewer: Viewer) -> int: ...


class NotificationReads(Protocol):
    """Reading side. Everybody finds what was told to oneself or to everyone, admins too."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Notification | None]: ...

    async def page(self, viewer: Viewer, window: Window, filter: NotificationFilter) -> Page[Notification]: ...

    async def count(self, viewer: Viewer, filter: NotificationFilter) -> int: ...

    async def unread(self, viewer: Viewer) -> int: ...

    async def choices(self, viewer: Viewer) -> Sequence[Choice]:
        """For each kind, what was chosen, or else is usual."""


@dataclass(frozen=True, slots=True)
class News:
    """That there is one, and whose it is; None: everyone's."""

    id: UUID
    user_id: UUID | None


class NewsReads(Protocol):
    """For those who watch. It must not lag behind what was published. Raises domain.errors.Unavailable."""

    async def newest(self, viewer: Viewer) -> tuple[UUID, int]:
        """The last one of the viewer's, where there is none an id before any; and how many are unread then."""

    async def after(self, viewer: Viewer, id: UUID, limit: int) -> tuple[Sequence[Notification], int]:
        """The viewer's that come after, the oldest first; and how many are unread then."""

    async def tip(self) -> UUID | None:
        """The last one of all."""

    async def since(self, id: UUID | None, limit: int) -> Sequence[News]:
        """All that come after, the oldest first."""
