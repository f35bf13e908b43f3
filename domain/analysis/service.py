"""Looks at accounts that were kept bar by bar: those of evaluations, and those of trainings."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from domain.analysis.looks import KEPT, OWN, Account, Analysis, AnalysisWanted
from domain.analysis.tries import Tried
from domain.blobs import BlobReads, BlobStorage, Content, Owner
from domain.catalogue import TaskType
from domain.errors import Code, Refused, Unavailable
from domain.evaluations import model as evaluations
from domain.evaluations.model import Evaluation
from domain.models import model as models
from domain.models.model import Model
from domain.text import readable
from domain.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One account: whose files, and where in them it is."""

    kind: str
    id: UUID
    series: str
    positions: str | None = None
    trades: str | None = None
    key: str
    split: str | None = None
    per_year: float | None = None
    tried: Tried | None = None
    missing: str
    """What to say where there is no such file."""

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(part for part in (self.series, self.positions, self.trades) if part is not None)

    @property
    def place(self) -> Source:
        """The same of whatever object: equal files at equal places give equal answers."""
        return replace(self, id=UUID(int=0))


class Accounts(Protocol):
    """Measures accounts in processes of its own, with bounded memory and time. Refuses with Refused."""

    async def analysis(self, account: Account, wanted: AnalysisWanted) -> Analysis: ...


class Analyses:
    """Answers for many accounts at once; each file is read once, whatever of it is asked for."""

    def __init__(self, *, blobs: BlobReads, storage: BlobStorage, accounts: Accounts) -> None:
        self._blobs = blobs
        self._storage = storage
        self._accounts = accounts

    async def of(
        self, _viewer: Viewer, sources: Sequence[Source], wanted: AnalysisWanted
    ) -> Sequence[Analysis | Exception]:
        """Whoever asks has met what the sources belong to, and so may see them. A refusal stands in its own place."""
        contents = await self._contents(sources)
        wishes = {_wish(source, contents): source for source in sources}
        answers = await asyncio.gather(*(self._answer(source, contents, wanted) for source in wishes.values()))
        found = dict(zip(wishes, answers, strict=True))
        return [found[_wish(source, contents)] for source in sources]

    async def _contents(self, sources: Sequence[Source]) -> Mapping[Owner, Content]:
        found: dict[Owner, Content] = {}
        for kind in sorted({source.kind for source in sources}):
            own = [source for source in sources if source.kind == kind]
            parts = {part for source in own for part in source.parts}
            found |= await self._blobs.contents_of(kind, [source.id for source in own], parts)
        return found

    async def _answer(
        self, source: Source, contents: Mapping[Owner, Content], wanted: AnalysisWanted
    ) -> Analysis | Exception:
        if Owner(source.kind, source.id, source.series) not in contents:
            return Refused.because(Code.WRONG_STATE, source.missing, "id")
        try:
            return await self._measured(source, contents, wanted)
        except (Refused, Unavailable) as error:
            return error

    async def _measured(self, source: Source, contents: Mapping[Owner, Content], wanted: AnalysisWanted) -> Analysis:
        async with AsyncExitStack() as stack:
            paths = {
                part: await stack.enter_async_context(self._storage.as_file(content))
                for part in source.parts
                if (content := contents.get(Owner(source.kind, source.id, part))) is not None
            }
            account = Account(
                series=paths[source.series],
                positions=paths.get(source.positions or ""),
                trades=paths.get(source.trades or ""),
                key=source.key,
                split=source.split,
                per_year=source.per_year,
                tried=source.tried,
            )
            return await self._accounts.analysis(account, wanted)


def source_of_model(model: Model, wanted: AnalysisWanted) -> Source:
    """The account that its training kept."""
    if wanted.split not in KEPT:
        message = "Of a training the parts VALID and TEST are kept. Choose one, or evaluate the model on the period."
        raise Refused.because(Code.INVALID, message, "split")
    return Source(
        kind=models.KIND,
        id=model.id,
        series=models.Part.SERIES.value,
        key=OWN,
        split=wanted.split,
        missing=_NO_ORDERS if model.task_type is TaskType.ORDER_EXECUTION else _NO_ACCOUNT,
    )


def source_of_evaluation(evaluation: Evaluation, wanted: AnalysisWanted) -> Source | None:
    """The account of one entry; None before the end."""
    if evaluation.result is None:
        return None
    own = [each["key"] for each in evaluation.parameters["models"]]
    key = _key(wanted.key, own, [each["key"] for each in evaluation.result.get("entries", ())])
    is_own = key in own
    return Source(
        kind=evaluations.KIND,
        id=evaluation.id,
        series=evaluations.Part.SERIES.value,
        positions=evaluations.Part.POSITIONS.value if is_own else None,
        trades=evaluations.trades_part(key) if is_own else None,
        key=key,
        per_year=evaluation.result.get("bars_per_year"),
        tried=evaluations.tried_in(evaluation.parameters) if is_own and evaluation.result.get("trials") else None,
        missing=_ORDERS if "execution" in evaluation.result else _GONE,
    )


_NO_ACCOUNT = (
    "This model has no account bar by bar: it is older than that, or another engine trained it. Start an evaluation of "
    "it, and look at that."
)
_NO_ORDERS = "A model for order execution has no account: it works off orders. Its measures say what it saved."
_ORDERS = "Who works off orders holds no account, so this evaluation has none. See `execution` for what it found."
_GONE = "The files of this evaluation are not here. Start it anew."


def _wish(source: Source, contents: Mapping[Owner, Content]) -> tuple[Source, tuple[Content | None, ...]]:
    return source.place, tuple(contents.get(Owner(source.kind, source.id, part)) for part in source.parts)


def _key(given: str | None, own: Sequence[str], keys: Sequence[str]) -> str:
    if given is None:
        if len(own) != 1:
            raise Refused.because(Code.REQUIRED, f"Say whose account: {', '.join(keys)}.", "key")
        return own[0]
    if given not in keys:
        raise Refused.because(Code.UNKNOWN, f'There is no entry "{readable(given)}": {", ".join(keys)}.', "key")
    return given
