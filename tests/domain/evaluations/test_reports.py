"""The report: its verdict, what it says of all states, and that it is text and nothing else."""

from __future__ import annotations

import asyncio
from html.parser import HTMLParser
from typing import Any

import pytest

from domain.blobs import Content, Owner
from domain.errors import Code, Refused
from domain.evaluations.model import Evaluation, EvaluationKind
from domain.evaluations.pictures.material import PictureFiles
from domain.evaluations.report import orders, verdict, words
from domain.evaluations.report.beware import warnings
from domain.evaluations.report.service import EvaluationReports, shown_in
from domain.evaluations.told import Told, telling
from domain.pictures.names import PictureKind
from tests.support.pictures import COMPARED, FOLD, SETUP, STRESSED, WALKED, an_ended, an_execution, entry

EVIL = "<script>alert(1)</script> & \u202eco"
DOUBT = "this way of training does not hold: what looked good on one split may have been luck."
MANY: dict[str, Any] = {"scenarios": [STRESSED], "folds": [FOLD], "comparison": COMPARED, "walk": WALKED}


class NoFiles:
    async def content_of(self, owner: Owner) -> Content | None:
        return None


def written(evaluation: Evaluation) -> str:
    nothing: Any = None
    files = PictureFiles(blobs=NoFiles(), storage=nothing, tables=nothing)
    return asyncio.run(EvaluationReports(files).html(evaluation))


