"""The unit of work: one transaction around one use case, and what may leave only after it is committed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from domain.accounts.stores import ApiTokenStore, SessionStore, UserStore
from domain.audit import Action
from domain.blobs import BlobStore
from domain.configs import ConfigStore
from domain.datasets.stores import DatasetStore, RecipeStore, UploadStore
from domain.documents import DocumentStore
from domain.evaluations.stores import EvaluationStore
from domain.jobs.events import JobMoved
from domain.jobs.stores import JobStore
from domain.models.stores import ModelStore
from domain.notifications.stores import NotificationStore
from domain.projects.stores import MemberStore, ProjectStore
from domain.strategies.stores import StrategyStore, TemplateStore, VersionStore
from domain.viewer import Viewer


class Queue(StrEnum):
    TRAINING = "training"
    EVALUATION = "evaluation"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Task:
    """Short work for a worker. It is kept with the transaction that asks for it, and never holds a secret."""

    name: str
    payload: Mapping[str, Any]
    queue: Queue = Queue.DATA
    owner_id: UUID | None = None
    """Whose long work it is. Where tasks have owners, people take turns, and each has so many at work at once."""
    priority: int = 0
    """The highest first, among those of one owner."""


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """A user's rights are not what they were: caches forget them, open sockets are looked at again."""

    user_id: UUID
    session_id: UUID | None = None
    """Set when only this session ended; None when everything of the user is concerned."""


@dataclass(frozen=True, slots=True)
class Notified:
    """Somebody was told of something; nobody named: everyone was."""

    user_id: UUID | None
    notification_id: UUID | None
    """None: nothing new, but something was read, or other things are wanted."""


Event = AccessChanged | JobMoved | Notified


class AuditTrail(Protocol):
    async def record(
        self,
        viewer: Viewer,
        action: Action,
        *,
        of: str,
        id: UUID | None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None: ...


class UnitOfWork(Protocol):
    """What a use case may change. Nothing is seen by others before the block around it ends without an exception."""

    @property
    def users(self) -> UserStore: ...
    @property
    def sessions(self) -> SessionStore: ...
    @property
    def api_tokens(self) -> ApiTokenStore: ...
    @property
    def projects(self) -> ProjectStore: ...
    @property
    def members(self) -> MemberStore: ...
    @property
    def strategies(self) -> StrategyStore: ...
    @property
    def versions(self) -> VersionStore: ...
    @property
    def templates(self) -> TemplateStore: ...
    @property
    def configs(self) -> ConfigStore: ...
    @property
    def documents(self) -> DocumentStore: ...
    @property
    def blobs(self) -> BlobStore: ...
    @property
    def datasets(self) -> DatasetStore: ...
    @property
    def uploads(self) -> UploadStore: ...
    @property
    def recipes(self) -> RecipeStore: ...
    @property
    def jobs(self) -> JobStore: ...
    @property
    def models(self) -> ModelStore: ...
    @property
    def evaluations(self) -> EvaluationStore: ...
    @property
    def notifications(self) -> NotificationStore: ...
    @property
    def audit(self) -> AuditTrail: ...

    async def enqueue(self, task: Task) -> None:
        """Hand this to a worker once the transaction is committed."""

    def publish(self, event: Event) -> None:
        """Tell every process once the transaction is committed."""


Works = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
