"""Ending jobs, beginning them again, and putting them away."""

import strawberry

from graph.context import Info
from graph.fields import optional, plain
from graph.ids import decode
from graph.jobs.types import Job
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import WRITER


@strawberry.input(description="The job to cancel.")
class CancelJobInput:
    id: strawberry.ID = plain("The job.")


@strawberry.input(description="The job to delete.")
class DeleteJobInput:
    id: strawberry.ID = plain("The job.")


@strawberry.input(description="The job to begin again.")
class RetryJobInput:
    id: strawberry.ID = plain("The job.")


@strawberry.input(description="The job to go on with.")
class ResumeJobInput:
    id: strawberry.ID = plain("The job.")


@strawberry.type(description="Answer to cancelJob.")
class CancelJobPayload(Payload):
    job: Job | None = optional("The job as it is now: CANCELLED, or still RUNNING for a moment.")


@strawberry.type(description="Answer to deleteJob.")
class DeleteJobPayload(Payload):
    job: Job | None = optional("The job as it was.")


@strawberry.type(description="Answer to retryJob.")
class RetryJobPayload(Payload):
    job: Job | None = optional("The job, which waits again.")


@strawberry.type(description="Answer to resumeJob.")
class ResumeJobPayload(Payload):
    job: Job | None = optional("The job, which waits again.")


async def _cancel(info: Info, input: CancelJobInput) -> CancelJobPayload:
    id_ = decode(input.id, "Job", "id")
    return CancelJobPayload(job=shown(await info.context.use.jobs.cancel(info.context.viewer, id_)))


async def _delete(info: Info, input: DeleteJobInput) -> DeleteJobPayload:
    id_ = decode(input.id, "Job", "id")
    return DeleteJobPayload(job=shown(await info.context.use.jobs.delete(info.context.viewer, id_)))


async def _retry(info: Info, input: RetryJobInput) -> RetryJobPayload:
    id_ = decode(input.id, "Job", "id")
    return RetryJobPayload(job=shown(await info.context.use.jobs.retry(info.context.viewer, id_)))


async def _resume(info: Info, input: ResumeJobInput) -> ResumeJobPayload:
    id_ = decode(input.id, "Job", "id")
    return ResumeJobPayload(job=shown(await info.context.use.jobs.resume(info.context.viewer, id_)))


@strawberry.type
class JobMutations:
    cancel_job: CancelJobPayload = mutation(
        _cancel,
        policy=WRITER,
        description="Cancel a job that is not over. One that waits is over at once, one that runs within two seconds.",
    )
    retry_job: RetryJobPayload = mutation(
        _retry,
        policy=WRITER,
        description="Begin a job anew that failed or was cancelled, with what it was asked to do. Its log goes on; its "
        "metrics begin again.",
    )
    resume_job: ResumeJobPayload = mutation(
        _resume,
        policy=WRITER,
        description="Go on with a job that failed or was cancelled where its checkpoint was kept.",
    )
    delete_job: DeleteJobPayload = mutation(
        _delete,
        policy=WRITER,
        description="Delete a job that is over. A dataset that it made stays; a model goes with its training, unless "
        "it is in staging or production, which keeps both.",
    )


__all__ = ["JobMutations"]
