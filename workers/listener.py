"""Hears the bell of one queue, through arq."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from arq.worker import Worker, func
from redis.asyncio import Redis

from domain.work import Queue
from workers.crew import Crew
from workers.wire import RUN_TASK, arq_client, dump, load, queue_name

POLL_S = 0.1
# Answering only says so, so arq's own books close at once and a dead worker leaves nothing stuck in them.
ANSWER_WITHIN_S = 5

_log = structlog.get_logger(__name__)


class Ear(Worker):
    """arq's worker, which picks no more bells than the crew has room for: another worker may be free."""

    def __init__(self, crew: Crew, slots: int, **options: Any) -> None:
        super().__init__(max_jobs=slots, **options)
        self._crew = crew
        self._slots = slots

    async def start_jobs(self, job_ids: list[bytes]) -> None:
        self.max_jobs = self._crew.free
        await super().start_jobs(job_ids)
        # Otherwise arq would not ask again.
        self.max_jobs = self._slots

    async def heart_beat(self) -> None:
        """arq's health key and periodic jobs are not used: see workers.heartbeat and workers.housekeeping."""


class Listener:
    """Has the crew look for what is due when somebody rings: that it was rung for gives a task no turn."""

    def __init__(self, *, queue: Queue, slots: int, crew: Crew, redis: Redis) -> None:
        self._queue = queue
        self._slots = slots
        self._crew = crew
        self._redis = redis

    async def listen(self) -> None:
        """Until Redis fails, which ends arq's worker for good: so call it again."""
        ear = self._ear()
        try:
            await ear.main()
        finally:
            await _finish_answers(ear)

    def _ear(self) -> Ear:
        return Ear(
            self._crew,
            self._slots,
            functions=[func(self._answer, name=RUN_TASK, timeout=ANSWER_WITHIN_S)],  # type: ignore[arg-type]
            queue_name=queue_name(self._queue),
            redis_pool=arq_client(self._redis),
            job_serializer=dump,
            job_deserializer=load,
            on_startup=self._say_that_it_listens,
            handle_signals=False,
            poll_delay=POLL_S,
            keep_result=0,
            log_results=False,
        )

    async def _answer(self, _context: dict[Any, Any], _task_id: str) -> None:
        self._crew.look()

    async def _say_that_it_listens(self, _context: dict[Any, Any]) -> None:
        _log.info("worker listens", queue=self._queue)


async def _finish_answers(ear: Ear) -> None:
    """They are short; only a Redis that hangs keeps them."""
    answers = list(ear.tasks.values())
    if not answers:
        return
    _, hanging = await asyncio.wait(answers, timeout=1)
    for answer in hanging:
        answer.cancel()
    await asyncio.gather(*answers, return_exceptions=True)
