"""Reading jobs."""

import strawberry
from strawberry import UNSET

from graph.context import Info
from graph.jobs.filters import JobFilterArgument, JobOrder, JobOrderArgument, jobs_wanted
from graph.jobs.types import Job
from graph.pages import After, Before, Connection, First, Last, PageView, window
from graph.payloads import query
from graph.policy import SIGNED_IN


async def _jobs(
    info: Info,
    filter: JobFilterArgument = UNSET,
    order_by: JobOrderArgument = JobOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView:
    viewer, reads, wanted = info.context.viewer, info.context.reads.jobs, jobs_wanted(filter)
    page = await reads.page(viewer, window(order_by.value, first, after, last, before), wanted)
    return PageView(page, lambda: reads.count(viewer, wanted))


@strawberry.type
class JobQueries:
    jobs: Connection[Job] = query(_jobs, policy=SIGNED_IN, description="Your own jobs; every job for an admin.")
