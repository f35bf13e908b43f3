"""Labelling, and the test of an agent in one regime."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import pytest

from tests.support.trademaster.fake import WRITES, FakeTradeMaster
from tests.support.trademaster.recorded import answer, log, recording, sent
from tests.support.trademaster.runs import ANALYSIS, PNG, Run
from tests.support.trademaster.waiting import FreeTurnstile, Waiting
from workers.engines.trademaster.client import TradeMasterClient
from workers.engines.trademaster.dynamics import MarketDynamics
from workers.engines.trademaster.events import (
    Artefact,
    Event,
    Failed,
    Finished,
    Log,
    Metric,
    Place,
    SessionStarted,
    Split,
    Stage,
    Trouble,
)
from workers.engines.trademaster.known import dynamics_test_doubts
from workers.engines.trademaster.labelling_offer import Labelling
from workers.engines.trademaster.logs.measures import Measure
from workers.engines.trademaster.logs.parser import shown
from workers.engines.trademaster.offer import TrainingWords
from workers.engines.trademaster.pace import Pace
from workers.engines.trademaster.session import Training
from workers.engines.trademaster.upload import UploadRow

T = TypeVar("T")

ID = UUID("6f0a3c1e-0000-4000-8000-00000000000a")
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
ROWS = [UploadRow(NOON + timedelta(days=number), 1.0, 1.0, 1.0, 1.0, 1.0) for number in range(30)]
BTC = TrainingWords("algorithmic_trading", "algorithmic_trading:BTC", "algorithmic_trading:deepscalper", "adam", "mse")
EIIE = TrainingWords("portfolio_management", "portfolio_management:dj30", "portfolio_management:eiie", "adam", "mse")
WANTED = Labelling("algorithmic_trading:BTC", regimes=3)

RESULTS = [
    Artefact("regimes.png", "image/png", PNG),
    Artefact("analysis.csv", "text/csv", ANALYSIS),
    Artefact("labelled.csv", "text/csv", answer("download_csv_custom")["data"].encode()),
]
OF_THE_SERVICE = [*RESULTS[:2], Artefact("labelled.csv", "text/csv", answer("download_csv")["data"].encode())]


class Turns(FreeTurnstile):
    """Notes what was called in a turn."""

    def __init__(self, fake: FakeTradeMaster) -> None:
        self.fake = fake
        self.calls: list[str] = []

    async def alone(self, service: str, call: Callable[[], Awaitable[T]]) -> T:
        before = len(self.fake.calls)
        answer = await call()
        self.calls += [name for name, _ in self.fake.calls[before:]]
        return answer


async def told(events: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in events]


def artefacts(events: list[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, Artefact)]


async def trained(training: Training) -> str:
    events = await told(training.run(BTC))
    assert isinstance(events[0], SessionStarted)
    return events[0].session_id


async def test_a_dataset_of_ours_is_uploaded_and_labelled(market: MarketDynamics, fake: FakeTradeMaster) -> None:
    events = await told(market.label_upload(ID, ROWS, Labelling("", regimes=3)))
    assert artefacts(events) == RESULTS
    assert events[-1] == Finished({})
    calls = dict(fake.calls)
    assert calls["upload_csv"]["file_name"] == f"tmw_{ID.hex}.csv"
    session = next(iter(fake.sessions))
    expected = recording("start_mdm_custom")["body"] | {"session_id": session, "dataset_name": f"custom:tmw_{ID.hex}"}
    assert calls["start_market_dynamics_labeling"] == expected
    lines = [event.message for event in events if isinstance(event, Log)]
    assert lines == ["Uploaded 30 rows.", *(shown(line) for line in sent(log("deepscalper_MDM")).split("\n")[:-1])]
    metrics = [event for event in events if isinstance(event, Metric)]
    assert metrics[-1].values == {"rounds": Measure(2), "segments": Measure(47)}


async def test_pictures_that_come_late_are_waited_for(market: MarketDynamics, fake: FakeTradeMaster) -> None:
    fake.mood.late_results = 2
    assert artefacts(await told(market.label_upload(ID, ROWS, Labelling("")))) == RESULTS


async def test_pictures_that_never_come(market: MarketDynamics, fake: FakeTradeMaster, waiting: Waiting) -> None:
    fake.mood.late_results = 10_000
    events = await told(market.label_upload(ID, ROWS, Labelling("")))
    assert artefacts(events) == []
    assert events[-1] == Failed(Trouble.DECLINED, "'MDM_datafile_path'")
    assert waiting.passed < timedelta(minutes=3)


async def test_a_labelling_goes_on_after_a_restart(market: MarketDynamics) -> None:
    before = list[Event]()
    async for event in market.label(WANTED):
        before.append(event)
        if isinstance(event, Place) and event.count:
            break
    assert isinstance(event, Place)
    assert event.stage is Stage.LABELLING
    events = before + await told(market.resume(event))
    assert artefacts(events) == OF_THE_SERVICE
    assert len([event for event in events if isinstance(event, Metric)]) == 3


async def test_an_error_that_passes_breaks_nothing_off(
    market: MarketDynamics, fake: FakeTradeMaster, waiting: Waiting
) -> None:
    kept = list[Run]()

    def forget_for_a_while() -> None:
        (session,) = fake.sessions.values()
        if len(waiting.waits) == 1 and session.labelling:
            kept.append(session.labelling)
            session.labelling = None
        elif len(waiting.waits) == 3:
            session.labelling = kept.pop()

    waiting.then = forget_for_a_while
    assert artefacts(await told(market.label_upload(ID, ROWS, Labelling("")))) == RESULTS


async def test_an_error_that_stays(market: MarketDynamics, fake: FakeTradeMaster, waiting: Waiting) -> None:
    waiting.then = lambda: setattr(next(iter(fake.sessions.values())), "labelling", None)
    events = await told(market.label_upload(ID, ROWS, Labelling("")))
    assert events[-1] == Failed(Trouble.DECLINED, "'MDM_cfg_path' (KeyError)")


async def test_whoever_asks_how_a_labelling_stands_waits_for_a_turn(
    client: TradeMasterClient, pace: Pace, fake: FakeTradeMaster
) -> None:
    turns = Turns(fake)
    market = MarketDynamics(client=client, service="lab", turnstile=turns, pace=pace)
    await told(market.label_upload(ID, ROWS, Labelling("")))
    writes = [name for name, _ in fake.calls if name in WRITES]
    assert writes.count("MDM_status") > 1
    assert turns.calls == writes


async def test_what_cannot_be_labelled_is_refused_before_anything_is_sent(
    market: MarketDynamics, fake: FakeTradeMaster
) -> None:
    events = await told(market.label(Labelling("algorithmic_trading:NOPE")))
    assert isinstance(events[-1], Failed)
    assert (len(events), events[-1].code) == (1, Trouble.DECLINED)
    assert fake.called("start_market_dynamics_labeling") == 0


async def test_an_agent_is_tested_in_a_regime(training: Training, market: MarketDynamics) -> None:
    session = await trained(training)
    assert artefacts(await told(market.label(WANTED, session))) == OF_THE_SERVICE
    events = await told(market.test(session, 1))
    assert events[0] == Place(session, Stage.DYNAMICS_TEST, label=1)
    assert artefacts(events) == [Artefact("radar.png", "image/png", PNG)]
    assert len([event for event in events if isinstance(event, Metric)]) == 37
    assert isinstance(events[-1], Finished)
    assert events[-1].measures["excess_profit"] == Measure(-53.047800)
    scores = [event for event in events if isinstance(event, Metric) and event.split is Split.SCORES]
    assert scores[0].values == events[-1].measures


async def test_a_dynamics_test_goes_on_after_a_restart(training: Training, market: MarketDynamics) -> None:
    session = await trained(training)
    await told(market.label(WANTED, session))
    before = list[Event]()
    async for event in market.test(session, 1):
        before.append(event)
        if isinstance(event, Place) and event.count > 100:
            break
    assert isinstance(event, Place)
    events = before + await told(market.resume(event))
    assert len([event for event in events if isinstance(event, Metric)]) == 37


async def test_what_an_earlier_test_left_in_the_log_is_not_taken_for_this_one(
    training: Training, market: MarketDynamics, fake: FakeTradeMaster
) -> None:
    session = await trained(training)
    await told(market.label(WANTED, session))
    await told(market.test(session, 1))
    fake.mood.crash_after = 20
    events = await told(market.test(session, 1))
    assert isinstance(events[-1], Failed)
    assert events[-1].code is Trouble.FAILED
    fake.mood.crash_after = None
    assert isinstance((await told(market.test(session, 1)))[-1], Finished)


async def test_a_regime_that_the_test_data_does_not_have(training: Training, market: MarketDynamics) -> None:
    session = await trained(training)
    await told(market.label(WANTED, session))
    events = await told(market.test(session, 9))
    message = "ValueError: AlgorithmicTradingDataset: The there is no market of this style in the test dataset"
    assert events[-1] == Failed(Trouble.FAILED, message)


async def test_a_session_without_an_agent_is_silent_and_given_up(market: MarketDynamics, waiting: Waiting) -> None:
    events = await told(market.label_upload(ID, ROWS, Labelling("")))
    session = next(event.session_id for event in events if isinstance(event, SessionStarted))
    events = await told(market.test(session, 0))
    assert isinstance(events[-1], Failed)
    assert events[-1].code is Trouble.STALLED
    assert waiting.passed < timedelta(minutes=40)


@pytest.mark.parametrize("session", ["gone", "3b17a818-e4b0-11f1-a65f-02fc00000001"])
async def test_a_session_that_is_gone_before_anything_begins(market: MarketDynamics, session: str) -> None:
    for events in (await told(market.test(session, 1)), await told(market.label(WANTED, session))):
        assert isinstance(events[-1], Failed)
        assert (len(events), events[-1].code) == (1, Trouble.LOST)


async def test_a_session_lost_between_the_pictures_and_the_saving(
    market: MarketDynamics, fake: FakeTradeMaster
) -> None:
    events = list[Event]()
    async for event in market.label(WANTED):
        events.append(event)
        if isinstance(event, Artefact):
            fake.restart()
    assert isinstance(events[-1], Failed)
    assert events[-1].code is Trouble.LOST


async def test_an_agent_whose_dynamics_test_crashes(training: Training, market: MarketDynamics) -> None:
    events = await told(training.run(EIIE))
    assert isinstance(events[0], SessionStarted)
    await told(market.label(WANTED, events[0].session_id))
    events = await told(market.test(events[0].session_id, 0))
    assert events[-1] == Failed(Trouble.FAILED, "KeyError: \"PortfolioManagementEIIEEnvironment: 'zopen'\"")
    assert dynamics_test_doubts(EIIE.dataset_name, EIIE.agent_name)
    assert not dynamics_test_doubts(BTC.dataset_name, BTC.agent_name)


async def test_a_lost_session(
    training: Training, market: MarketDynamics, fake: FakeTradeMaster, waiting: Waiting
) -> None:
    session = await trained(training)
    await told(market.label(WANTED, session))
    waits = len(waiting.waits)
    waiting.then = lambda: fake.restart() if len(waiting.waits) == waits + 2 else None
    events = await told(market.test(session, 1))
    assert isinstance(events[-1], Failed)
    assert events[-1].code is Trouble.LOST
