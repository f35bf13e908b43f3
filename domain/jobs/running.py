"""What the machinery of jobs and the nouns that need long work agree on.

A noun gives an executor for each of its kinds of job, and says what becomes of its object when the job does not
succeed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from domain.jobs.events import Checkpoint, Fact, Progress
from domain.jobs.model import Job
from domain.jobs.status import JobKind
from domain.work import UnitOfWork

INTERNAL = "INTERNAL"
LOST = "LOST"
TIMED_OUT = "TIMED_OUT"


class Run(Protocol):
    """One attempt at a job, as its executor sees it. What is told is kept in order and published once it is committed.

    When the attempt is no longer the present one, the executor is cancelled, and nothing it told last is kept.
    """

    @property
    def heard(self) -> int:
        """The number of the last numbered fact that is kept, from earlier attempts too: those up to it are dropped."""

    async def tell(self, fact: Fact, *, number: int | None = None) -> None:
        """Keeps a log line, a metric, a result. Returns at once, or when there is room again: it never loses any.

        `number` is the place of the fact in what a repeated run would say again: 1, 2, 3 and so on.
        """

    async def progress(self, progress: Progress) -> None:
        """Call it as often as you like: one a second is kept. It never fails."""

    async def process(self, group: int | None) -> None:
        """Writes down the process group that works for this attempt, so that others can see it end; None: it is gone.
        Call it before the process does anything, and after it is gone."""

    async def checkpoint(self, path: Path, checkpoint: Checkpoint) -> bool:
        """Keeps this file in place of the one before, with all that was told up to now. Takes the file over.

        False when it could not be kept, a full disk say: go on without.
        """

    def last_checkpoint(self) -> AbstractAsyncContextManager[Path | None]:
        """The newest checkpoint as a file to be read inside the block; None: begin at the beginning."""


Finish = Callable[[UnitOfWork], Awaitable[None]]
"""Writes down the result, in the unit of work that completes the job: both or neither."""

Executor = Callable[[Job, Run], Awaitable[Finish]]
"""Does the work of one attempt, and changes nothing that others see: that is left to the Finish.

It may be cancelled at any point, more than once when it does not end, and may run again after its worker died. What it
has started (a child process, a temporary file) is gone when it ends, also when it is cancelled. `domain.errors.Refused`
and `JobFailed` end the job as FAILED; after any other exception it is tried again, up to three times in all.
"""

OnEnd = Callable[[UnitOfWork, Job], Awaitable[None]]
"""Puts the object of a job right when the job failed or was cancelled (`job.status` says which), in the same unit of
work. The job may never have begun."""

Executors = Mapping[JobKind, Executor]
Endings = Mapping[JobKind, OnEnd]


class JobFailed(Exception):
    """The job cannot succeed, and trying again would not help. The person reads the message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


async def put_right(work: UnitOfWork, job: Job, endings: Endings) -> None:
    """What the job was about, now that it has failed or was cancelled."""
    if on_end := endings.get(job.kind):
        await on_end(work, job)
