"""A training on the service, from the order to the test's numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from tests.support.trademaster.fake import FakeTradeMaster
from tests.support.trademaster.recorded import log, sent
from tests.support.trademaster.runs import PNG
from tests.support.trademaster.waiting import FreeTurnstile, Waiting
from workers.engines.trademaster.breaker import Breaker
from workers.engines.trademaster.client import TradeMasterClient
from workers.engines.trademaster.events import (
    Artefact,
    Event,
    Failed,
    Finished,
    Level,
    Log,
    Metric,
    Place,
    Progress,
    SessionStarted,
    Split,
    Stage,
    Trouble,
)
from workers.engines.trademaster.following import MISSED
from workers.engines.trademaster.logs.measures import Measure, Unit
from workers.engines.trademaster.logs.parser import shown
from workers.engines.trademaster.offer import TrainingWords
from workers.engines.trademaster.pace import Pace
from workers.engines.trademaster.session import Training

BTC = TrainingWords("algorithmic_trading", "algorithmic_trading:BTC", "algorithmic_trading:deepscalper", "adam", "mse")
PD = TrainingWords("order_execution", "order_execution:PD_BTC", "order_execution:pd", "adam", "mse")
EIIE = TrainingWords("portfolio_management", "portfolio_management:dj30", "portfolio_management:eiie", "adam", "mse")

# As the service itself printed them.
RESULT = {
    "total_return": Measure(17.242411, Unit.PERCENT),
    "sharpe_ratio": Measure(0.462133),
    "volatility": Measure(2.009390, Unit.PERCENT),
    "max_drawdown": Measure(46.642089, Unit.PERCENT),
}
STALL = timedelta(minutes=15)


async def told(events: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in events]


def lines(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Log) and event.level is Level.INFO]


def warnings(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Log) and event.level is Level.WARNING]


def printed(*names: str) -> list[str]:
    return [shown(line) for name in names for line in sent(log(name)).split("\n")[:-1]]


def numbers(events: list[Event]) -> list[int]:
    return [event.number for event in events if isinstance(event, (Log, Metric)) and event.number is not None]


async def test_a_training_and_its_test(training: Training, fake: FakeTradeMaster) -> None:
    events = await told(training.run(BTC))
    session = next(iter(fake.sessions))
    assert events[:2] == [SessionStarted(session), Place(session, Stage.TRAIN)]
    assert lines(events) == printed("deepscalper_train", "deepscalper_test")
    metrics = [event for event in events if isinstance(event, Metric)]
    assert len(metrics) == 41
    assert (metrics[-1].split, metrics[-1].values) == (Split.TEST, RESULT)
    artefacts = [event for event in events if isinstance(event, Artefact)]
    assert artefacts == [Artefact("validation.png", "image/png", PNG), Artefact("test.png", "image/png", PNG)]
    assert [event.share for event in events if isinstance(event, Progress)][-1] == 1.0
    assert events[-1] == Finished(RESULT)
    assert [fake.called(name) for name in ("train", "test")] == [1, 1]


async def test_it_waits_longer_while_nothing_comes(training: Training, fake: FakeTradeMaster, waiting: Waiting) -> None:
    fake.mood.silent_after = 4
    waiting.then = lambda: setattr(fake.mood, "silent_after", None if len(waiting.waits) > 9 else 4)
    await told(training.run(EIIE))
    assert waiting.waits[:9] == [2, 2, 3, 4.5, 6.75, 10.125, 15.1875, 22.78125, 30]
    assert max(waiting.waits) == 30


async def test_what_is_done_is_not_fetched_again(training: Training, fake: FakeTradeMaster) -> None:
    fake.mood.lines_per_poll = 1_000
    await told(training.run(BTC))
    assert [fake.called(name) for name in ("train_status", "test_status")] == [2, 2]


@pytest.mark.parametrize("kept", range(10))
async def test_it_goes_on_after_a_restart_as_if_nothing_had_happened(
    training: Training, fake: FakeTradeMaster, kept: int
) -> None:
    """The worker dies somewhere; what came up to the last place was kept, what came after it is lost."""
    before, places = list[Event](), 0
    async for event in training.run(BTC):
        before.append(event)
        places += isinstance(event, Place)
        if places > kept:
            break
    place = before[-1]
    assert isinstance(place, Place)
    assert Place.unpacked(place.packed()) == place
    events = before + await told(training.resume(place))
    assert lines(events) == printed("deepscalper_train", "deepscalper_test")
    assert len([event for event in events if isinstance(event, Metric)]) == 41
    assert numbers(events) == list(range(1, 256 + 41 + 1))
    assert len([event for event in events if isinstance(event, Artefact)]) == 2
    assert events[-1] == Finished(RESULT)
    assert fake.called("train") == 1


async def test_an_old_place_tells_the_same_under_the_same_numbers(training: Training, fake: FakeTradeMaster) -> None:
    """So that one who counts can leave out what is known."""
    events = await told(training.run(BTC))
    facts = {event.number: event for event in events if isinstance(event, (Log, Metric)) and event.number}
    for place in [event for event in events if isinstance(event, Place)]:
        again = await told(training.resume(place))
        assert all(facts[event.number] == event for event in again if isinstance(event, (Log, Metric)) and event.number)
        assert not numbers(again) or numbers(again)[0] == place.told + 1


async def test_what_was_not_kept_comes_again(training: Training, fake: FakeTradeMaster) -> None:
    events, place = list[Event](), Place("", Stage.TRAIN)
    async for event in training.run(BTC):
        events.append(event)
        if isinstance(event, Place):
            place = event
            kept = len(events)
        if place.count > 100 and isinstance(event, Metric):
            break
    events = events[:kept] + await told(training.resume(place))
    assert lines(events) == printed("deepscalper_train", "deepscalper_test")


async def test_the_restart_of_a_finished_run_finds_its_end(training: Training, fake: FakeTradeMaster) -> None:
    events = await told(training.run(BTC))
    last = [event for event in events if isinstance(event, Place)][-1]
    assert last.stage is Stage.TEST
    again = await told(training.resume(last))
    assert again == [Artefact("test.png", "image/png", PNG), Finished(RESULT)]


async def test_a_crash_ends_with_the_last_line_of_its_traceback(training: Training, fake: FakeTradeMaster) -> None:
    events = await told(training.run(PD))
    assert events[-1] == Failed(Trouble.FAILED, "KeyError: 'market_features_dict'")
    assert len([event for event in events if isinstance(event, Metric)]) == 31
    assert fake.called("test") == 0


async def test_a_crash_in_the_middle(training: Training, fake: FakeTradeMaster) -> None:
    fake.mood.crash_after = 57
    events = await told(training.run(BTC))
    assert events[-1] == Failed(Trouble.FAILED, "KeyError: 'market_features_dict'")


async def test_a_crash_of_the_test(training: Training, fake: FakeTradeMaster, waiting: Waiting) -> None:
    waiting.then = lambda: setattr(fake.mood, "crash_after", 6)
    events = await told(training.run(BTC))
    assert events[-1] == Failed(Trouble.FAILED, "KeyError: 'market_features_dict'")
    assert [event.name for event in events if isinstance(event, Artefact)] == ["validation.png"]


async def test_a_refusal_says_why(training: Training) -> None:
    events = await told(training.run(replace(BTC, dataset_name="algorithmic_trading:JPM")))
    assert len(events) == 1
    assert isinstance(events[0], Failed)
    assert (events[0].code, events[0].again) == (Trouble.DECLINED, False)
    assert events[0].message.endswith('adam_mse.py" does not exist (FileNotFoundError)')


async def test_silence_is_warned_of_and_then_given_up(
    training: Training, fake: FakeTradeMaster, waiting: Waiting
) -> None:
    fake.mood.silent_after = 57
    events = await told(training.run(BTC))
    assert isinstance(events[-1], Failed)
    assert events[-1].code is Trouble.STALLED
    silent = [message for message in warnings(events) if message.startswith("The service has printed nothing")]
    assert len(silent) == 1
    assert 2 * STALL <= waiting.passed < 2 * STALL + timedelta(minutes=2)


async def test_silence_that_ends_in_time_is_only_warned_of(
    training: Training, fake: FakeTradeMaster, waiting: Waiting
) -> None:
    fake.mood.silent_after = 57
    waiting.then = lambda: setattr(fake.mood, "silent_after", None if waiting.passed > 1.5 * STALL else 57)
    events = await told(training.run(BTC))
    assert events[-1] == Finished(RESULT)
    assert len(warnings(events)) == 2


async def test_a_lost_session_is_lost(training: Training, fake: FakeTradeMaster, waiting: Waiting) -> None:
    waiting.then = lambda: fake.restart() if len(waiting.waits) == 3 else None
    events = await told(training.run(BTC))
    assert isinstance(events[-1], Failed)
    assert events[-1].code is Trouble.LOST
    assert waiting.passed < timedelta(minutes=1)


async def test_a_session_that_is_not_found_for_a_moment_is_not_lost(
    training: Training, fake: FakeTradeMaster, waiting: Waiting
) -> None:
    hidden = {}

    def hide() -> None:
        if len(waiting.waits) == 3:
            hidden.update(fake.sessions)
            fake.restart()
        else:
            fake.sessions.update(hidden)

    waiting.then = hide
    assert (await told(training.run(BTC)))[-1] == Finished(RESULT)


async def test_a_session_lost_between_training_and_test(
    training: Training, fake: FakeTradeMaster, waiting: Waiting
) -> None:
    events = list[Event]()
    async for event in training.run(BTC):
        events.append(event)
        if isinstance(event, Artefact):
            fake.restart()
    assert isinstance(events[-1], Failed)
    assert events[-1].code is Trouble.LOST


async def test_a_service_that_is_away_for_a_while(training: Training, fake: FakeTradeMaster, waiting: Waiting) -> None:
    waiting.then = lambda: setattr(fake.mood, "broken", 20) if len(waiting.waits) == 2 else None
    events = await told(training.run(BTC))
    assert events[-1] == Finished(RESULT)
    assert lines(events)[-1] == "test end"
    assert [message for message in lines(events) if "answers again" in message] == ["The service answers again."]
    assert len([message for message in warnings(events) if message.endswith("It will be asked again.")]) == 1


async def test_a_service_that_stays_away(training: Training, fake: FakeTradeMaster, waiting: Waiting) -> None:
    waiting.then = lambda: setattr(fake.mood, "broken", 10_000) if len(waiting.waits) == 2 else None
    events = await told(training.run(BTC))
    assert isinstance(events[-1], Failed)
    assert (events[-1].code, events[-1].again) == (Trouble.UNREACHABLE, False)
    assert timedelta(minutes=15) <= waiting.passed < timedelta(minutes=17)


async def test_a_service_that_is_slow(training: Training, fake: FakeTradeMaster, waiting: Waiting) -> None:
    waiting.then = lambda: setattr(fake.mood, "slow_s", 60 if len(waiting.waits) == 2 else 0)
    assert (await told(training.run(BTC)))[-1] == Finished(RESULT)


async def test_an_order_without_an_answer_is_not_given_twice(training: Training, fake: FakeTradeMaster) -> None:
    fake.mood.deaf = True
    events = await told(training.run(BTC))
    assert len(events) == 1
    assert isinstance(events[0], Failed)
    assert (events[0].code, events[0].again, fake.called("train")) == (Trouble.UNANSWERED, False, 1)


async def test_a_test_without_an_answer_is_looked_for(
    training: Training, fake: FakeTradeMaster, waiting: Waiting
) -> None:
    waiting.then = lambda: setattr(fake.mood, "deaf", True)
    events = await told(training.run(BTC))
    assert events[-1] == Finished(RESULT)
    assert fake.called("test") == 1


async def test_more_lines_than_the_service_shows(training: Training, fake: FakeTradeMaster) -> None:
    fake.mood.extra_lines, fake.mood.lines_per_poll = 5_000, 2_400
    events = await told(training.run(BTC))
    assert warnings(events).count(MISSED) >= 2
    assert events[-1] == Finished(RESULT)


async def test_many_lines_that_come_in_time_are_all_read(training: Training, fake: FakeTradeMaster) -> None:
    fake.mood.extra_lines, fake.mood.lines_per_poll = 5_000, 1_900
    events = await told(training.run(BTC))
    assert MISSED not in warnings(events)
    extra = [f"warning {number}" for number in range(5_000)]
    assert lines(events) == [*extra, *printed("deepscalper_train"), *extra, *printed("deepscalper_test")]


async def test_a_restart_within_a_long_log(training: Training, fake: FakeTradeMaster) -> None:
    fake.mood.extra_lines, fake.mood.lines_per_poll = 3_000, 1_100
    before = list[Event]()
    async for event in training.run(BTC):
        before.append(event)
        if isinstance(event, Place) and event.count > 2_000:
            assert len(event.tail) == 200
            break
    assert isinstance(event, Place)
    after = await told(training.resume(event))
    extra = [f"warning {number}" for number in range(3_000)]
    assert lines(before + after) == [*extra, *printed("deepscalper_train"), *extra, *printed("deepscalper_test")]


async def test_the_end_without_a_picture(training: Training, fake: FakeTradeMaster, waiting: Waiting) -> None:
    fake.mood.late_results = 3
    events = await told(training.run(BTC))
    assert len([event for event in events if isinstance(event, Artefact)]) == 2
    fake.mood.late_results = 10_000
    events = await told(training.run(BTC))
    assert not [event for event in events if isinstance(event, Artefact)]
    assert events[-1] == Finished(RESULT)
    ended = [message for message in warnings(events) if message.startswith("The service has ended without")]
    assert len(ended) == 2
    assert waiting.passed < timedelta(minutes=10)


async def test_the_flag_alone_ends_nothing(pace: Pace, breaker: Breaker, waiting: Waiting) -> None:
    said = {"info": "Train Episode: [1/2]\nno train end\n", "train_end": True, "result_plot": None}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=said))
    async with TradeMasterClient("http://x", breaker=breaker, sleep=waiting.sleep, transport=transport) as client:
        training = Training(client=client, service="lab", turnstile=FreeTurnstile(), pace=pace)
        events = await told(training.resume(Place("a", Stage.TRAIN)))
    assert isinstance(events[-1], Failed)
    assert events[-1].code is Trouble.STALLED


async def test_a_last_line_that_has_no_end(pace: Pace, breaker: Breaker, waiting: Waiting) -> None:
    said = {"info": "Test Best Episode\ntest end", "test_end": True, "result_plot": "aWNvbg=="}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=said))
    async with TradeMasterClient("http://x", breaker=breaker, sleep=waiting.sleep, transport=transport) as client:
        training = Training(client=client, service="lab", turnstile=FreeTurnstile(), pace=pace)
        events = await told(training.resume(Place("a", Stage.TEST)))
    assert lines(events) == ["Test Best Episode", "test end"]
    assert events[-2:] == [Artefact("test.png", "image/png", b"icon"), Finished({})]


async def test_one_that_nobody_wants_is_watched_until_it_ends(training: Training, fake: FakeTradeMaster) -> None:
    async for event in training.run(BTC):
        if isinstance(event, Place) and event.count:
            break
    assert isinstance(event, Place)
    await training.until_free(event)
    assert fake.sessions[event.session_id].train is not None
    assert not fake.sessions[event.session_id].busy
    assert fake.called("test") == 0


class Script:
    """A service that says one thing after the other, and then the last one for ever."""

    def __init__(self, *infos: str) -> None:
        self.infos = list(infos)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        info = self.infos.pop(0) if len(self.infos) > 1 else self.infos[0]
        return httpx.Response(200, json={"info": info, "test_end": False, "result_plot": "aWNvbg=="})


@pytest.fixture
def scripted(pace: Pace, breaker: Breaker, waiting: Waiting) -> Callable[..., Awaitable[list[Event]]]:
    async def run(*infos: str) -> list[Event]:
        transport = httpx.MockTransport(Script(*infos))
        async with TradeMasterClient("http://x", breaker=breaker, sleep=waiting.sleep, transport=transport) as client:
            training = Training(client=client, service="lab", turnstile=FreeTurnstile(), pace=pace)
            return await told(training.resume(Place("a", Stage.TEST)))

    return run


TRACE = "Traceback (most recent call last):\n  File x\nKeyError: 'a'\n"


async def test_a_traceback_that_the_run_copes_with(scripted: Callable[..., Awaitable[list[Event]]]) -> None:
    events = await scripted(TRACE, f"{TRACE}Test Best Episode\n", f"{TRACE}Test Best Episode\ntest end\n")
    assert events[-1] == Finished({})


async def test_a_traceback_after_which_nothing_comes(scripted: Callable[..., Awaitable[list[Event]]]) -> None:
    assert (await scripted(TRACE))[-1] == Failed(Trouble.FAILED, "KeyError: 'a'")


async def test_a_progress_bar_that_grows_is_not_silence(
    scripted: Callable[..., Awaitable[list[Event]]], waiting: Waiting
) -> None:
    bars = ["\r 10%|" + "=" * number for number in range(200)]
    events = await scripted(*bars, "\rdone\ntest end\n")
    assert waiting.passed > 2 * STALL
    assert (lines(events), warnings(events), events[-1]) == (["done", "test end"], [], Finished({}))


async def test_a_log_that_begins_anew_says_so(scripted: Callable[..., Awaitable[list[Event]]]) -> None:
    events = await scripted("one\ntwo\n", "three\n", "three\ntest end\n")
    assert lines(events) == ["one", "two", "three", "test end"]
    assert warnings(events) == ["The log began anew on the service."]
