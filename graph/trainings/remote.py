"""What a TradeMaster service can train."""

from datetime import date
from typing import Annotated, Any

import strawberry

from domain.trainings.remote import TRADEMASTER, Standing
from graph.context import Info
from graph.enums import described
from graph.fields import plain
from graph.payloads import query
from graph.policy import SIGNED_IN

described(
    Standing,
    "TradeMasterStanding",
    "What is known of a dataset with an agent.",
    {
        Standing.WORKS: "It was seen to work.",
        Standing.UNTRIED: "The service lists both; nobody has tried.",
        Standing.DOUBTFUL: "It failed where it was tried; another installation may be able to.",
        Standing.FAILS: "The service refuses it although it lists both; so startTraining does too.",
    },
)


@strawberry.type(description="A dataset that a TradeMaster service has.")
class TradeMasterDataset:
    name: str = plain("What tmConfig calls it: task:name.")
    task: str = plain("What it is for.")
    start: date | None = plain("The first day that can be chosen; null: its days cannot be chosen.")
    end: date | None = plain("The last day that can be chosen.")


@strawberry.type(description="A dataset with an agent of the same task.")
class TradeMasterPair:
    dataset: str = plain("The dataset.")
    agent: str = plain("The agent.")
    standing: Standing = plain("What is known of the two.")
    reason: str = plain("Why; empty where there is nothing to say.")


@strawberry.type(description="What a TradeMaster service can train, as it says itself. Nothing else is sent to it.")
class TradeMasterOffer:
    tasks: list[str] = plain("Its tasks.")
    datasets: list[TradeMasterDataset] = plain("Its datasets.")
    agents: list[str] = plain("Its agents: task:name.")
    optimizers: list[str] = plain("Its optimizers.")
    losses: list[str] = plain("Its losses.")
    pairs: list[TradeMasterPair] = plain("Each dataset with each agent of its task.")


_ENGINE = "Which one; `engines` lists them."
_FRESH = "Whether to ask it now, rather than take what it said in the last ten minutes."


async def _offer(
    info: Info,
    engine: Annotated[str, strawberry.argument(description=_ENGINE)] = TRADEMASTER,
    fresh: Annotated[bool, strawberry.argument(description=_FRESH)] = False,
) -> Any:
    remotes = info.context.use.trainings.remotes
    return await remotes.offer(engine, fresh=fresh) if engine in remotes else None


@strawberry.type
class RemoteQueries:
    trade_master_offer: TradeMasterOffer | None = query(
        _offer,
        policy=SIGNED_IN,
        cost=100,
        description="What a TradeMaster service can train; null when there is none of that name. When it does not "
        "answer, this is an error with the code UNAVAILABLE.",
    )


__all__ = ["RemoteQueries"]
