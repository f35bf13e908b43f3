"""The type Job."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Parent
from strawberry.scalars import JSON

from domain.jobs.model import Job as JobEntity
from graph.analysis.fields import performance_of_job, risk_of_job
from graph.analysis.types import PerformanceAnalysis, RiskAnalysis
from graph.context import Info
from graph.execution import columnwise
from graph.fields import edge, loaded, plain
from graph.jobs import log
from graph.jobs.enums import JobKind, JobStatus
from graph.jobs.events import JobLogEvent, JobMetricEvent
from graph.jobs.log import JobEvents
from graph.jobs.series import MetricSeries, metrics
from graph.loaders import Loaders
from graph.node import Node, id_of
from graph.pages import Connection

if TYPE_CHECKING:
    from graph.accounts.types import User
    from graph.datasets.types import Dataset
    from graph.evaluations.types import Evaluation
    from graph.models.types import Model
    from graph.strategies.types import Strategy

DatasetType = Annotated["Dataset", strawberry.lazy("graph.datasets.types")]
EvaluationType = Annotated["Evaluation", strawberry.lazy("graph.evaluations.types")]
ModelType = Annotated["Model", strawberry.lazy("graph.models.types")]
StrategyType = Annotated["Strategy", strawberry.lazy("graph.strategies.types")]
UserType = Annotated["User", strawberry.lazy("graph.accounts.types")]


@strawberry.type(description="Why a job failed.")
class JobError:
    code: str = plain(
        "Stable code to branch on. INTERNAL: our fault; LOST: its work was lost, start it anew; TIMED_OUT: it ran too "
        "long; others come from what the job does."
    )
    message: str = plain("A sentence for a person.")


@strawberry.type(description="A picture or a table that came out of a job. requestJobArtefact gives a link to it.")
class JobArtefact:
    name: str = plain("What it is called.")
    media_type: str = plain("What it is, such as image/png.")
    size: int = plain("How many bytes it has.")


def _error(parent: Parent[JobEntity]) -> JobError | None:
    if parent.error_code is None:
        return None
    return JobError(code=parent.error_code, message=parent.error_message or "")


@columnwise
def _queue_position(parents: Parent[Sequence[JobEntity]], info: Info) -> list[Any]:
    find = info.context.loaders.queue_position
    return [find(parent.id) if parent.status is JobStatus.QUEUED else None for parent in parents]


@strawberry.type(description="Long work that goes on after the answer to whoever asked for it.")
class Job(Node):
    __source__ = JobEntity

    id: strawberry.ID = id_of("Job")
    kind: JobKind = plain("What it does.")
    name: str = plain("What it is called; no two need differ.")
    status: JobStatus = plain("Where it stands.")
    progress: float = plain("How far its present attempt is, 0 to 100.")
    epoch: int | None = plain("At which epoch it is.")
    epochs: int | None = plain("How many epochs there will be.")
    step: int | None = plain("At which step of the training it is.")
    steps: int | None = plain("How many steps there will be.")
    steps_per_second: float | None = plain("How fast it goes.")
    seconds_left: float | None = plain("How long it will take yet, as far as one can tell.")
    engine: str | None = plain("What trains; null when it is no training. `engines` lists them.")
    priority: int = plain("-10 to 10. Of one person's jobs the highest goes first; people take turns.")
    parameters: JSON = plain("What it was asked to do.")
    attempt: int = plain("Which attempt this is; 0 before the first, and more than 1 when a worker died or broke off.")
    error: JobError | None = edge(_error, "Why it failed; null when it did not.")
    result: JSON | None = plain("What came out; null while nothing has. What is in it depends on the kind.")
    last_seq: int = plain("The last event in its log; 0: none yet. A stream that begins here tells only what is new.")
    has_checkpoint: bool = plain("Whether it could be resumed where it stood, rather than begin anew.")
    created_at: datetime = plain("When it was asked for.")
    queued_at: datetime = plain("When it last began to wait.")
    queue_position: int | None = edge(
        _queue_position, "Its place among those that wait: 1 is next; null when it does not wait."
    )
    started_at: datetime | None = plain("When its first attempt began.")
    finished_at: datetime | None = plain("When it was over.")
    updated_at: datetime = plain("When it last changed.")
    cancel_requested_at: datetime | None = plain(
        "When somebody asked to cancel it. While it still runs, its worker is about to stop; it may still complete."
    )
    owner: UserType | None = loaded("owner_id", Loaders.user, "Who asked for it; null when you share no project.")
    dataset: DatasetType | None = loaded(
        "dataset_id", Loaders.dataset, "What it is about; null: something else, or you do not see it."
    )
    strategy: StrategyType | None = loaded(
        "strategy_id", Loaders.strategy, "What it trains; null when it is no training, or you do not see it."
    )
    model: ModelType | None = loaded("id", Loaders.model_of_job, "What came out of a training; null before its end.")
    evaluation: EvaluationType | None = loaded(
        "id", Loaders.evaluation_of_job, "What an evaluation finds out; null when it is none."
    )
    performance_analysis: PerformanceAnalysis | None = performance_of_job
    risk_analysis: RiskAnalysis | None = risk_of_job
    logs: Connection[JobLogEvent] = edge(
        log.logs, "Its log lines, the earliest first. The cursor of a line is its seq."
    )
    metrics: list[MetricSeries] = metrics
    raw_metrics: Connection[JobMetricEvent] = edge(
        log.raw_metrics, "All measurements as they came, of thrown away runs too. The cursor of one is its seq."
    )
    artefacts: list[JobArtefact] = loaded(
        "id", Loaders.artefacts_of_job, "Pictures and tables that came out of it, also while it still runs."
    )
    events: JobEvents | None = edge(
        log.events, "Everything that happened after a seq, in order: what a stream would have told."
    )


__all__ = ["Job", "JobArtefact", "JobError"]
