"""The schema: a list of what each noun brings."""

from collections.abc import Callable

import strawberry
from strawberry.schema.config import StrawberryConfig

from graph.accounts.mutations import AccountMutations
from graph.accounts.queries import AccountQueries
from graph.accounts.types import ApiToken, Session, User
from graph.audit.queries import AuditQueries
from graph.audit.types import AuditEntry
from graph.catalogue.queries import CatalogueQueries
from graph.configs.mutations import ConfigMutations
from graph.configs.queries import ConfigQueries
from graph.datasets.data import DataQueries
from graph.datasets.mutations import DatasetMutations
from graph.datasets.offer import OfferQueries
from graph.datasets.queries import DatasetQueries
from graph.datasets.recipe_mutations import RecipeMutations
from graph.datasets.transfers import TransferMutations
from graph.datasets.types import Dataset, Recipe
from graph.documents.mutations import DocumentMutations
from graph.execution import Limits, Schema
from graph.execution.schema import Gate
from graph.jobs.mutations import JobMutations
from graph.jobs.queries import JobQueries
from graph.jobs.types import Job
from graph.projects.mutations import ProjectMutations
from graph.projects.queries import ProjectQueries
from graph.projects.types import Project, ProjectMember
from graph.strategies.mutations import StrategyMutations
from graph.strategies.queries import StrategyQueries
from graph.strategies.template_mutations import TemplateMutations
from graph.strategies.types import Strategy, StrategyTemplate, StrategyVersion
from graph.system.queries import SystemQueries
from graph.system.subscriptions import SystemSubscriptions
from graph.transfers.types import UPLOAD, Upload


@strawberry.type(description="What can be read.")
class Query(
    SystemQueries,
    AccountQueries,
    ProjectQueries,
    StrategyQueries,
    DatasetQueries,
    DataQueries,
    OfferQueries,
    JobQueries,
    CatalogueQueries,
    ConfigQueries,
    AuditQueries,
):
    pass


@strawberry.type(description="What can be changed. Each answers with the changed object and `errors`.")
class Mutation(
    AccountMutations,
    ProjectMutations,
    StrategyMutations,
    TemplateMutations,
    DatasetMutations,
    TransferMutations,
    RecipeMutations,
    JobMutations,
    ConfigMutations,
    DocumentMutations,
):
    pass


@strawberry.type(description="What can be watched.")
class Subscription(SystemSubscriptions):
    pass


TYPES = [
    ApiToken,
    AuditEntry,
    Dataset,
    Job,
    Project,
    ProjectMember,
    Recipe,
    Session,
    Strategy,
    StrategyTemplate,
    StrategyVersion,
    User,
]


def build(
    limits: Limits,
    *,
    unavailable: tuple[type[BaseException], ...] = (),
    on_error: Callable[[str], None] | None = None,
    gate: Gate | None = None,
) -> Schema:
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=TYPES,
        limits=limits,
        unavailable=unavailable,
        on_error=on_error,
        gate=gate,
        config=StrawberryConfig(disable_field_suggestions=not limits.introspection, scalar_map={Upload: UPLOAD}),
    )
