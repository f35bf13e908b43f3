"""Market dynamics: finding the regimes of a market, and testing a trained agent in one of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from uuid import UUID

from domain.errors import Refused
from workers.engines.trademaster.errors import Declined, SessionLost, Unreachable
from workers.engines.trademaster.events import (
    Artefact,
    Event,
    Failed,
    Finished,
    Level,
    Log,
    Place,
    SessionStarted,
    Stage,
    Trouble,
)
from workers.engines.trademaster.flow import CSV, Flow, pictured
from workers.engines.trademaster.labelling_offer import Labelling, LabellingWords
from workers.engines.trademaster.names import CUSTOM, upload_name
from workers.engines.trademaster.upload import UploadRow

REGIMES_PICTURE = "regimes.png"
ANALYSIS = "analysis.csv"
LABELLED = "labelled.csv"
RADAR_PICTURE = "radar.png"


class MarketDynamics(Flow):
    """Each ends with Failed or Finished."""

    async def label_upload(self, id: UUID, rows: Sequence[UploadRow], wanted: Labelling) -> AsyncGenerator[Event, None]:
        """Labels a dataset of ours. `wanted.dataset` does not matter: the name over there is made from the id."""
        name = upload_name(id)
        session = await self._ordered(lambda: self._client.upload(name, rows))
        if isinstance(session, Failed):
            yield session
            return
        yield Log(Level.INFO, f"Uploaded {len(rows):,} rows.")
        async for event in self.label(replace(wanted, dataset=CUSTOM + name), session):
            yield event

    async def label(self, wanted: Labelling, session: str | None = None) -> AsyncGenerator[Event, None]:
        """Labels a dataset of the service; in the session of a training, so that a dynamics test can follow."""
        words = await self._worded(wanted, session)
        started = words if isinstance(words, Failed) else await self._started(words, session)
        if isinstance(started, Failed):
            yield started
            return
        yield SessionStarted(started)
        place = Place(started, Stage.LABELLING)
        yield place
        async for event in self.resume(place):
            yield event

    async def test(self, session: str, label: int) -> AsyncGenerator[Event, None]:
        """Tests a trained agent in one regime. The session must have been trained and labelled."""
        stale = await self._ordered(lambda: self._begun(session, label), session=session)
        if isinstance(stale, Failed):
            yield stale
            return
        place = Place(session, Stage.DYNAMICS_TEST, label=label, stale=stale)
        yield place
        async for event in self.resume(place):
            yield event

    async def resume(self, place: Place) -> AsyncGenerator[Event, None]:
        """Goes on where another worker left off."""
        following = self._following(place)
        labels = place.stage is Stage.LABELLING
        async for event in pictured(following, REGIMES_PICTURE if labels else RADAR_PICTURE):
            yield event
        if following.failed:
            return
        if following.status and following.status.analysis:
            yield Artefact(ANALYSIS, CSV, following.status.analysis)
        ending = await self._handed_over(place.session_id) if labels else ()
        for event in ending:
            yield event
        if not any(isinstance(event, Failed) for event in ending):
            yield Finished(following.measures)

    async def _begun(self, session: str, label: int) -> str:
        """The mark of what an earlier test of this regime left in the log, which has the same name."""
        try:
            earlier = await self._client.dynamics_test_status(session, label)
        except Unreachable as error:
            raise Unreachable(error.message, heard=False) from error
        except SessionLost as error:
            raise Declined("") from error
        await self._client.start_dynamics_test(session, label)
        return earlier.mark

    async def _worded(self, wanted: Labelling, session: str | None) -> LabellingWords | Failed:
        try:
            offer = await self._client.labelling_offer(session)
            return offer.words(wanted)
        except Refused as error:
            return Failed(Trouble.DECLINED, str(error))
        except (Unreachable, Declined) as error:
            return Failed(Trouble.UNREACHABLE, error.message, again=True)

    async def _started(self, words: LabellingWords, session: str | None) -> str | Failed:
        return await self._ordered(lambda: self._client.start_labelling(words, session), session=session)

    async def _handed_over(self, session: str) -> tuple[Event, ...]:
        """Saved over there, where a dynamics test looks for it, and fetched."""
        saved = await self._ordered(lambda: self._client.save_labelling(session), session=session)
        if saved and saved.code is not Trouble.UNANSWERED:
            return (saved,)
        try:
            labelled = await self._client.labelled(session)
        except Declined as error:
            return (await self._declined(error, session),)
        except Unreachable as error:
            return (Failed(Trouble.UNREACHABLE, error.message),)
        return (Artefact(LABELLED, CSV, labelled.content.encode()),)
