"""Starting evaluations, and taking their files home."""

from datetime import datetime

import strawberry

from domain.analysis.names import BUY_AND_HOLD
from domain.clock import in_utc
from domain.evaluations.wish import EvaluationWish, StressWish
from graph.context import Info
from graph.datasets.transfers import TransferLink
from graph.evaluations.enums import EvaluationKind, FileForm, Part, Scenario, Split
from graph.evaluations.types import Evaluation
from graph.evaluations.walk import WalkInput, walk_wish
from graph.fields import optional, plain
from graph.ids import decode
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import SIGNED_IN, WRITER


@strawberry.input(description="A scenario of a stress test.")
class StressInput:
    scenario: Scenario = plain("Which one.")
    strength: float | None = optional("How strong; left out: as it usually is.")
    runs: int = optional("For BOOTSTRAP: how many times, 1 to 50.", 1)


@strawberry.input(description="Which models to judge, on what, and how they trade there.")
class StartEvaluationInput:
    kind: EvaluationKind = plain("What to find out.")
    model_ids: list[strawberry.ID] = plain(
        "The models: 1 for a backtest or a walk-forward, 1 to 5 for a stress test, 2 to 10 for a comparison. You must "
        "see them."
    )
    dataset_id: strawberry.ID | None = optional(
        "The data. You must see it, and it must be READY. Left out: what the models were trained on."
    )
    symbol: str | None = optional("Which symbol to trade, where the data has several and the task is about one.")
    split: Split | None = optional(
        "A part of the data that the models were trained on. With nothing said of the time, it is TEST on their own "
        "data, and all of any other."
    )
    from_: datetime | None = strawberry.field(
        default=None, name="from", description="The first time that is wanted. What is before is known to the models."
    )
    to: datetime | None = optional("The first time that is not wanted.")
    transaction_cost: float | None = optional(
        "As a share of what is traded, 0 to 0.1. Left out: as the first model was trained with."
    )
    slippage: float | None = optional(
        "How much worse than the price it trades, as a share of it, 0 to 0.1. Left out: as the first model was "
        "trained with."
    )
    start_capital: float | None = optional("In money. Left out: as the first model was trained with.")
    latency_bars: int = optional(
        "So many bars after a decision it is carried out, at the open of that bar; 0: at the close it was made at.", 0
    )
    max_position: float | None = optional(
        "Of one symbol, in multiples of the equity, 0.01 to 10. Left out: as the models wish."
    )
    benchmark: str = optional(
        "Beside which alpha, beta and the like are told: buy_and_hold, equal_weight, random, flat.", BUY_AND_HOLD
    )
    scenarios: list[StressInput] | None = optional("Of a stress test. Left out: each one as it usually is.")
    walk: WalkInput | None = optional(
        "Of a walk-forward, whose trainings have these costs, too. Left out: 5 windows that roll on."
    )
    seed: int = optional("Where chance begins. The same wish and seed give the same result to the byte.", 0)
    name: str | None = optional("What to call it, up to 200 characters.")
    idempotency_key: str | None = optional(
        "A word of yours for this one wish, up to 100 characters. When you are not sure that the first try arrived, "
        "try again with the same word: it is the same evaluation."
    )


@strawberry.input(description="What to download of an evaluation.")
class RequestEvaluationDownloadInput:
    id: strawberry.ID = plain("The evaluation.")
    part: Part = plain("Which of its files.")
    key: str | None = optional("For TRADES: of which model, where there are several; see `entries`.")
    form: FileForm | None = optional("In which form. Left out: PARQUET; a report is HTML.")


@strawberry.input(description="What to call an evaluation.")
class UpdateEvaluationInput:
    id: strawberry.ID = plain("The evaluation.")
    name: str = plain("New name, 1 to 200 characters. Its job keeps its own.")


@strawberry.input(description="The evaluation to delete.")
class DeleteEvaluationInput:
    id: strawberry.ID = plain("The evaluation.")


