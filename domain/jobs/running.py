"""What the machinery of jobs and the nouns that need long work agree on.

A noun gives an executor for each of its kinds of job, and says what becomes of its object when the job does not
succeed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from domain.jobs.model import Job
from domain.jobs.status import JobKind
from domain.work import UnitOfWork

INTERNAL = "INTERNAL"
LOST = "LOST"
TIMED_OUT = "TIMED_OUT"

Progress = Callable[[float], Awaitable[None]]
"""Tells how far it is, 0 to 100. Call it as often as you like: it writes once a second at most, and never fails."""

Finish = Callable[[UnitOfWork], Awaitable[None]]
"""Writes down the result, in the unit of work that completes the job: both or neither."""

Executor = Callable[[Job, Progress], Awaitable[Finish]]
"""Does the work of one attempt, and changes nothing that others see: that is left to the Finish.

It may be cancelled at any point, and may run again from the start after its worker died. What it has started (a child
process, a temporary file) is gone when it ends, also when it is cancelled. `domain.errors.Refused` and `JobFailed` end
the job as FAILED; after any other exception it is tried again, up to three times in all.
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
