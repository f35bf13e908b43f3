"""What training and labelling have in common: giving an order, and following what comes of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Generic, TypeVar

from domain.errors import Unavailable
from workers.engines.trademaster.answers import Status
from workers.engines.trademaster.client import TradeMasterClient
from workers.engines.trademaster.errors import Declined, SessionLost, Unreachable
from workers.engines.trademaster.events import Artefact, Event, Failed, Place, Stage, Trouble
from workers.engines.trademaster.following import LOST, REFUSED, Following, Poll
from workers.engines.trademaster.logs.parser import DYNAMICS_TEST_END, LABELLING_END, TEST_END, TRAIN_END
from workers.engines.trademaster.pace import Keep, Mark, Pace, keep_nothing, mark_nothing
from workers.engines.trademaster.turnstile import Turnstile

T = TypeVar("T")

PNG = "image/png"
CSV = "text/csv"

_ENDS = {
    Stage.TRAIN: TRAIN_END,
    Stage.TEST: TEST_END,
    Stage.LABELLING: LABELLING_END,
    Stage.DYNAMICS_TEST: DYNAMICS_TEST_END,
}


class Flow:
    """One run on one service."""

    def __init__(
        self,
        *,
        client: TradeMasterClient,
        service: str,
        turnstile: Turnstile,
        pace: Pace,
        keep: Keep = keep_nothing,
        mark: Mark = mark_nothing,
    ) -> None:
        self._client = client
        self._service = service
        self._turnstile = turnstile
        self._pace = pace
        self._keep = keep
        self._mark = mark

    async def until_free(self, place: Place) -> None:
        """Watches a run that nobody wants any more: it cannot be stopped, and holds its seat until it ends."""
        async for _ in self._following(place).events():
            pass

    async def _ordered(self, call: Callable[[], Awaitable[T]], *, session: str | None = None) -> T | Failed:
        """One writing call, when it is our turn. While it cannot even be sent, it is tried again."""
        began, wait_s = self._pace.clock(), 0.0
        while True:
            await self._keep()
            order = _Order(call, self._mark if session is None else mark_nothing)
            try:
                return await self._turnstile.alone(self._service, order)
            except Declined as error:
                return await self._declined(error, session)
            except (Unreachable, Unavailable) as error:
                if order.begun and (isinstance(error, Unavailable) or error.heard):
                    return Failed(Trouble.UNANSWERED, f"{error} Whether it does what it was asked for is not known.")
                await order.unmark()
                if self._pace.clock() - began >= self._pace.away:
                    return Failed(Trouble.UNREACHABLE, f"{error}", again=True)
            wait_s = self._pace.longer(wait_s)
            await self._pace.sleep(wait_s)

    async def _alone(self, ask: Callable[[], Awaitable[T]]) -> T:
        """A question whose answer is written down over there as well."""
        try:
            return await self._turnstile.alone(self._service, ask)
        except Unavailable as error:
            raise Unreachable(f"{error}") from error

    async def _declined(self, error: Declined, session: str | None) -> Failed:
        """What is said of a session that is gone has little to do with that, so it is asked for by its name."""
        try:
            if session is not None:
                await self._client.train_status(session)
        except SessionLost:
            return Failed(Trouble.LOST, LOST)
        except Unreachable:
            pass
        return Failed(Trouble.DECLINED, error.message or REFUSED)

    def _following(self, place: Place) -> Following:
        return Following(
            place,
            end=_ENDS[place.stage],
            poll=self._poll(place),
            ready=_complete if place.stage is Stage.LABELLING else _pictured,
            pace=self._pace,
            keep=self._keep,
        )

    def _poll(self, place: Place) -> Poll:
        client, session = self._client, place.session_id
        polls: dict[Stage, Poll] = {
            Stage.TRAIN: lambda: client.train_status(session),
            Stage.TEST: lambda: client.test_status(session),
            Stage.LABELLING: lambda: self._alone(lambda: client.labelling_status(session)),
            Stage.DYNAMICS_TEST: lambda: client.dynamics_test_status(session, place.label or 0),
        }
        return polls[place.stage]


class _Order(Generic[T]):
    """Remembers whether the call was begun."""

    def __init__(self, call: Callable[[], Awaitable[T]], mark: Mark) -> None:
        self._call = call
        self._mark = mark
        self.begun = False

    async def __call__(self) -> T:
        await self._mark(True)
        self.begun = True
        return await self._call()

    async def unmark(self) -> None:
        if self.begun:
            await self._mark(False)


async def pictured(following: Following, name: str) -> AsyncGenerator[Event, None]:
    """The events of a log, and then the picture that came with its end."""
    async for event in following.events():
        yield event
    if following.status and following.status.picture:
        yield Artefact(name, PNG, following.status.picture)


def _pictured(status: Status) -> bool:
    return status.picture is not None


def _complete(status: Status) -> bool:
    return status.picture is not None and status.analysis is not None