class Seen(HTMLParser):
    """Elements, their attributes, and texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.texts)


# Headlines.


def headline(told: dict[str, Any] | None = None, *keys: str, **figures: float | None) -> str:
    entries = [entry("model-1", **figures), *(entry(key) for key in (*keys, "buy_and_hold", "equal_weight", "random"))]
    return verdict.headline(Told(an_ended("model-1", *keys, told={"entries": entries} | (told or {}))))


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"total_return": 0.1}, "The model earned, but not more than buying and holding."),
        (
            {"total_return": 0.3, "probabilistic_sharpe": 0.99},
            "The model earned more than everything that needs no skill.",
        ),
        (
            {"total_return": 0.3, "probabilistic_sharpe": 0.9},
            "The model earned more than everything that needs no skill, but chance may explain that.",
        ),
        (
            {"total_return": 0.3, "probabilistic_sharpe": 0.99, "deflated_sharpe": 0.4},
            "The model earned more than everything that needs no skill, but chance may explain that.",
        ),
        ({"total_return": -0.1}, "The model lost money, buying and holding did not."),
        ({"total_return": 0.0}, "The model neither earned nor lost."),
        ({"total_return": None}, "The model has no figures: nothing can be said of it."),
    ],
)
def test_the_verdict_of_one(figures: dict[str, float | None], said: str) -> None:
    assert headline(**figures) == said


@pytest.mark.parametrize(("held", "said"), [(-0.3, "more"), (-0.05, "less"), (-0.1 + 1e-15, "as much")])
def test_losing_with_the_market(held: float, said: str) -> None:
    entries = [entry("model-1", total_return=-0.1), entry("buy_and_hold", total_return=held)]
    told = Told(an_ended(told={"entries": entries}))
    assert verdict.headline(told) == f"The model lost money; buying and holding lost {said}."


@pytest.mark.parametrize(
    ("beat_all", "annual", "said"),
    [
        (1.0, 0.1, "It was ahead of each baseline in 3 of them, so this way of training holds from window to window."),
        (2 / 3, -0.1, f"It was ahead of each baseline in 2 of them, so {DOUBT}"),
        (1 / 3, 0.1, f"It was ahead of each baseline in 1 of them, so {DOUBT}"),
        (0.0, None, f"It was ahead of each baseline in 0 of them, so {DOUBT}"),
    ],
)
def test_whether_a_way_of_training_holds(beat_all: float, annual: float | None, said: str) -> None:
    """In the words of the log."""
    walk = WALKED | {"beat_all": beat_all, "annual_return": annual}
    assert [*verdict.sentences(Told(an_ended(told={"folds": [FOLD] * 3, "walk": walk})))][-1] == said


def test_of_several_symbols_equal_weights_are_something_else() -> None:
    told = {"symbols": ["AAA", "BBB"]}
    assert (
        headline(told, total_return=0.1) == "The model earned, but not more than buying and holding and equal weights."
    )


def test_the_verdict_of_several() -> None:
    undecided = headline({"comparison": COMPARED}, "model-2")
    assert undecided == "Nobody is shown to be best. model-2: Agent earned the most, but chance may explain that."
    decided = headline({"comparison": COMPARED | {"winner": "buy_and_hold"}}, "model-2")
    assert decided == "Buy and hold is better than each other one, beyond chance."
    assert headline({}, "model-2") == "2 models were judged on the same bars."


def test_who_looks_ahead_is_not_praised() -> None:
    caught = entry("model-1", total_return=9.0) | {"warnings": ["looks_ahead"]}
    told = Told(an_ended(told={"entries": [caught, entry("buy_and_hold")]}))
    assert verdict.headline(told) == "Do not trust these figures: Agent knew what came afterwards."
    assert [what for what, _ in warnings(told)] == ["Agent looks ahead."]


def test_the_verdict_of_orders() -> None:
    told = Told(an_execution())
    assert verdict.headline(told) == "The model works orders off cheaper than each other one, beyond chance."
    paid, what = verdict.sentences(told)
    assert paid == (
        "The model paid +2.00 basis points on average, against the price when each order came; even slices (TWAP) cost "
        "+3.50. Less than 0 is a gain. Its dearest orders cost +9.00."
    )
    assert what == "There were 20 orders to sell 100 within 30 bars each."


def test_what_is_said_of_an_account() -> None:
    earned, fell, luck, stressed = verdict.sentences(Told(an_ended(told={"scenarios": [STRESSED], "trials": 7})))
    assert earned == (
        "The model turned 100,000 into 110,000: +10.00% in all, +10.00% a year, after 12.50 of costs. "
        "Buying and holding came to +20.00%."
    )
    assert fell == (
        "Its deepest fall was \u221210.00%, from 2 Jan 2020 to 3 Jan 2020, not made good by the end; buying and "
        "holding fell \u221210.00%."
    )
    assert luck == (
        "Its Sharpe ratio is 1.00. By the length and shape of its returns, the true one is above 0, and beyond what "
        "luck gives the best of 7 tried, with a likelihood of 80%, so it may well be chance."
    )
    assert stressed == "The model came to \u221230.00% at worst under stress (Crash: prices fall by 30%)."


def test_what_to_beware_of() -> None:
    synthetic = {"dataset": {"name": "Made", "data_type": "synthetic"}}
    seen = {"entries": [entry("model-1") | {"warnings": ["trained_on"]}]}
    said = [what for what, _ in warnings(Told(an_ended(told=seen, parameters=synthetic)))]
    assert said == ["Synthetic data.", "Trained on these bars: Agent."]
    assert list(warnings(Told(an_ended()))) == []


def test_some_orders_are_really_cheaper() -> None:
    differences = [
        {"first": "model-1", "second": "twap", "real": True},
        {"first": "model-1", "second": "arrival", "real": False},
    ]
    compared: dict[str, Any] = {"ranking": ["model-1", "twap", "arrival"], "winner": None, "differences": differences}
    told = Told(an_execution())
    some = "The model works orders off cheaper than TWAP (evenly), beyond chance; than others, chance may explain it."
    assert orders.headline(told, compared) == some
    none = [each | {"real": False} for each in differences]
    nobody = "Nobody is shown to be best. The model was the cheapest, but chance may explain that."
    assert orders.headline(told, compared | {"differences": none}) == nobody


# The page.


@pytest.mark.parametrize(
    "evaluation",
    [
        an_ended(name=EVIL),
        an_ended("model-1", "model-2", told=MANY, kind=EvaluationKind.COMPARISON),
        an_execution(),
        an_ended(told={"entries": [{**entry("model-1"), "distribution": None, "name": EVIL}]}),
        an_ended(told={"entries": [entry("model-1", total_return=None, sharpe=None) | {"drawdowns": []}]}),
        an_ended(parameters={"dataset": {}, "setup": {}, "split": None}),
    ],
)
def test_a_page_of_its_own(evaluation: Evaluation) -> None:
    html = written(evaluation)
    seen = Seen(html)
    assert html.startswith("<!doctype html>")
    assert not {"script", "img", "link", "iframe", "object", "a", "form"} & set(seen.tags)
    assert not {"src", "href", "xlink:href", "onload"} & seen.attributes
    assert "url(" not in html
    assert len(seen.ids) == len(set(seen.ids))
    assert "\u202e" not in html
    assert seen.tags.count("svg") == 2 * len(shown_in(evaluation))
    assert verdict.headline(Told(evaluation)).replace("\u202e", "") in seen.text


def test_what_a_page_tells() -> None:
    told = MANY | {
        "by_regime": [{"regime": "RISING_CALM", "bars": 2, "entries": [{"key": "model-1", "total_return": 0.1}]}]
    }
    seen = Seen(written(an_ended("model-1", "model-2", told=told, parameters={"setup": SETUP | {"latency_bars": 2}})))
    for text in (
        "sha256 " + "ab" * 32,
        "sha256 " + "cd" * 32,
        "1 Jan 2020 to 3 Jan 2020 UTC, 3 bars, 252 a year",
        "TEST: bars that the models had not seen in training",
        "0.1% of what is traded, and 0% slippage",
        "2 bars after the decision",
        "Rising, calm",
        "CRASH 0.3",
        "model-2: Agent over model-1: Agent",
        "\u221210.00% to +30.00%",
        "2 Jan 2020 to 3 Jan 2020",
        "How it is counted",
    ):
        assert text in seen.text, text


def test_equal_evaluations_give_equal_pages() -> None:
    assert written(an_ended(told=MANY)) == written(an_ended(told=MANY))


def test_no_page_before_the_end() -> None:
    with pytest.raises(Refused) as refused:
        written(an_ended(result=None))
    assert [(problem.code, problem.field) for problem in refused.value.problems] == [(Code.WRONG_STATE, ("part",))]


def test_pictures_of_their_own_are_of_few_models() -> None:
    many = an_ended(*(f"model-{place}" for place in range(1, 8)))
    months = [offer.key for offer in shown_in(many) if offer.kind is PictureKind.MONTHLY]
    assert months == ["model-1", "model-2", "model-3", "model-4"]
    of_one = {offer.kind for offer in shown_in(many)}
    assert (PictureKind.TRADES in of_one, PictureKind.WEIGHTS in of_one) == (True, False)
    several = {offer.kind for offer in shown_in(an_ended(told={"symbols": ["AAA", "BBB"]}))}
    assert (PictureKind.TRADES in several, PictureKind.WEIGHTS in several) == (False, True)


def test_differences_that_tell_something() -> None:
    few = Told(an_ended("model-1", "model-2", told={"comparison": COMPARED}))
    assert [(each["first"], each["second"]) for each in telling(few)] == [("model-2", "model-1")]
    keys = [f"model-{place}" for place in range(1, 9)]
    pairs = [{"first": one, "second": other} for one in keys for other in [*keys, "buy_and_hold"] if one < other]
    pairs += [{"first": one, "second": "buy_and_hold"} for one in keys]
    many = Told(an_ended(*keys, told={"comparison": {"ranking": keys, "differences": pairs}}))
    assert {"model-1", "buy_and_hold"} >= {min(each["first"], each["second"]) for each in telling(many)}
    assert len(telling(many)) == 15


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.share(0.1234), "+12.34%"),
        (words.share(-0.00001), "0.00%"),
        (words.share(None), "\u2013"),
        (words.part(0.5), "50.00%"),
        (words.likelihood(0.8), "80%"),
        (words.likelihood(0.9999), "more than 99%"),
        (words.likelihood(0.001), "less than 1%"),
        (words.number(-0.001), "0.00"),
        (words.number(-1234.5), "\u22121,234.50"),
        (words.money(123_456.78), "123,457"),
        (words.rate(0.00025), "0.025%"),
        (words.rate(0.0), "0%"),
        (words.day("2020-01-02T14:30:00+00:00", 252.0), "2 Jan 2020"),
        (words.day("2020-01-02T14:30:00+00:00", 98_000.0), "2 Jan 2020 14:30"),
        (words.day(None), "\u2013"),
        (words.listed(["a", "b", "c"]), "a, b and c"),
        (words.plural(1, "bar"), "1 bar"),
        (words.plural(1_000, "bar"), "1,000 bars"),
    ],
)
def test_words(said: str, expected: str) -> None:
    assert said == expected
