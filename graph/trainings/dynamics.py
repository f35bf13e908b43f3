"""Finding regimes in data, and testing agents in them, on a TradeMaster service."""

import strawberry

from domain.datasets.rules import Words
from domain.labellings.model import DynamicsTestWish, LabellingSettings, LabellingWish
from domain.trainings.remote import TRADEMASTER
from graph.context import Info
from graph.datasets.types import Dataset
from graph.fields import optional, plain
from graph.ids import decode
from graph.jobs.types import Job
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import WRITER

_KEY = (
    "A word of yours for this one wish, up to 100 characters. When you are not sure that the first try arrived, try "
    "again with the same word: nothing is done twice."
)


@strawberry.input(description="In what to find regimes, and how. What is left out is as the service has it.")
class StartLabellingInput:
    name: str = plain("Name of the new dataset, 1 to 100 characters.")
    dataset_id: strawberry.ID | None = optional("A dataset with bars, which is sent to the service.")
    training_id: strawberry.ID | None = optional(
        "In its place: a completed training of yours on a service, whose data is to be labelled. Only then can its "
        "agent be tested in the regimes."
    )
    engine: str = optional("Which service; `engines` lists them. For a training it is the training's.", TRADEMASTER)
    symbol: str | None = optional("Which symbol, where the dataset has several.")
    regimes: int | None = optional("How many regimes to tell apart, 2 to 10.")
    min_length: int | None = optional("The shortest stretch of one regime, in bars: 1 to 100,000.")
    filter_strength: int | None = optional("How strongly to smooth before looking, 1 to 100.")
    max_length: int | None = optional("The longest stretch to be expected, in bars: 1 to 1,000,000.")
    merging_threshold: float | None = optional("How alike stretches must be to be merged, 0 to 1,000.")
    merging_constraint: int | None = optional("How far apart regimes may be to be merged, 1 to 100.")
    description: str = optional("What the new dataset is about, up to 2,000 characters.", "")
    project_id: strawberry.ID | None = optional("Project to put it into; left out: none, so that only you see it.")
    tags: list[str] | None = optional("Up to 20 tags.")
    idempotency_key: str | None = optional(_KEY)


@strawberry.input(description="In which regime to test which agent.")
class StartDynamicsTestInput:
    labelling_id: strawberry.ID = plain("A completed labelling that was started for a training.")
    label: int = plain("The regime: 0 is the first.")
    name: str | None = optional("What to call the job, up to 200 characters.")
    idempotency_key: str | None = optional(_KEY)


@strawberry.type(description="Answer to startLabelling.")
class StartLabellingPayload(Payload):
    dataset: Dataset | None = optional("The dataset that is made: the series with the column label_regime.")
    job: Job | None = optional("The job that makes it.")


@strawberry.type(description="Answer to startDynamicsTest.")
class StartDynamicsTestPayload(Payload):
    job: Job | None = optional("The job, which waits for its turn.")


def _wish(input: StartLabellingInput) -> LabellingWish:
    return LabellingWish(
        words=Words(name=input.name, description=input.description, tags=input.tags),
        dataset_id=decode(input.dataset_id, "Dataset", "dataset_id") if input.dataset_id else None,
        training_id=decode(input.training_id, "Job", "training_id") if input.training_id else None,
        engine=input.engine,
        symbol=input.symbol,
        settings=LabellingSettings(
            regimes=input.regimes,
            min_length=input.min_length,
            filter_strength=input.filter_strength,
            max_length=input.max_length,
            merging_threshold=input.merging_threshold,
            merging_constraint=input.merging_constraint,
        ),
        project_id=decode(input.project_id, "Project", "project_id") if input.project_id else None,
        key=input.idempotency_key,
    )


async def _label(info: Info, input: StartLabellingInput) -> StartLabellingPayload:
    context = info.context
    dataset = await context.use.trainings.dynamics.label(context.viewer, _wish(input))
    job = await context.loaders.latest_job_of_dataset(dataset.id)
    return StartLabellingPayload(dataset=shown(dataset), job=shown(job))


async def _test(info: Info, input: StartDynamicsTestInput) -> StartDynamicsTestPayload:
    wish = DynamicsTestWish(
        labelling_id=decode(input.labelling_id, "Job", "labelling_id"),
        label=input.label,
        name=input.name,
        key=input.idempotency_key,
    )
    job = await info.context.use.trainings.dynamics.test(info.context.viewer, wish)
    return StartDynamicsTestPayload(job=shown(job))


@strawberry.type
class DynamicsMutations:
    start_labelling: StartLabellingPayload = mutation(
        _label,
        policy=WRITER,
        description="Have a TradeMaster service find the regimes of a market. Pictures and the analysis are artefacts "
        "of the job; the labelled series becomes a dataset.",
    )
    start_dynamics_test: StartDynamicsTestPayload = mutation(
        _test,
        policy=WRITER,
        description="Have an agent that a TradeMaster service trained tested in one regime. Its tables are metrics of "
        "the job, its picture an artefact.",
    )


__all__ = ["DynamicsMutations"]
