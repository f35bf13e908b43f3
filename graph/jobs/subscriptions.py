"""Following jobs."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from domain.errors import Code, Refused
from domain.jobs.model import Job as JobEntity
from domain.live import BoardWish
from graph.context import Info
from graph.fields import optional
from graph.ids import decode
from graph.jobs import views
from graph.jobs.enums import Level
from graph.jobs.events import JobEvent
from graph.jobs.stream_items import StreamWords
from graph.jobs.types import Job
from graph.live.changes import ChangeStream
from graph.live.streams import JobStream, View, no_such
from graph.live.watchers import Kind
from graph.payloads import subscription
from graph.policy import SIGNED_IN

MOST_HEARTBEAT_S = 300
MOST_PER_SECOND = 10
LONGEST_MATCH = 200
MOST_NAMES = 50

JobId = Annotated[strawberry.ID, strawberry.argument(description="The job.")]
After = Annotated[
    int | None,
    strawberry.argument(description="The seq that you saw last; left out or 0: everything that is kept."),
]
HeartbeatS = Annotated[
    int | None,
    strawberry.argument(description="Say something after so many seconds of silence, 1 to 300. Left out: be silent."),
]
PerSecond = Annotated[
    int, strawberry.argument(description="How many items a second at most, 1 to 10; what happens between is merged.")
]


async def _job_events(
    info: Info, id: JobId, after: After = UNSET, heartbeat_s: HeartbeatS = UNSET
) -> AsyncIterator[JobEvent]:
    return await _stream(info, id, after, heartbeat_s, views.whole)


async def _job_logs(
    info: Info,
    id: JobId,
    after: After = UNSET,
    level: Annotated[
        Level | None, strawberry.argument(description="Only lines of this level, and of higher ones.")
    ] = UNSET,
    match: Annotated[
        str | None,
        strawberry.argument(description="Only lines with this in them, up to 200 characters; capitals do not matter."),
    ] = UNSET,
    heartbeat_s: HeartbeatS = UNSET,
) -> AsyncIterator[JobEvent]:
    if match and len(match) > LONGEST_MATCH:
        raise Refused.because(Code.TOO_LONG, f"`match` may have at most {LONGEST_MATCH} characters.", "match")
    return await _stream(info, id, after, heartbeat_s, views.logs(level or None, match or None))


async def _job_metrics(
    info: Info,
    id: JobId,
    after: After = UNSET,
    names: Annotated[
        list[str] | None, strawberry.argument(description="Only these, up to 50. Left out or empty: all.")
    ] = UNSET,
    heartbeat_s: HeartbeatS = UNSET,
) -> AsyncIterator[JobEvent]:
    if names and len(names) > MOST_NAMES:
        raise Refused.because(Code.TOO_LONG, f"Name at most {MOST_NAMES} metrics at once.", "names")
    return await _stream(info, id, after, heartbeat_s, views.metrics(frozenset(names or ())))


async def _stream(info: Info, id: str, after: int | None, heartbeat_s: int | None, view: View) -> JobStream:
    return await stream_of(info, decode(id, "Job", "id"), after, heartbeat_s, view)


async def stream_of(
    info: Info, id: UUID | None, after: int | None, heartbeat_s: int | None, view: View, what: str = "Job"
) -> JobStream:
    """The events of a job; refused like an unknown id of what was asked for when it may not be seen."""
    context, live = info.context, info.context.live
    begin = max(_seq(after), context.resume_seq)
    if heartbeat_s and not 1 <= heartbeat_s <= MOST_HEARTBEAT_S:
        raise Refused.because(Code.OUT_OF_RANGE, f"`heartbeatS` must be from 1 to {MOST_HEARTBEAT_S}.", "heartbeat_s")
    [job] = await live.jobs.by_ids(context.viewer, [id]) if id else [None]
    if job is None:
        raise no_such(what)
    return JobStream(
        hub=live.hub,
        watchers=live.watchers,
        viewer=context.viewer,
        job=job,
        after=begin,
        view=view,
        words=StreamWords(context.clock),
        heartbeat_s=heartbeat_s or None,
    )


def _seq(after: int | None) -> int:
    if after and after < 0:
        raise Refused.because(Code.OUT_OF_RANGE, "`after` is the seq of an event, or 0.", "after")
    return after or 0


@strawberry.input(one_of=True, description="Which jobs to watch: exactly one of these.")
class JobsChangedFilter:
    mine: strawberry.Maybe[bool] = optional("Your own; give true.")
    strategy_id: strawberry.Maybe[strawberry.ID] = optional("Those that train this strategy, whoever started them.")
    dataset_id: strawberry.Maybe[strawberry.ID] = optional("Those about this dataset, whoever started them.")
    project_id: strawberry.Maybe[strawberry.ID] = optional("Those about what lies in this project.")


async def _jobs_changed(
    info: Info,
    filter: Annotated[JobsChangedFilter, strawberry.argument(description="Which ones.")],
    max_per_second: PerSecond = 2,
) -> AsyncIterator[list[Job]]:
    wish, watched = _wished(filter)
    return await changes(info, wish, max_per_second, watched, list)


def _wished(filter: JobsChangedFilter) -> tuple[BoardWish, Kind]:
    if filter.strategy_id:
        return BoardWish(
            "strategy", decode(filter.strategy_id.value, "Strategy", "filter", "strategyId")
        ), Kind.STRATEGY
    if filter.dataset_id:
        return BoardWish("dataset", decode(filter.dataset_id.value, "Dataset", "filter", "datasetId")), Kind.DATASET
    if filter.project_id:
        return BoardWish("project", decode(filter.project_id.value, "Project", "filter", "projectId")), Kind.PROJECT
    if filter.mine and filter.mine.value:
        return BoardWish("mine"), Kind.OWN
    raise Refused.because(Code.INVALID, "`mine` can only be true.", "filter", "mine")


async def changes(
    info: Info, wish: BoardWish, per_second: int, watched: Kind, shown: Callable[[list[JobEntity]], object]
) -> ChangeStream:
    """A stream of what changes there; refused like an unknown id when it may not be seen."""
    if not 1 <= per_second <= MOST_PER_SECOND:
        message = f"`maxPerSecond` must be from 1 to {MOST_PER_SECOND}."
        raise Refused.because(Code.OUT_OF_RANGE, message, "max_per_second")
    live = info.context.live
    stream = ChangeStream(
        boards=live.boards,
        watchers=live.watchers,
        viewer=info.context.viewer,
        wish=wish,
        per_second=per_second,
        watched=(watched, wish.subject),
        shown=shown,
    )
    if not await stream.look():
        await stream.aclose()
        raise no_such(watched.value.title())
    return stream


@strawberry.type
class JobSubscriptions:
    job_events: JobEvent = subscription(
        _job_events,
        policy=SIGNED_IN,
        description="Everything that happens in a job: each event once, in order, from `after` to the end of the job, "
        "whatever becomes of the connection between. The first item is JobStreamOpened.",
    )
    job_logs: JobEvent = subscription(
        _job_logs,
        policy=SIGNED_IN,
        description="The log lines of a job: JobLogEvent, and what every stream of a job says. Same cursors.",
    )
    job_metrics: JobEvent = subscription(
        _job_metrics,
        policy=SIGNED_IN,
        description="What is measured in a job: JobMetricEvent, and what every stream of a job says. Same cursors.",
    )
    jobs_changed: list[Job] = subscription(
        _jobs_changed,
        policy=SIGNED_IN,
        description="Many jobs at once, for a board: first those that are not over, then those that changed, each as "
        "it is now.",
    )
