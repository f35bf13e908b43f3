"""What a stream of a job says beside the events."""

import strawberry

from domain.clock import Clock
from domain.jobs.model import Job as JobEntity
from domain.live import Standing
from graph.execution.sharing import impersonal
from graph.fields import plain
from graph.jobs.events import (
    JobCheckpointEvent,
    JobEvent,
    JobLogEvent,
    JobMetricEvent,
    JobProgressEvent,
    JobResultEvent,
    JobStatusEvent,
    MetricValue,
)
from graph.jobs.types import Job
from graph.node import shown


@impersonal
@strawberry.type(description="The first item of every stream of a job: where it begins. Its `seq` is your `after`.")
class JobStreamOpened(JobEvent):
    oldest_seq: int = plain("The oldest event that is still kept; one more than `lastSeq` when there is none.")
    last_seq: int = plain("The last event there was when the stream was opened.")
    job: Job = plain("The job, as it was then.")


@impersonal
@strawberry.type(description="Nothing happened for a while. Its `seq` is as good to go on from as that of an event.")
class JobHeartbeat(JobEvent):
    pass


@impersonal
@strawberry.type(
    description="Events after your `after` are not kept any more; the stream ends here. Ask for the job anew, and go "
    "on with `after: oldestSeq - 1`, knowing that something is missing. Its `seq` is your `after`."
)
class JobHistoryGone(JobEvent):
    oldest_seq: int = plain("The oldest event that is still kept.")
    last_seq: int = plain("The last event.")


# Their fields mean the same to everybody who may see the job.
for _event in (
    JobEvent,
    JobCheckpointEvent,
    JobLogEvent,
    JobMetricEvent,
    JobProgressEvent,
    JobResultEvent,
    JobStatusEvent,
    MetricValue,
):
    impersonal(_event)


class StreamWords:
    """Implements graph.live.streams.Words."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def opened(self, job: JobEntity, after: int, standing: Standing) -> JobStreamOpened:
        return JobStreamOpened(
            seq=after,
            at=self._clock(),
            oldest_seq=standing.oldest_seq,
            last_seq=standing.last_seq,
            job=shown(job),
        )

    def heartbeat(self, seq: int) -> JobHeartbeat:
        return JobHeartbeat(seq=seq, at=self._clock())

    def history_gone(self, after: int, standing: Standing) -> JobHistoryGone:
        return JobHistoryGone(seq=after, at=self._clock(), oldest_seq=standing.oldest_seq, last_seq=standing.last_seq)


STREAM_ITEMS = [JobStreamOpened, JobHeartbeat, JobHistoryGone]
