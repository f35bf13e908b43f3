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
from graph.datasets.subscriptions import DatasetSubscriptions
from graph.datasets.transfers import TransferMutations
from graph.datasets.types import Dataset, Recipe
from graph.documents.mutations import DocumentMutations
from graph.evaluations.files import EvaluationFileQueries
from graph.evaluations.mutations import EvaluationMutations
from graph.evaluations.pictures import EvaluationPictureQueries
from graph.evaluations.queries import EvaluationQueries
from graph.evaluations.subscriptions import EvaluationSubscriptions
from graph.evaluations.types import Evaluation
from graph.execution import Limits, Schema
from graph.execution.schema import Gate
from graph.jobs.artefacts import ArtefactMutations
from graph.jobs.comparing import ComparisonQueries
from graph.jobs.events import (
    JobCheckpointEvent,
    JobLogEvent,
    JobMetricEvent,
    JobProgressEvent,
    JobResultEvent,
    JobStatusEvent,
)
from graph.jobs.mutations import JobMutations
from graph.jobs.queries import JobQueries
from graph.jobs.stream_items import STREAM_ITEMS
from graph.jobs.subscriptions import JobSubscriptions
from graph.jobs.types import Job
from graph.models.mutations import ModelMutations
from graph.models.queries import ModelQueries
from graph.models.types import Model
from graph.notifications.mutations import NotificationMutations
from graph.notifications.queries import NotificationQueries
from graph.notifications.subscriptions import NotificationSubscriptions
from graph.notifications.types import Notification
from graph.projects.mutations import ProjectMutations
from graph.projects.queries import ProjectQueries
from graph.projects.types import Project, ProjectMember
from graph.strategies.mutations import StrategyMutations
from graph.strategies.queries import StrategyQueries
from graph.strategies.subscriptions import StrategySubscriptions
from graph.strategies.template_mutations import TemplateMutations
from graph.strategies.types import Strategy, StrategyTemplate, StrategyVersion
from graph.system.queries import SystemQueries
from graph.system.subscriptions import SystemSubscriptions
from graph.trainings.dynamics import DynamicsMutations
from graph.trainings.mutations import TrainingMutations
from graph.trainings.queries import EngineQueries
from graph.trainings.remote import RemoteQueries
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
    ComparisonQueries,
    ModelQueries,
    EvaluationQueries,
    EvaluationFileQueries,
    EvaluationPictureQueries,
    NotificationQueries,
    EngineQueries,
    RemoteQueries,
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
    TrainingMutations,
    DynamicsMutations,
    JobMutations,
    ArtefactMutations,
    ModelMutations,
    EvaluationMutations,
    NotificationMutations,
    ConfigMutations,
    DocumentMutations,
):
    pass


@strawberry.type(description="What can be watched.")
class Subscription(
    SystemSubscriptions,
    JobSubscriptions,
    EvaluationSubscriptions,
    StrategySubscriptions,
    DatasetSubscriptions,
    NotificationSubscriptions,
):
    pass


TYPES: list[type] = [
    ApiToken,
    AuditEntry,
    Dataset,
    Evaluation,
    Job,
    JobCheckpointEvent,
    JobLogEvent,
    JobMetricEvent,
    JobProgressEvent,
    JobResultEvent,
    JobStatusEvent,
    Model,
    Notification,
    Project,
    ProjectMember,
    Recipe,
    Session,
    Strategy,
    StrategyTemplate,
    StrategyVersion,
    User,
    *STREAM_ITEMS,
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
