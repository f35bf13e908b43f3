"""What a service can train, as it says itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, Self

from domain.clock import Clock
from domain.errors import Code, Problem, Refused
from domain.trainings.remote import Choice, Pair, Standing
from workers.engines.trademaster.answers import Answer
from workers.engines.trademaster.known import pair
from workers.engines.trademaster.names import days, full_names, plain_names


@dataclass(frozen=True, slots=True)
class TrainingWords:
    """What is sent. Only `Offer.words` makes these."""

    task_name: str
    dataset_name: str
    agent_name: str
    optimizer_name: str
    loss_name: str
    start_date: str | None = None
    end_date: str | None = None

    def body(self) -> Mapping[str, str]:
        words = {
            "task_name": self.task_name,
            "dataset_name": self.dataset_name,
            "agent_name": self.agent_name,
            "optimizer_name": self.optimizer_name,
            "loss_name": self.loss_name,
        }
        if self.start_date and self.end_date:
            words |= {"start_date": self.start_date, "end_date": self.end_date}
        return words


@dataclass(frozen=True, slots=True)
class Offer:
    tasks: tuple[str, ...]
    datasets: tuple[str, ...]
    agents: tuple[str, ...]
    optimizers: tuple[str, ...]
    losses: tuple[str, ...]
    starts: Mapping[str, date]
    ends: Mapping[str, date]

    @classmethod
    def of(cls, answer: Answer) -> Self:
        return cls(
            tasks=plain_names(answer.get("task_name")),
            datasets=full_names(answer.get("dataset_name")),
            agents=full_names(answer.get("agent_name")),
            optimizers=plain_names(answer.get("optimizer_name")),
            losses=plain_names(answer.get("loss_name")),
            starts=days(answer.get("start_date")),
            ends=days(answer.get("end_date")),
        )

    def pairs(self) -> tuple[Pair, ...]:
        """Every dataset with every agent of its task, and how it stands with them."""
        return tuple(
            pair(dataset, agent)
            for dataset in self.datasets
            for agent in self.agents
            if dataset.partition(":")[0] == agent.partition(":")[0]
        )

    def range_of(self, dataset: str) -> tuple[date, date] | None:
        """Between which days one can choose. Some datasets have none, and one has them the wrong way round."""
        start, end = self.starts.get(dataset), self.ends.get(dataset)
        return (start, end) if start and end and start < end else None

    def doubts(self, choice: Choice) -> str:
        """Why this may fail although it is allowed; empty when nothing is known against it."""
        found = pair(choice.dataset, choice.agent)
        return found.reason if found.standing is Standing.DOUBTFUL else ""

    def words(self, choice: Choice) -> TrainingWords:
        """Raises Refused with everything that the service cannot run."""
        problems = [*self._unknown(choice), *self._unfit(choice), *self._misdated(choice)]
        if problems:
            raise Refused(*problems)
        return TrainingWords(
            task_name=choice.dataset.partition(":")[0],
            dataset_name=choice.dataset,
            agent_name=choice.agent,
            optimizer_name=choice.optimizer,
            loss_name=choice.loss,
            start_date=choice.start.isoformat() if choice.start else None,
            end_date=choice.end.isoformat() if choice.end else None,
        )

    def _unknown(self, choice: Choice) -> list[Problem]:
        asked = (
            ("dataset", choice.dataset, self.datasets),
            ("agent", choice.agent, self.agents),
            ("optimizer", choice.optimizer, self.optimizers),
            ("loss", choice.loss, self.losses),
        )
        return [
            Problem(Code.UNKNOWN, f"The service has no such {field}; it has {', '.join(known) or 'none'}.", (field,))
            for field, value, known in asked
            if value not in known
        ]

    def _unfit(self, choice: Choice) -> list[Problem]:
        if choice.dataset.partition(":")[0] != choice.agent.partition(":")[0]:
            return [Problem(Code.INVALID, "The agent is for another task than the dataset.", ("agent",))]
        found = pair(choice.dataset, choice.agent)
        return [Problem(Code.INVALID, found.reason, ("dataset",))] if found.standing is Standing.FAILS else []

    def _misdated(self, choice: Choice) -> list[Problem]:
        start, end = choice.start, choice.end
        if start is None and end is None:
            return []
        if start is None or end is None:
            return [Problem(Code.REQUIRED, "Give both days, or none.", ("end" if start else "start",))]
        allowed = self.range_of(choice.dataset)
        if allowed is None:
            return [Problem(Code.INVALID, "The days of this dataset cannot be chosen.", ("start",))]
        if start >= end:
            return [Problem(Code.OUT_OF_RANGE, "The end must come after the start.", ("end",))]
        words = f"between {allowed[0]} and {allowed[1]}"
        return [
            Problem(Code.OUT_OF_RANGE, f"This dataset has days {words}.", (field,))
            for field, day in (("start", start), ("end", end))
            if not allowed[0] <= day <= allowed[1]
        ]


class _Offering(Protocol):
    async def offer(self) -> Offer: ...


class OfferBook:
    """The offer of one service, asked for again when it is old or when somebody wants it fresh."""

    def __init__(self, client: _Offering, *, clock: Clock, keep: timedelta = timedelta(minutes=10)) -> None:
        self._client = client
        self._clock = clock
        self._keep = keep
        self._offer: Offer | None = None
        self._asked_at: datetime | None = None

    @property
    def asked_at(self) -> datetime | None:
        return self._asked_at

    async def get(self, *, fresh: bool = False) -> Offer:
        """Raises Unreachable when the service does not answer."""
        now = self._clock()
        if fresh or self._offer is None or self._asked_at is None or now >= self._asked_at + self._keep:
            self._offer = await self._client.offer()
            self._asked_at = now
        return self._offer
