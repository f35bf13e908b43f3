"""What happens in a job, as clients see it."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from domain.jobs import events as domain
from graph.fields import plain
from graph.jobs.enums import JobStatus, Level, Split


@strawberry.interface(
    description="Something that happened in a job. Remember the `seq` of the last one you got, and give it as `after` "
    "to go on from there: over a socket, over server-sent events, and in queries alike."
)
class JobEvent:
    seq: int = plain("Its number in the job: 1, 2, 3 and so on, over events of all kinds.")
    at: datetime = plain("When it happened.")


@strawberry.type(description="A line of the job's log.")
class JobLogEvent(JobEvent):
    level: Level = plain("How important it is.")
    message: str = plain("The line.")


@strawberry.type(description="A measured value.")
class MetricValue:
    name: str = plain("What was measured.")
    value: float = plain("How much.")


@strawberry.type(description="What was measured at one step.")
class JobMetricEvent(JobEvent):
    # Nullable as in progress: GraphQL lets one selection ask two types for a field only when its types agree.
    epoch: int | None = plain("The epoch, from 1; 0 for baselines.")
    step: int | None = plain("The step of the run.")
    split: Split = plain("On which part of the data.")
    seed: int | None = plain("Of which run, when several seeds are trained.")
    values: list[MetricValue] = plain("What was measured.")


@strawberry.type(description="How far the job is.")
class JobProgressEvent(JobEvent):
    percent: float = plain("0 to 100.")
    epoch: int | None = plain("The epoch it is in.")
    epochs: int | None = plain("How many there will be.")
    step: int | None = plain("The step it is at.")
    steps: int | None = plain("How many there will be.")
    steps_per_second: float | None = plain("How fast it is.")
    seconds_left: float | None = plain("How long it will take, as far as it can be told.")


@strawberry.type(description="The job stands so since this event.")
class JobStatusEvent(JobEvent):
    status: JobStatus = plain("Where it stands.")
    attempt: int = plain("Which attempt this is; 0 before the first.")
    cancel_requested: bool = plain("Whether somebody has asked to cancel it.")
    error_code: str | None = plain("Why it failed: the `error.code` of the job.")
    error_message: str | None = plain("Why it failed, for a person.")


@strawberry.type(description="The job can go on from here after a break.")
class JobCheckpointEvent(JobEvent):
    step: int | None = plain("The step it was at.")


@strawberry.type(description="What came out.")
class JobResultEvent(JobEvent):
    body: JSON = plain("Depends on the kind of job.")


def event_view(event: domain.JobEvent) -> JobEvent:
    seq, at = event.seq, event.at
    match event.fact:
        case domain.Log(level, message):
            return JobLogEvent(seq=seq, at=at, level=level, message=message)
        case domain.Metric(epoch, step, split, values, seed):
            measured = [MetricValue(name=name, value=value) for name, value in values.items()]
            return JobMetricEvent(seq=seq, at=at, epoch=epoch, step=step, split=split, seed=seed, values=measured)
        case domain.Progress() as progress:
            return _progress(seq, at, progress)
        case domain.Status() as status:
            return _status(seq, at, status)
        case domain.Checkpoint(step):
            return JobCheckpointEvent(seq=seq, at=at, step=step)
        case domain.Result(body):
            return JobResultEvent(seq=seq, at=at, body=JSON(body))


def _progress(seq: int, at: datetime, progress: domain.Progress) -> JobProgressEvent:
    return JobProgressEvent(
        seq=seq,
        at=at,
        percent=progress.percent,
        epoch=progress.epoch,
        epochs=progress.epochs,
        step=progress.step,
        steps=progress.steps,
        steps_per_second=progress.steps_per_second,
        seconds_left=progress.seconds_left,
    )


def _status(seq: int, at: datetime, status: domain.Status) -> JobStatusEvent:
    return JobStatusEvent(
        seq=seq,
        at=at,
        status=status.status,
        attempt=status.attempt,
        cancel_requested=status.cancel_requested,
        error_code=status.error_code,
        error_message=status.error_message,
    )
