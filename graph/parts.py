"""The stores that are read and the use cases that are called, by noun. The factory in app/ fills these in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from domain.accounts.administration import Administration
from domain.accounts.api_tokens import ApiTokens
from domain.accounts.login import Logins
from domain.accounts.password_changes import Passwords
from domain.accounts.profile import Profiles
from domain.accounts.registration import Registration
from domain.accounts.sessions import Sessions
from domain.accounts.stores import AccountReads
from domain.analysis.service import Analyses
from domain.audit import AuditReads
from domain.configs import ConfigReads, Configs
from domain.datasets.downloads import Downloads
from domain.datasets.making import Making, Shelf
from domain.datasets.reading import DatasetReading
from domain.datasets.saved import SavedRecipes
from domain.datasets.service import Datasets
from domain.datasets.stores import DatasetReads, RecipeReads
from domain.datasets.uploads import DatasetUploads
from domain.documents import Documents
from domain.evaluations.downloads import EvaluationDownloads
from domain.evaluations.pictures.service import EvaluationPictures
from domain.evaluations.reading import EvaluationReading
from domain.evaluations.service import Evaluations
from domain.evaluations.stores import EvaluationReads
from domain.evaluations.upkeep import EvaluationUpkeep
from domain.jobs.fetching import Artefacts
from domain.jobs.service import Jobs
from domain.jobs.stores import JobReads
from domain.labellings.service import MarketDynamics
from domain.models.rankings import RankingReads
from domain.models.service import Models
from domain.models.stores import ModelReads
from domain.notifications.service import Notifications
from domain.notifications.stores import NotificationReads
from domain.projects.service import Projects
from domain.projects.stores import ProjectReads
from domain.strategies.service import Strategies
from domain.strategies.stores import StrategyReads, TemplateReads
from domain.strategies.templates import Templates
from domain.trainings.engines import Engines
from domain.trainings.remote import Remotes
from domain.trainings.service import Trainings
from graph.notifications.inboxes import Inboxes
from graph.system.types import SystemStatus


@dataclass(frozen=True, slots=True)
class About:
    """What the platform says of itself."""

    version: str
    registration_open: bool


class StatusSource(Protocol):
    """Knows whether the parts of the platform answer."""

    async def now(self) -> SystemStatus: ...

    def changes(self) -> AsyncIterator[SystemStatus]:
        """The present status, then each other one; never ends by itself."""


@dataclass(frozen=True, slots=True)
class Reads:
    accounts: AccountReads
    audit: AuditReads
    configs: ConfigReads
    datasets: DatasetReads
    evaluations: EvaluationReads
    jobs: JobReads
    models: ModelReads
    notifications: NotificationReads
    projects: ProjectReads
    rankings: RankingReads
    recipes: RecipeReads
    strategies: StrategyReads
    templates: TemplateReads


@dataclass(frozen=True, slots=True)
class Accounts:
    registration: Registration
    logins: Logins
    sessions: Sessions
    passwords: Passwords
    profiles: Profiles
    api_tokens: ApiTokens
    administration: Administration


@dataclass(frozen=True, slots=True)
class DatasetParts:
    """What is done with datasets and their data."""

    service: Datasets
    uploads: DatasetUploads
    downloads: Downloads
    reading: DatasetReading
    making: Making
    recipes: SavedRecipes
    shelf: Shelf


@dataclass(frozen=True, slots=True)
class EvaluationParts:
    service: Evaluations
    upkeep: EvaluationUpkeep
    reading: EvaluationReading
    downloads: EvaluationDownloads
    pictures: EvaluationPictures


@dataclass(frozen=True, slots=True)
class TrainingParts:
    service: Trainings
    engines: Engines
    remotes: Remotes
    dynamics: MarketDynamics


@dataclass(frozen=True, slots=True)
class NotificationParts:
    service: Notifications
    inboxes: Inboxes


@dataclass(frozen=True, slots=True)
class UseCases:
    accounts: Accounts
    analyses: Analyses
    artefacts: Artefacts
    configs: Configs
    datasets: DatasetParts
    documents: Documents
    evaluations: EvaluationParts
    jobs: Jobs
    models: Models
    notifications: NotificationParts
    projects: Projects
    strategies: Strategies
    templates: Templates
    trainings: TrainingParts
