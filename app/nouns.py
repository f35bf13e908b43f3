"""What each noun brings: its reads and its use cases."""

from __future__ import annotations

from app.accounts import accounts
from app.adapters.jwt import KeyRing
from app.datasets import datasets
from app.evaluations import evaluations
from app.jobs import endings
from app.settings import Settings
from app.trademaster import TradeMasters
from app.trainings import InstalledEngines
from app.transfers import Transfers
from domain.accounts.ports import LoginThrottle, PasswordHasher
from domain.analysis.service import Analyses
from domain.clock import Clock
from domain.configs import Configs
from domain.documents import Documents
from domain.jobs.fetching import Artefacts
from domain.jobs.service import Jobs
from domain.labellings.service import MarketDynamics
from domain.models.service import Models
from domain.notifications.service import Notifications
from domain.projects.service import Projects
from domain.strategies.service import Strategies
from domain.strategies.templates import Templates
from domain.trainings.service import Trainings
from domain.work import Works
from graph.notifications.inboxes import Inboxes
from graph.parts import NotificationParts, Reads, TrainingParts, UseCases
from persistence.account_reads import PostgresAccountReads
from persistence.audit import AuditReads
from persistence.configs import ConfigReads
from persistence.database import Reader
from persistence.dataset_reads import PostgresDatasetReads
from persistence.evaluation_reads import PostgresEvaluationReads
from persistence.job_reads import PostgresJobReads
from persistence.model_reads import PostgresModelReads
from persistence.notification_reads import PostgresNotificationReads
from persistence.projects import PostgresProjectReads
from persistence.rankings import PostgresRankings
from persistence.recipes import PostgresRecipeReads
from persistence.strategy_reads import PostgresStrategyReads
from persistence.templates import PostgresTemplateReads
from workers.data.reading_pool import ReadingPool


def reads(reader: Reader, clock: Clock) -> Reads:
    return Reads(
        accounts=PostgresAccountReads(reader),
        audit=AuditReads(reader),
        configs=ConfigReads(reader),
        datasets=PostgresDatasetReads(reader),
        evaluations=PostgresEvaluationReads(reader),
        jobs=PostgresJobReads(reader, clock),
        models=PostgresModelReads(reader),
        notifications=PostgresNotificationReads(reader),
        projects=PostgresProjectReads(reader),
        rankings=PostgresRankings(reader),
        recipes=PostgresRecipeReads(reader),
        strategies=PostgresStrategyReads(reader),
        templates=PostgresTemplateReads(reader),
    )


def use_cases(
    settings: Settings,
    *,
    works: Works,
    clock: Clock,
    keys: KeyRing,
    hasher: PasswordHasher,
    throttle: LoginThrottle,
    reads: Reads,
    transfers: Transfers,
    tables: ReadingPool,
    inboxes: Inboxes,
    remotes: TradeMasters,
) -> UseCases:
    engines = InstalledEngines(remotes)
    return UseCases(
        accounts=accounts(settings, works=works, clock=clock, keys=keys, hasher=hasher, throttle=throttle),
        analyses=Analyses(blobs=transfers.reads, storage=transfers.storage, accounts=tables),
        artefacts=Artefacts(works=works, links=transfers.links),
        configs=Configs(works=works, clock=clock),
        datasets=datasets(settings, works=works, clock=clock, reads=reads, transfers=transfers, tables=tables),
        documents=Documents(works=works),
        evaluations=evaluations(
            settings, works=works, clock=clock, reads=reads.evaluations, transfers=transfers, tables=tables
        ),
        jobs=Jobs(works=works, clock=clock, endings=endings(clock)),
        models=Models(works=works, clock=clock, links=transfers.links),
        notifications=NotificationParts(Notifications(works=works, clock=clock), inboxes),
        projects=Projects(works=works, clock=clock),
        strategies=Strategies(works=works, clock=clock),
        templates=Templates(works=works, clock=clock),
        trainings=TrainingParts(
            Trainings(works=works, clock=clock, engines=engines, remotes=remotes),
            engines,
            remotes,
            MarketDynamics(works=works, clock=clock, remotes=remotes),
        ),
    )
