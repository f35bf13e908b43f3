"""Following evaluations."""

from collections.abc import AsyncIterator
from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.context import Info
from graph.ids import decode
from graph.jobs import views
from graph.jobs.events import JobEvent
from graph.jobs.subscriptions import After, HeartbeatS, stream_of
from graph.payloads import subscription
from graph.policy import SIGNED_IN


async def _events(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The evaluation.")],
    after: After = UNSET,
    heartbeat_s: HeartbeatS = UNSET,
) -> AsyncIterator[JobEvent]:
    reads, viewer = info.context.reads.evaluations, info.context.viewer
    [evaluation] = await reads.by_ids(viewer, [decode(id, "Evaluation", "id")])
    job = evaluation.job_id if evaluation else None
    return await stream_of(info, job, after, heartbeat_s, views.whole, "Evaluation")


@strawberry.type
class EvaluationSubscriptions:
    evaluation_events: JobEvent = subscription(
        _events,
        policy=SIGNED_IN,
        description="Everything that happens in the job of an evaluation, as `jobEvents` tells it: same items, same "
        "cursors.",
    )
