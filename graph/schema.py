"""The schema: a list of what each noun brings."""

from collections.abc import Callable

import strawberry
from strawberry.schema.config import StrawberryConfig

from graph.accounts.queries import AccountQueries
from graph.accounts.types import ApiToken, Session, User
from graph.execution import Limits, Schema
from graph.projects.mutations import ProjectMutations
from graph.projects.queries import ProjectQueries
from graph.projects.types import Project, ProjectMember
from graph.system.queries import SystemQueries


@strawberry.type(description="What can be read.")
class Query(SystemQueries, AccountQueries, ProjectQueries):
    pass


@strawberry.type(description="What can be changed. Each answers with the changed object and `errors`.")
class Mutation(ProjectMutations):
    pass


TYPES = [ApiToken, Project, ProjectMember, Session, User]


def build(
    limits: Limits,
    *,
    unavailable: tuple[type[BaseException], ...] = (),
    on_error: Callable[[str], None] | None = None,
) -> Schema:
    return Schema(
        query=Query,
        mutation=Mutation,
        types=TYPES,
        limits=limits,
        unavailable=unavailable,
        on_error=on_error,
        config=StrawberryConfig(disable_field_suggestions=not limits.introspection),
    )
