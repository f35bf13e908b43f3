"""Starting trainings."""

from collections.abc import Sequence

import strawberry
from strawberry.scalars import JSON

from domain.errors import Code, Refused
from domain.projects.places import at_field
from domain.trainings.engines import EMBEDDED
from domain.trainings.wish import TrainingWish, clean_seeds
from graph.context import Info
from graph.fields import optional, plain
from graph.ids import decode
from graph.jobs.types import Job
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import WRITER


@strawberry.input(description="What to train, on what, and how.")
class StartTrainingInput:
    strategy_id: strawberry.ID = plain("The strategy. You must be one who may change it.")
    version: int | None = optional("Which version of its config; left out: the present one.")
    dataset_id: strawberry.ID | None = optional(
        "The dataset. You must see it, and it must be READY and suit the task. Left out for an engine that is remote."
    )
    parameters: JSON | None = optional(
        "An object: parameters that shall differ from the strategy's config in this one training; null puts one back "
        "to its default. `algorithm` describes them. For an engine that is remote they differ from the strategy's "
        "tmConfig instead: `tradeMasterOffer` tells what there is."
    )
    symbol: str | None = optional("Which symbol to trade, where the dataset has several and the task is about one.")
    engine: str = optional("What trains; `engines` lists them.", EMBEDDED)
    seed: int | None = optional("Where chance begins. The same data, parameters and seed give the same model.")
    seeds: list[int] | None = optional("In place of `seed`, 1 to 10 of them: one run for each, and the best is kept.")
    priority: int = optional("-10 to 10. Of your own jobs the highest goes first; people take turns.", 0)
    name: str | None = optional("What to call the job and its model, up to 200 characters.")
    idempotency_key: str | None = optional(
        "A word of yours for this one wish, up to 100 characters. When you are not sure that the first try arrived, "
        "try again with the same word: it is the same job."
    )


@strawberry.type(description="Answer to startTraining.")
class StartTrainingPayload(Payload):
    job: Job | None = optional("The job, which waits for its turn.")


def _seeds(input: StartTrainingInput) -> Sequence[int] | None:
    if input.seed is None:
        return input.seeds
    if input.seeds is not None:
        raise Refused.because(Code.INVALID, "Give `seed` or `seeds`, not both.", "seed")
    try:
        return clean_seeds([input.seed])
    except Refused as refused:
        raise at_field("seed", refused) from refused


async def _start(info: Info, input: StartTrainingInput) -> StartTrainingPayload:
    wish = TrainingWish(
        strategy_id=decode(input.strategy_id, "Strategy", "strategy_id"),
        dataset_id=None if input.dataset_id is None else decode(input.dataset_id, "Dataset", "dataset_id"),
        version=input.version,
        parameters=input.parameters,
        symbol=input.symbol,
        engine=input.engine,
        seeds=_seeds(input),
        priority=input.priority,
        name=input.name,
        key=input.idempotency_key,
    )
    return StartTrainingPayload(job=shown(await info.context.use.trainings.service.start(info.context.viewer, wish)))


@strawberry.type
class TrainingMutations:
    start_training: StartTrainingPayload = mutation(
        _start,
        policy=WRITER,
        description="Have an agent trained. Later changes to the strategy or the dataset do not matter to it. At its "
        "end the job has a `model`.",
    )


__all__ = ["TrainingMutations"]
