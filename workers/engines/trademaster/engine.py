"""The engine of a service: trains and tests there."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from domain.errors import Refused
from domain.jobs.events import Level, Log
from domain.trainings.remote import Choice
from workers.engines.port import EngineEvent, Said, Trained, Wish
from workers.engines.trademaster.errand import AWAY, Errand, carried_out, is_away, patiently
from workers.engines.trademaster.events import Place, Stage
from workers.engines.trademaster.offer import Offer
from workers.engines.trademaster.service import Service
from workers.engines.trademaster.session import Training


@dataclass(frozen=True, slots=True)
class TradeMasterEngine:
    """Implements workers.engines.port.Engine."""

    service: Service

    async def train(self, wish: Wish) -> AsyncGenerator[EngineEvent, None]:
        errand = errand_of(wish)
        choice, place = Choice.from_json(wish.config), errand.place(Stage.TRAIN)
        training = Training(**self.service.flow(errand.holder, wish.task))
        if place is None:
            if await is_away(self.service):
                yield Said(Log(Level.WARNING, AWAY))
            offer = await self._offer(errand, choice)
            if doubts := offer.doubts(choice):
                yield Said(Log(Level.WARNING, doubts))
            events = carried_out(self.service, errand, lambda: training.run(offer.words(choice)), place=None)
        else:
            events = self._resumed(errand, training, place)
        async for event in events:
            yield event if not isinstance(event, Trained) else _with_choice(event, choice)

    def _resumed(self, errand: Errand, training: Training, place: Place) -> AsyncGenerator[EngineEvent, None]:
        return carried_out(self.service, errand, lambda: training.resume(place), place=place)

    async def _offer(self, errand: Errand, choice: Choice) -> Offer:
        """One that has all that was chosen; what was remembered of it may be old. Raises Refused."""
        offer = await patiently(self.service, errand, self.service.book.get)
        try:
            offer.words(choice)
        except Refused:
            offer = await patiently(self.service, errand, lambda: self.service.book.get(fresh=True))
            offer.words(choice)
        return offer


def errand_of(wish: Wish) -> Errand:
    return Errand(
        holder=wish.run,
        folder=wish.folder,
        checkpoint=wish.checkpoint,
        session=wish.session,
        attempt=wish.attempt,
    )


def _with_choice(trained: Trained, choice: Choice) -> Trained:
    return Trained({"choice": choice.to_json(), **trained.body})
