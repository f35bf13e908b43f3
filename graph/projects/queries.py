"""Reading projects."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from domain.projects.model import ProjectFilter
from graph.context import Info
from graph.fields import optional
from graph.pages import After, Before, Connection, First, Last, PageView, window
from graph.payloads import query
from graph.policy import SIGNED_IN
from graph.projects.types import Project, ProjectOrder


@strawberry.input(name="ProjectFilter", description="Which projects to list. What is left out does not matter.")
class ProjectFilterInput:
    text: str | None = optional("A piece of the name or description.")


async def _projects(
    info: Info,
    filter: Annotated[ProjectFilterInput | None, strawberry.argument(description="Which ones.")] = UNSET,
    order_by: Annotated[ProjectOrder, strawberry.argument(description="In which order.")] = ProjectOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView:
    viewer, reads = info.context.viewer, info.context.reads.projects
    wanted = ProjectFilter(filter.text) if filter else ProjectFilter()
    page = await reads.page(viewer, window(order_by.value, first, after, last, before), wanted)
    return PageView(page, lambda: reads.count(viewer, wanted))


@strawberry.type
class ProjectQueries:
    projects: Connection[Project] = query(
        _projects, policy=SIGNED_IN, description="The projects you belong to; every project for an admin."
    )
