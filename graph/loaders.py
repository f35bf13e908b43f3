"""One loader per edge: keys in, rows out, in the same order, filtered by the viewer."""

from asyncio import Future
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from domain.accounts.model import ApiToken, Session, User
from domain.analysis.looks import Analysis, AnalysisWanted
from domain.analysis.service import Source
from domain.audit import AuditEntry
from domain.datasets.model import Dataset, DatasetFilter, Files, Papers, SavedRecipe
from domain.evaluations.model import EvaluatedModel, Evaluation
from domain.jobs.artefacts import Artefact
from domain.jobs.events import JobEvent
from domain.jobs.model import Job
from domain.jobs.stores import EventFilter, EventPage, Series, SeriesWish
from domain.models.model import Model
from domain.models.rankings import Board, Ranked, RankingWish
from domain.notifications.model import Notification
from domain.pages import Page, Window
from domain.projects.model import Member, MemberRole, Project
from domain.strategies.model import Strategy, StrategyFilter, StrategyTemplate, StrategyVersion
from domain.strategies.stores import VersionKey
from domain.viewer import Viewer
from graph.execution.loader import Loader
from graph.parts import Reads

Value = TypeVar("Value")


class Loaders:
    """The loaders of one operation. Each is made when an edge first asks for it.

    They give the future itself: a resolver that hands it on costs no coroutine and no task per object.
    """

    def __init__(self, viewer: Viewer, reads: Reads) -> None:
        self._viewer = viewer
        self._reads = reads
        self._made: dict[Hashable, Loader[Any, Any]] = {}

    def _of(self, read: Callable[..., Awaitable[Sequence[Value]]], *rest: Hashable) -> Loader[Any, Value]:
        """The loader of what is read so; lists with other arguments have loaders of their own."""
        found = self._made.get((read, *rest))
        if found is None:
            # It must not know this object, or both and all that was read would wait for the garbage collector.
            viewer = self._viewer
            found = self._made[read, *rest] = Loader(lambda keys: read(viewer, keys, *rest))
        return found

    def user(self, id: UUID) -> Future[User | None]:
        return self._of(self._reads.accounts.by_ids).load(id)

    def session(self, id: UUID) -> Future[Session | None]:
        return self._of(self._reads.accounts.sessions_by_ids).load(id)

    def api_token(self, id: UUID) -> Future[ApiToken | None]:
        return self._of(self._reads.accounts.api_tokens_by_ids).load(id)

    def audit_entry(self, id: UUID) -> Future[AuditEntry | None]:
        return self._of(self._reads.audit.by_ids).load(id)

    def job(self, id: UUID) -> Future[Job | None]:
        return self._of(self._reads.jobs.by_ids).load(id)

    def latest_job_of_dataset(self, id: UUID) -> Future[Job | None]:
        return self._of(self._reads.jobs.latest_of_datasets).load(id)

    def dataset(self, id: UUID) -> Future[Dataset | None]:
        return self._of(self._reads.datasets.by_ids).load(id)

    def dataset_papers(self, id: UUID) -> Future[Papers | None]:
        return self._of(self._reads.datasets.papers).load(id)

    def dataset_files(self, id: UUID) -> Future[Files | None]:
        return self._of(self._reads.datasets.files).load(id)

    def children_of_dataset(self, id: UUID, window: Window) -> Future[Page[Dataset]]:
        return self._of(self._reads.datasets.pages_of_parents, window).load(id)

    def child_count_of_dataset(self, id: UUID) -> Future[int]:
        return self._of(self._reads.datasets.counts_of_parents).load(id)

    def datasets_in_project(self, id: UUID, window: Window, filter: DatasetFilter) -> Future[Page[Dataset]]:
        return self._of(self._reads.datasets.pages_in_projects, window, filter).load(id)

    def dataset_count_in_project(self, id: UUID, filter: DatasetFilter) -> Future[int]:
        return self._of(self._reads.datasets.counts_in_projects, filter).load(id)

    def recipe(self, id: UUID) -> Future[SavedRecipe | None]:
        return self._of(self._reads.recipes.by_ids).load(id)

    def jobs_of_dataset(self, id: UUID, window: Window) -> Future[Page[Job]]:
        return self._of(self._reads.jobs.pages_of_datasets, window).load(id)

    def job_count_of_dataset(self, id: UUID) -> Future[int]:
        return self._of(self._reads.jobs.counts_of_datasets).load(id)

    def jobs_of_strategy(self, id: UUID, window: Window) -> Future[Page[Job]]:
        return self._of(self._reads.jobs.pages_of_strategies, window).load(id)

    def job_count_of_strategy(self, id: UUID) -> Future[int]:
        return self._of(self._reads.jobs.counts_of_strategies).load(id)

    def queue_position(self, job_id: UUID) -> Future[int | None]:
        return self._of(self._reads.jobs.queue_positions).load(job_id)

    def logs_of_job(self, id: UUID, window: Window, filter: EventFilter) -> Future[Page[JobEvent]]:
        return self._of(self._reads.jobs.pages_of_logs, window, filter).load(id)

    def log_count_of_job(self, id: UUID, filter: EventFilter) -> Future[int]:
        return self._of(self._reads.jobs.counts_of_logs, filter).load(id)

    def metrics_of_job(self, id: UUID, window: Window) -> Future[Page[JobEvent]]:
        return self._of(self._reads.jobs.pages_of_metrics, window).load(id)

    def metric_count_of_job(self, id: UUID) -> Future[int]:
        return self._of(self._reads.jobs.counts_of_metrics).load(id)

    def series_of_job(self, id: UUID, wish: SeriesWish) -> Future[Sequence[Series]]:
        return self._of(self._reads.jobs.series, wish).load(id)

    def events_of_job(self, id: UUID, after: int, limit: int) -> Future[EventPage | None]:
        return self._of(self._reads.jobs.pages_of_events, after, limit).load(id)

    def artefacts_of_job(self, id: UUID) -> Future[Sequence[Artefact]]:
        return self._of(self._reads.jobs.artefacts).load(id)

    def model(self, id: UUID) -> Future[Model | None]:
        return self._of(self._reads.models.by_ids).load(id)

    def model_card(self, id: UUID) -> Future[dict[str, Any] | None]:
        return self._of(self._reads.models.cards).load(id)

    def model_of_job(self, job_id: UUID) -> Future[Model | None]:
        return self._of(self._reads.models.of_jobs).load(job_id)

    def models_of_strategy(self, id: UUID, window: Window) -> Future[Page[Model]]:
        return self._of(self._reads.models.pages_of_strategies, window).load(id)

    def model_count_of_strategy(self, id: UUID) -> Future[int]:
        return self._of(self._reads.models.counts_of_strategies).load(id)

    def models_of_dataset(self, id: UUID, window: Window) -> Future[Page[Model]]:
        return self._of(self._reads.models.pages_of_datasets, window).load(id)

    def model_count_of_dataset(self, id: UUID) -> Future[int]:
        return self._of(self._reads.models.counts_of_datasets).load(id)

    def evaluation(self, id: UUID) -> Future[Evaluation | None]:
        return self._of(self._reads.evaluations.by_ids).load(id)

    def evaluation_of_job(self, job_id: UUID) -> Future[Evaluation | None]:
        return self._of(self._reads.evaluations.of_jobs).load(job_id)

    def models_of_evaluation(self, id: UUID) -> Future[Sequence[EvaluatedModel]]:
        return self._of(self._reads.evaluations.models_of).load(id)

    def evaluations_of_model(self, id: UUID, window: Window) -> Future[Page[Evaluation]]:
        return self._of(self._reads.evaluations.pages_of_models, window).load(id)

    def evaluation_count_of_model(self, id: UUID) -> Future[int]:
        return self._of(self._reads.evaluations.counts_of_models).load(id)

    def analysis(
        self, read: Callable[..., Awaitable[Sequence[Any]]], source: Source, wanted: AnalysisWanted
    ) -> Future[Analysis]:
        """What two fields ask for alike is read once."""
        return self._of(read, wanted).load(source)

    def ranking_of_strategy(self, id: UUID, wish: RankingWish) -> Future[Sequence[Ranked]]:
        return self._of(self._reads.rankings.of_strategies, wish).load(id)

    def ranking_of_project(self, id: UUID, wish: RankingWish) -> Future[Sequence[Ranked]]:
        return self._of(self._reads.rankings.of_projects, wish).load(id)

    def leaderboards_of_dataset(self, id: UUID, wish: RankingWish) -> Future[Sequence[Board]]:
        return self._of(self._reads.rankings.leaderboards, wish).load(id)

    def notification(self, id: UUID) -> Future[Notification | None]:
        return self._of(self._reads.notifications.by_ids).load(id)

    def project(self, id: UUID) -> Future[Project | None]:
        return self._of(self._reads.projects.by_ids).load(id)

    def my_role(self, project_id: UUID) -> Future[MemberRole | None]:
        return self._of(self._reads.projects.roles).load(project_id)

    def member(self, id: UUID) -> Future[Member | None]:
        return self._of(self._reads.projects.members_by_ids).load(id)

    def members_of(self, project_id: UUID, window: Window) -> Future[Page[Member]]:
        return self._of(self._reads.projects.members_of, window).load(project_id)

    def member_count(self, project_id: UUID) -> Future[int]:
        return self._of(self._reads.projects.member_counts).load(project_id)

    def strategy(self, id: UUID) -> Future[Strategy | None]:
        return self._of(self._reads.strategies.by_ids).load(id)

    def strategies_in_project(self, id: UUID, window: Window, filter: StrategyFilter) -> Future[Page[Strategy]]:
        return self._of(self._reads.strategies.pages_in_projects, window, filter).load(id)

    def strategy_count_in_project(self, id: UUID, filter: StrategyFilter) -> Future[int]:
        return self._of(self._reads.strategies.counts_in_projects, filter).load(id)

    def strategies_of_owner(self, id: UUID, window: Window, filter: StrategyFilter) -> Future[Page[Strategy]]:
        return self._of(self._reads.strategies.pages_of_owners, window, filter).load(id)

    def strategy_count_of_owner(self, id: UUID, filter: StrategyFilter) -> Future[int]:
        return self._of(self._reads.strategies.counts_of_owners, filter).load(id)

    def strategy_version(self, id: UUID) -> Future[StrategyVersion | None]:
        return self._of(self._reads.strategies.versions_by_ids).load(id)

    def version_at(self, key: VersionKey) -> Future[StrategyVersion | None]:
        return self._of(self._reads.strategies.versions_at).load(key)

    def versions_of(self, strategy_id: UUID, window: Window) -> Future[Page[StrategyVersion]]:
        return self._of(self._reads.strategies.versions_of, window).load(strategy_id)

    def template(self, id: UUID) -> Future[StrategyTemplate | None]:
        return self._of(self._reads.templates.by_ids).load(id)
