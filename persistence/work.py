"""The unit of work on Postgres: one transaction, then the tasks and events that were waiting for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

import structlog
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.clock import Clock
from domain.errors import Unavailable
from domain.ids import new_id
from domain.work import Event, Queue, Task
from persistence.accounts import PostgresApiTokens, PostgresSessions, PostgresUsers
from persistence.audit import PostgresAuditTrail
from persistence.blobs.store import PostgresBlobs
from persistence.configs import PostgresConfigs
from persistence.datasets import PostgresDatasets, PostgresUploads
from persistence.documents import PostgresDocuments
from persistence.evaluations import PostgresEvaluations
from persistence.jobs import PostgresJobs
from persistence.models import PostgresModels
from persistence.notifications import PostgresNotifications
from persistence.projects import PostgresMembers, PostgresProjects
from persistence.recipes import PostgresRecipes
from persistence.strategies import PostgresStrategies, PostgresVersions
from persistence.tables.system import outbox
from persistence.templates import PostgresTemplates

# Others were in the way: waited too long for a lock, stood still too long with some, a deadlock.
_PASSING = frozenset({"57014", "55P03", "25P03", "40P01"})

_log = structlog.get_logger()


class Bells(Protocol):
    """What is rung after a commit. A bell that fails is no loss: reconcilers and short lives heal it."""

    async def ring(self, queue: Queue, task_id: str) -> None: ...

    async def tell(self, event: Event) -> None: ...


class PostgresWork:
    """Implements domain.work.UnitOfWork."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self.users = PostgresUsers(connection)
        self.sessions = PostgresSessions(connection)
        self.api_tokens = PostgresApiTokens(connection)
        self.projects = PostgresProjects(connection)
        self.members = PostgresMembers(connection)
        self.strategies = PostgresStrategies(connection)
        self.versions = PostgresVersions(connection)
        self.templates = PostgresTemplates(connection)
        self.configs = PostgresConfigs(connection)
        self.documents = PostgresDocuments(connection)
        self.blobs = PostgresBlobs(connection, clock)
        self.datasets = PostgresDatasets(connection)
        self.uploads = PostgresUploads(connection)
        self.recipes = PostgresRecipes(connection)
        self.jobs = PostgresJobs(connection, clock, self.blobs)
        self.models = PostgresModels(connection)
        self.evaluations = PostgresEvaluations(connection)
        self.notifications = PostgresNotifications(connection)
        self.audit = PostgresAuditTrail(connection, clock)
        self._connection = connection
        self._clock = clock
        self.waiting: list[Callable[[Bells], Awaitable[None]]] = []

    async def enqueue(self, task: Task) -> None:
        id_, now = new_id(), self._clock()
        what = {"queue": task.queue, "task": task.name, "payload": dict(task.payload)}
        whose = {"owner_id": task.owner_id, "priority": task.priority}
        await self._connection.execute(insert(outbox).values(id=id_, **what, **whose, due_at=now, created_at=now))
        self.waiting.append(lambda bells: bells.ring(task.queue, str(id_)))

    def publish(self, event: Event) -> None:
        self.waiting.append(lambda bells: bells.tell(event))

    def publish_moves(self) -> None:
        """What happened in jobs, one event for each job."""
        for moved in self.jobs.moved:
            self.publish(moved)


class Works:
    """Opens units of work. Leaving the block commits; an exception rolls back and drops what was waiting."""

    def __init__(self, engine: AsyncEngine, bells: Bells, clock: Clock) -> None:
        self._engine = engine
        self._bells = bells
        self._clock = clock
        # Jobs at work ring several times a second: one line for each would drown all others.
        self._unheard = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[PostgresWork]:
        try:
            async with self._engine.begin() as connection:
                work = PostgresWork(connection, self._clock)
                yield work
        except (OSError, PoolTimeoutError, InterfaceError, OperationalError) as error:
            raise Unavailable from error
        except DBAPIError as error:
            if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _PASSING:
                raise Unavailable from error
            raise
        work.publish_moves()
        for ring in work.waiting:
            await self._safely(ring)

    async def _safely(self, ring: Callable[[Bells], Awaitable[None]]) -> None:
        try:
            await ring(self._bells)
        except Exception:  # noqa: BLE001
            # The transaction is committed: the answer is yes, whatever Redis says.
            if not self._unheard:
                _log.warning("bell.failed", exc_info=True)
            self._unheard += 1
        else:
            if self._unheard:
                _log.info("bell.works_again", unheard=self._unheard)
            self._unheard = 0
