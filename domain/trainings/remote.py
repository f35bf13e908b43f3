"""Services elsewhere that train on data of their own: what one offers, and what people may choose of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol, Self

from domain.errors import Code, Problem, Refused
from domain.text import readable

TRADEMASTER = "trademaster"
"""The engine of that name; where there are several services, "trademaster:" and a name."""
LONGEST_WORD = 130
_WORDS = ("dataset", "agent", "optimizer", "loss")
_DAYS = ("start", "end")
KEYS = ("task", *_WORDS, *_DAYS)


def is_remote(engine: str | None) -> bool:
    return engine is not None and engine.partition(":")[0] == TRADEMASTER


class Standing(StrEnum):
    """What is known of a dataset with an agent."""

    WORKS = "WORKS"
    UNTRIED = "UNTRIED"
    DOUBTFUL = "DOUBTFUL"
    """It failed where it was tried; another installation may be able to."""
    FAILS = "FAILS"
    """The service refuses it at once."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A dataset and an agent of the same task."""

    task: str
    dataset: str
    agent: str
    standing: Standing
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RemoteDataset:
    name: str
    task: str
    start: date | None
    end: date | None
    """Between these days one can choose; None: its days cannot be chosen."""


@dataclass(frozen=True, slots=True)
class RemoteOffer:
    """What a service can train, as it says itself, and what is known of it."""

    tasks: tuple[str, ...]
    datasets: tuple[RemoteDataset, ...]
    agents: tuple[str, ...]
    optimizers: tuple[str, ...]
    losses: tuple[str, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants to train. Dataset and agent as the service names them, task:name."""

    dataset: str
    agent: str
    optimizer: str = "adam"
    loss: str = "mse"
    start: date | None = None
    end: date | None = None

    def to_json(self) -> dict[str, Any]:
        days = {name: day.isoformat() if (day := getattr(self, name)) else None for name in _DAYS}
        return asdict(self) | days

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        days = {name: date.fromisoformat(plain[name]) if plain[name] else None for name in _DAYS}
        return cls(**{**plain, **days})


class Remotes(Protocol):
    """The services that this installation is connected to, by the names of their engines."""

    def __contains__(self, engine: object) -> bool: ...

    async def offer(self, engine: str, *, fresh: bool = False) -> RemoteOffer:
        """Raises Unavailable when it does not answer."""

    async def check(self, engine: str, choice: Choice) -> None:
        """Refuses what the service cannot run. Says nothing when it does not answer in time: a worker asks again."""


def choice_of(task: str, algorithm: str, settings: Mapping[str, Any], parameters: object | None) -> Choice:
    """What a strategy's settings (`tm_config`) choose, with the parameters of one training laid over them."""
    if parameters is not None and not isinstance(parameters, Mapping):
        raise Refused.because(Code.INVALID, "The parameters must be an object.", "parameters")
    wanted = {name: value for name, value in {**settings, **(parameters or {})}.items() if value is not None}
    problems = [*_unknown(wanted), *_malformed(wanted), *_of_another_task(wanted, task)]
    if "dataset" not in wanted:
        message = "Name a dataset of the service: in tmConfig of the strategy, or in the parameters."
        problems.append(Problem(Code.REQUIRED, message, ("parameters", "dataset")))
    if problems:
        raise Refused(*problems)
    return _chosen(task, algorithm, wanted)


def _chosen(task: str, algorithm: str, wanted: Mapping[str, Any]) -> Choice:
    values: dict[str, Any] = {name: wanted[name] for name in ("optimizer", "loss") if name in wanted}
    values |= {name: _full(task, wanted.get(name, algorithm)) for name in ("dataset", "agent")}
    return Choice(**values | {name: date.fromisoformat(wanted[name]) for name in _DAYS if name in wanted})


def _full(task: str, name: str) -> str:
    return name if ":" in name else f"{task}:{name}"


def _unknown(wanted: Mapping[str, Any]) -> list[Problem]:
    known, unknown = ", ".join(KEYS), [readable(name) for name in wanted if name not in KEYS]
    return [
        Problem(Code.UNKNOWN, f'There is no "{name}" here. Choose among {known}.', ("parameters", name))
        for name in unknown
    ]


def _malformed(wanted: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for name in ("task", *_WORDS):
        value = wanted.get(name, "word")
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST_WORD:
            problems.append(Problem(Code.INVALID, f"The {name} must be a word.", ("parameters", name)))
    for name in _DAYS:
        if name in wanted and not _is_day(wanted[name]):
            message = "Write the day like 2020-12-31."
            problems.append(Problem(Code.INVALID, message, ("parameters", name)))
    return problems


def _of_another_task(wanted: Mapping[str, Any], task: str) -> list[Problem]:
    if wanted.get("task", task) == task:
        return []
    return [Problem(Code.INVALID, f"The strategy is for the task {task}.", ("parameters", "task"))]


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
