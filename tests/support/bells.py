"""Bells that remember what they were told."""

from __future__ import annotations

from uuid import UUID

from domain.work import AccessChanged, Event, Queue


class HeardBells:
    def __init__(self) -> None:
        self.rung: list[Queue] = []
        self.told: list[Event] = []

    async def ring(self, queue: Queue, task_id: str) -> None:
        self.rung.append(queue)

    async def tell(self, event: Event) -> None:
        self.told.append(event)

    @property
    def people(self) -> list[UUID]:
        """Whose access changed."""
        return [event.user_id for event in self.told if isinstance(event, AccessChanged)]
