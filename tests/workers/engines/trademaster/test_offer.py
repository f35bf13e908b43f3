"""Only what a service offers is sent to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.errors import Code, Refused
from domain.trainings.remote import Choice, Standing
from tests.support.clock import StandingClock
from tests.support.trademaster.recorded import answer, recording
from workers.engines.trademaster.errors import Unreachable
from workers.engines.trademaster.labelling_offer import Labelling, LabellingOffer
from workers.engines.trademaster.offer import Offer, OfferBook

BTC, DEEPSCALPER = "algorithmic_trading:BTC", "algorithmic_trading:deepscalper"
GOOD = Choice(BTC, DEEPSCALPER)
OFFER = Offer.of(answer("getParameters"))
LABELLING = LabellingOffer.of(answer("evaluation_getParameters_nosession"))


def refused(choice: Choice) -> list[tuple[Code, tuple[str, ...]]]:
    with pytest.raises(Refused) as caught:
        OFFER.words(choice)
    return [(problem.code, problem.field) for problem in caught.value.problems]


def test_what_the_service_offers() -> None:
    assert OFFER.tasks == ("algorithmic_trading", "order_execution", "portfolio_management")
    assert len(OFFER.datasets) == 7
    assert len(OFFER.agents) == 12
    assert (OFFER.optimizers, OFFER.losses) == (("adam",), ("mse",))
    assert OFFER.range_of(BTC) == (date(2015, 10, 1), date(2021, 7, 6))


def test_days_that_cannot_be_chosen() -> None:
    assert OFFER.range_of("algorithmic_trading:JPM") is None
    # The service has them the wrong way round.
    assert OFFER.range_of("order_execution:BTC") is None


def test_what_is_known_not_to_work_is_flagged() -> None:
    pairs = {(pair.dataset, pair.agent): pair for pair in OFFER.pairs()}
    assert len(pairs) == 3 * 1 + 2 * 2 + 2 * 9
    assert pairs[BTC, DEEPSCALPER].standing is Standing.WORKS
    assert pairs["algorithmic_trading:JPM", DEEPSCALPER].standing is Standing.FAILS
    assert pairs["order_execution:BTC", "order_execution:pd"].standing is Standing.FAILS
    assert pairs["order_execution:PD_BTC", "order_execution:pd"].standing is Standing.DOUBTFUL
    assert pairs["portfolio_management:exchange", "portfolio_management:ppo"].standing is Standing.DOUBTFUL
    assert pairs["algorithmic_trading:FX", DEEPSCALPER].standing is Standing.UNTRIED
    assert all(pair.reason for pair in pairs.values() if pair.standing in {Standing.FAILS, Standing.DOUBTFUL})


def test_a_good_choice_becomes_words() -> None:
    body = recording("train_deepscalper")["body"]
    assert OFFER.words(replace(GOOD, start=date(2015, 10, 1), end=date(2021, 7, 6))).body() == body
    assert OFFER.words(GOOD).body() == {key: body[key] for key in body if key not in {"start_date", "end_date"}}
    assert OFFER.doubts(GOOD) == ""
    assert OFFER.doubts(Choice("order_execution:PD_BTC", "order_execution:pd")) != ""


@pytest.mark.parametrize(
    ("choice", "problems"),
    [
        (replace(GOOD, dataset="algorithmic_trading:BTC; rm -rf /"), [(Code.UNKNOWN, ("dataset",))]),
        (replace(GOOD, agent="algorithmic_trading:$(id)"), [(Code.UNKNOWN, ("agent",))]),
        (replace(GOOD, optimizer="sgd", loss="mae"), [(Code.UNKNOWN, ("optimizer",)), (Code.UNKNOWN, ("loss",))]),
        (replace(GOOD, agent="order_execution:pd"), [(Code.INVALID, ("agent",))]),
        (replace(GOOD, dataset="algorithmic_trading:JPM"), [(Code.INVALID, ("dataset",))]),
        (replace(GOOD, start=date(2016, 1, 1)), [(Code.REQUIRED, ("end",))]),
        (replace(GOOD, end=date(2016, 1, 1)), [(Code.REQUIRED, ("start",))]),
        (replace(GOOD, start=date(2019, 1, 1), end=date(2001, 1, 1)), [(Code.OUT_OF_RANGE, ("end",))]),
        (replace(GOOD, start=date(2019, 1, 1), end=date(2019, 1, 1)), [(Code.OUT_OF_RANGE, ("end",))]),
        (
            replace(GOOD, start=date(2015, 9, 30), end=date(2021, 7, 7)),
            [(Code.OUT_OF_RANGE, ("start",)), (Code.OUT_OF_RANGE, ("end",))],
        ),
        (
            Choice("order_execution:BTC", "order_execution:eteo", start=date(2021, 3, 1), end=date(2021, 4, 1)),
            [(Code.INVALID, ("start",))],
        ),
    ],
)
def test_what_the_service_cannot_run_is_refused(choice: Choice, problems: list[tuple[Code, tuple[str, ...]]]) -> None:
    assert refused(choice) == problems


def test_odd_names_of_the_service_are_not_taken() -> None:
    offer = Offer.of({"dataset_name": ["a:b", "a:b;c", "../x", 5, "a"], "agent_name": None, "start_date": []})
    assert (offer.datasets, offer.agents, offer.starts) == (("a:b",), (), {})


class Service:
    def __init__(self) -> None:
        self.asked = 0
        self.away = False

    async def offer(self) -> Offer:
        if self.away:
            raise Unreachable("away")
        self.asked += 1
        return OFFER


async def test_an_offer_is_asked_for_when_it_is_old_or_wanted_fresh() -> None:
    clock, service = StandingClock(), Service()
    book = OfferBook(service, clock=clock, keep=timedelta(minutes=10))
    for advance, fresh, asked in ((0, False, 1), (9, False, 1), (1, False, 2), (0, True, 3)):
        clock.advance(minutes=advance)
        assert await book.get(fresh=fresh) is OFFER
        assert service.asked == asked
    assert book.asked_at == clock.now
    service.away = True
    with pytest.raises(Unreachable):
        await book.get(fresh=True)


def test_a_labelling_with_the_service_s_own_settings() -> None:
    words = LABELLING.words(Labelling(BTC, regimes=3))
    body = recording("start_market_dynamics_labeling")["body"]
    assert {key: getattr(words, key) for key in body if key != "session_id"} == {
        key: value for key, value in body.items() if key != "session_id"
    }
    assert LABELLING.labels == (0, 1, 2, 3)


def test_an_offer_of_labelling_that_makes_no_sense_offers_nothing() -> None:
    for odd in (None, 5, "x", ["x"], {"x": 1}):
        keys = answer("evaluation_getParameters_nosession")
        offer = LabellingOffer.of(dict.fromkeys(keys, odd) | {"dataset_name": [BTC]})
        assert (offer.labels, offer.regimes) == ((), 5)
        with pytest.raises(Refused) as caught:
            offer.words(Labelling(BTC))
        assert caught.value.problems[0].code is Code.INVALID


def test_a_labelling_with_settings_of_one_s_own() -> None:
    wanted = Labelling(BTC, date(2016, 1, 1), date(2017, 1, 1), 4, 12, 2, 72, 0.05, 2)
    words = LABELLING.words(wanted)
    assert (words.startDate, words.endDate, words.number_of_market_style) == ("2016-01-01", "2017-01-01", "4")
    assert (words.min_length_limit, words.filter_strength, words.max_length_expectation) == ("12", "2", "72")
    assert (words.merging_threshold, words.merging_dynamic_constraint) == ("0.05", 2)


def test_an_upload_says_of_its_days_what_the_service_said() -> None:
    offer = LabellingOffer.of(answer("evaluation_getParameters_custom"))
    words = offer.words(Labelling("custom:mydata", regimes=3))
    body = recording("start_mdm_custom")["body"]
    assert {key: getattr(words, key) for key in body if key != "session_id"} == {
        key: value for key, value in body.items() if key != "session_id"
    }


@pytest.mark.parametrize(
    ("wanted", "problems"),
    [
        (Labelling("algorithmic_trading:x; id"), [(Code.UNKNOWN, ("dataset",))]),
        (Labelling("order_execution:BTC"), [(Code.UNKNOWN, ("dataset",))]),
        (
            Labelling(BTC, regimes=1, min_length=0, merging_threshold=float("nan")),
            [(Code.OUT_OF_RANGE, (name,)) for name in ("regimes", "min_length", "merging_threshold")],
        ),
        (Labelling(BTC, start=date(2000, 1, 1)), [(Code.OUT_OF_RANGE, ("start",))]),
        (Labelling(BTC, end=date(2030, 1, 1)), [(Code.OUT_OF_RANGE, ("end",))]),
        (Labelling(BTC, date(2017, 1, 1), date(2016, 1, 1)), [(Code.OUT_OF_RANGE, ("start",))]),
    ],
)
def test_what_cannot_be_labelled_is_refused(wanted: Labelling, problems: list[tuple[Code, tuple[str, ...]]]) -> None:
    with pytest.raises(Refused) as caught:
        LABELLING.words(wanted)
    assert [(problem.code, problem.field) for problem in caught.value.problems] == problems
