"""A training, and the test that follows it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from workers.engines.trademaster.events import Event, Failed, Finished, Place, SessionStarted, Stage, Trouble
from workers.engines.trademaster.flow import Flow, pictured
from workers.engines.trademaster.offer import TrainingWords

VALIDATION_PICTURE = "validation.png"
TEST_PICTURE = "test.png"

CANCEL_NOTE = (
    "TradeMaster has no way to stop a run: it goes on computing there, and holds its place until it ends. "
    "What it finds is not kept."
)


class Training(Flow):
    """Ends with Failed or Finished. Keep each Place that comes, with the events before it, to be able to go on."""

    async def run(self, words: TrainingWords) -> AsyncGenerator[Event, None]:
        session = await self._ordered(lambda: self._client.train(words))
        if isinstance(session, Failed):
            yield session
            return
        yield SessionStarted(session)
        place = Place(session, Stage.TRAIN)
        yield place
        async for event in self.resume(place):
            yield event

    async def resume(self, place: Place) -> AsyncGenerator[Event, None]:
        """Goes on where another worker left off."""
        if place.stage is Stage.TRAIN:
            training = self._following(place)
            async for event in pictured(training, VALIDATION_PICTURE):
                yield event
            if training.failed:
                return
            if failed := await self._start_test(place.session_id):
                yield failed
                return
            place = Place(place.session_id, Stage.TEST, told=training.place.told)
            yield place
        async for event in self._tested(place):
            yield event

    async def _tested(self, place: Place) -> AsyncGenerator[Event, None]:
        testing = self._following(place)
        async for event in pictured(testing, TEST_PICTURE):
            yield event
        if not testing.failed:
            yield Finished(testing.measures)

    async def _start_test(self, session: str) -> Failed | None:
        failed = await self._ordered(lambda: self._client.test(session), session=session)
        # An order that was not answered may have been heard; whether there is a test, its log will tell.
        return failed if failed and failed.code is not Trouble.UNANSWERED else None