@strawberry.type(description="Answer to updateEvaluation.")
class UpdateEvaluationPayload(Payload):
    evaluation: Evaluation | None = optional("The evaluation as it is now.")


@strawberry.type(description="Answer to deleteEvaluation.")
class DeleteEvaluationPayload(Payload):
    evaluation: Evaluation | None = optional("The evaluation as it was.")


@strawberry.type(description="Answer to startEvaluation.")
class StartEvaluationPayload(Payload):
    evaluation: Evaluation | None = optional("The evaluation, whose job waits for its turn.")


@strawberry.type(description="Answer to requestEvaluationDownload.")
class RequestEvaluationDownloadPayload(Payload):
    link: TransferLink | None = optional("Where to GET the file; ranges are served.")


def _wish(input: StartEvaluationInput) -> EvaluationWish:
    stress = (StressWish(each.scenario, each.strength, each.runs) for each in input.scenarios or ())
    return EvaluationWish(
        kind=input.kind,
        model_ids=tuple(decode(id_, "Model", "model_ids") for id_ in input.model_ids),
        dataset_id=None if input.dataset_id is None else decode(input.dataset_id, "Dataset", "dataset_id"),
        symbol=input.symbol,
        split=input.split.value if input.split else None,
        since=in_utc(input.from_, "from") if input.from_ else None,
        until=in_utc(input.to, "to") if input.to else None,
        transaction_cost=input.transaction_cost,
        slippage=input.slippage,
        start_capital=input.start_capital,
        latency_bars=input.latency_bars,
        max_position=input.max_position,
        benchmark=input.benchmark,
        stress=tuple(stress),
        walk=walk_wish(input.walk),
        seed=input.seed,
        name=input.name,
        key=input.idempotency_key,
    )


async def _start(info: Info, input: StartEvaluationInput) -> StartEvaluationPayload:
    started = await info.context.use.evaluations.service.start(info.context.viewer, _wish(input))
    return StartEvaluationPayload(evaluation=shown(started))


async def _request_download(info: Info, input: RequestEvaluationDownloadInput) -> RequestEvaluationDownloadPayload:
    id_, use = decode(input.id, "Evaluation", "id"), info.context.use.evaluations.downloads
    link = await use.request(info.context.viewer, id_, input.part, input.key, input.form)
    return RequestEvaluationDownloadPayload(link=shown(link))


async def _update(info: Info, input: UpdateEvaluationInput) -> UpdateEvaluationPayload:
    id_, use = decode(input.id, "Evaluation", "id"), info.context.use.evaluations.upkeep
    return UpdateEvaluationPayload(evaluation=shown(await use.rename(info.context.viewer, id_, input.name)))


async def _delete(info: Info, input: DeleteEvaluationInput) -> DeleteEvaluationPayload:
    id_, use = decode(input.id, "Evaluation", "id"), info.context.use.evaluations.upkeep
    return DeleteEvaluationPayload(evaluation=shown(await use.delete(info.context.viewer, id_)))


@strawberry.type
class EvaluationMutations:
    start_evaluation: StartEvaluationPayload = mutation(
        _start,
        policy=WRITER,
        description="Have models judged on data, with costs, beside buying and holding, equal weights, chance and "
        "doing nothing. It is a job: watch it, cancel it, retry it there. Later changes to models and data do not "
        "matter to it.",
    )
    update_evaluation: UpdateEvaluationPayload = mutation(
        _update, policy=WRITER, description="Call an evaluation something else. Only who started it may do so."
    )
    delete_evaluation: DeleteEvaluationPayload = mutation(
        _delete,
        policy=WRITER,
        description="Delete an evaluation that is over, with its files and its job, for good. Only who started it may "
        "do so.",
    )
    request_evaluation_download: RequestEvaluationDownloadPayload = mutation(
        _request_download,
        policy=SIGNED_IN,
        description="A link to fetch a file of an evaluation from, or its report, which takes some seconds to make.",
    )


__all__ = ["EvaluationMutations"]
