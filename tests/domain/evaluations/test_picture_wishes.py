"""Which pictures make sense, where they are to be fetched, and what they show where something is missing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from domain.blobs import Owner
from domain.errors import Code, Refused
from domain.evaluations.model import Evaluation
from domain.evaluations.names import names_of
from domain.evaluations.pictures.drawing import drawn
from domain.evaluations.pictures.links import PictureLinks
from domain.evaluations.pictures.material import Material, shown_keys
from domain.evaluations.pictures.offers import PictureWish, pictures_of, settled
from domain.evaluations.pictures.service import Picture
from domain.ids import new_id
from domain.pictures.names import Look, PictureKind, Theme
from domain.transfers import BadTicket, ExpiredTicket, Tickets, TransferLinks
from tests.support.clock import StandingClock
from tests.support.pictures import COMPARED, FOLD, STRESSED, an_ended, an_execution, entry

K = PictureKind
ALWAYS = [K.EQUITY, K.MONTHLY, K.ROLLING_SHARPE, K.DISTRIBUTION, K.TRADES, K.WEIGHTS, K.RADAR]
REGIME = {"regime": "RISING_CALM", "from": "2020-01-01T00:00:00+00:00", "to": "2020-01-03T00:00:00+00:00"}
LIFE = timedelta(minutes=15)


def kinds(evaluation: Evaluation) -> list[PictureKind]:
    return list(dict.fromkeys(offer.kind for offer in pictures_of(evaluation)))


def test_what_makes_sense() -> None:
    assert kinds(an_ended()) == ALWAYS
    assert kinds(an_ended(told={"regimes": [REGIME]})) == [*ALWAYS, K.REGIMES]
    assert kinds(an_ended(told={"scenarios": [STRESSED]})) == [*ALWAYS, K.STRESS]
    assert kinds(an_ended(told={"folds": [FOLD]})) == [*ALWAYS, K.FOLDS]
    assert kinds(an_ended("model-1", "model-2", told={"comparison": COMPARED})) == [*ALWAYS, K.COMPARISON]
    assert kinds(an_ended(told={"comparison": COMPARED})) == ALWAYS
    assert kinds(an_execution()) == [K.SHORTFALL]
    assert kinds(an_ended(result=None)) == []


def test_of_each_model_where_it_is_of_one() -> None:
    offers = pictures_of(an_ended("model-1", "model-2"))
    assert [offer.key for offer in offers if offer.kind is K.MONTHLY] == ["model-1", "model-2"]
    assert [(offer.key, offer.symbol) for offer in offers if offer.kind is K.TRADES] == [
        ("model-1", "AAA"),
        ("model-2", "AAA"),
    ]
    assert [offer.title for offer in offers if offer.kind is K.TRADES] == [
        "Trades: model-1: Agent, AAA",
        "Trades: model-2: Agent, AAA",
    ]


@pytest.mark.parametrize(
    ("wish", "code", "field"),
    [
        ({"kind": K.COMPARISON}, Code.INVALID, "kind"),
        ({"kind": K.STRESS}, Code.INVALID, "kind"),
        ({"kind": K.SHORTFALL}, Code.INVALID, "kind"),
        ({"kind": K.FOLDS}, Code.INVALID, "kind"),
        ({"kind": K.REGIMES}, Code.INVALID, "kind"),
        ({"kind": K.MONTHLY}, Code.REQUIRED, "key"),
        ({"kind": K.MONTHLY, "key": "model-3"}, Code.UNKNOWN, "key"),
        ({"kind": K.TRADES, "key": "buy_and_hold"}, Code.UNKNOWN, "key"),
        ({"kind": K.WEIGHTS, "key": "flat"}, Code.UNKNOWN, "key"),
        ({"kind": K.EQUITY, "key": ""}, Code.UNKNOWN, "key"),
        ({"kind": K.RADAR, "key": "model-1"}, Code.INVALID, "key"),
        ({"kind": K.TRADES, "key": "model-1", "symbol": "ZZZ"}, Code.UNKNOWN, "symbol"),
        ({"kind": K.EQUITY, "symbol": "AAA"}, Code.INVALID, "symbol"),
        ({"kind": K.EQUITY, "look": Look(width=279)}, Code.OUT_OF_RANGE, "width"),
        ({"kind": K.EQUITY, "look": Look(width=2_001)}, Code.OUT_OF_RANGE, "width"),
    ],
)
def test_what_makes_none(wish: dict[str, Any], code: Code, field: str) -> None:
    with pytest.raises(Refused) as refused:
        settled(an_ended("model-1", "model-2"), PictureWish(**wish))
    assert [(problem.code, problem.field) for problem in refused.value.problems] == [(code, (field,))]


@pytest.mark.parametrize("kind", [K.COMPARISON, K.EQUITY, K.REGIMES])
def test_what_works_off_orders_is_shown_by_its_shortfall(kind: K) -> None:
    """Even where models were compared, which shows there as well."""
    with pytest.raises(Refused) as refused:
        settled(an_execution(), PictureWish(kind))
    assert [problem.message for problem in refused.value.problems] == [
        "Models for order execution hold no account. Ask for SHORTFALL."
    ]


def test_the_choice_of_one_is_no_choice() -> None:
    offer = settled(an_ended(), PictureWish(K.TRADES))
    assert (offer.key, offer.symbol) == ("model-1", "AAA")
    assert settled(an_ended(), PictureWish(K.EQUITY)).key is None
    assert settled(an_ended(), PictureWish(K.MONTHLY, "random")).key == "random"


def test_not_before_the_end() -> None:
    with pytest.raises(Refused) as refused:
        settled(an_ended(result=None), PictureWish(K.EQUITY))
    assert [(problem.code, problem.field) for problem in refused.value.problems] == [(Code.WRONG_STATE, ("id",))]


def test_a_name_need_not_say_what_the_data_is() -> None:
    long = [entry(key) | {"name": name} for key, name in (("model-1", "DQN on Prices"), ("model-2", "PG on Others"))]
    evaluation = an_ended("model-1", "model-2", told={"entries": [*long, entry("flat")]})
    assert names_of(evaluation) == {"model-1": "DQN", "model-2": "PG on Others", "flat": "Cash"}


def test_whom_a_picture_shows() -> None:
    two = an_ended("model-1", "model-2")
    assert shown_keys(two, None) == ["model-1", "model-2", "buy_and_hold", "random"]
    assert shown_keys(two, "model-2") == ["model-2", "buy_and_hold"]
    assert shown_keys(two, "buy_and_hold") == ["buy_and_hold"]
    several = an_ended(told={"symbols": ["AAA", "BBB"], "benchmark": "equal_weight"})
    assert shown_keys(several, None) == ["model-1", "buy_and_hold", "equal_weight", "random"]
    assert shown_keys(several, "model-1") == ["model-1", "equal_weight"]


MANY = {"regimes": [REGIME], "scenarios": [STRESSED], "folds": [FOLD], "comparison": COMPARED}


def described(svg: str) -> str:
    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return " ".join(text for each in root.iter() if (text := each.text))


def test_all_that_makes_sense_is_drawn_without_any_file() -> None:
    evaluation = an_ended("model-1", "model-2", told=MANY)
    for offer in pictures_of(evaluation):
        for look in (Look(), Look(Theme.DARK, 280)):
            assert offer.title.split(":")[0] in described(drawn(evaluation, offer, Material(), look))
    orders = an_execution()
    [shortfall] = pictures_of(orders)
    assert "Agent" in described(drawn(orders, shortfall, Material(), Look()))


def test_what_was_not_kept_is_said() -> None:
    old = entry("model-1")
    del old["distribution"], old["warnings"]
    evaluation = an_ended(told={"entries": [old]})
    offers = {offer.kind: offer for offer in pictures_of(evaluation)}
    for kind in (K.DISTRIBUTION, K.TRADES):
        assert "not kept at that time" in described(drawn(evaluation, offers[kind], Material(), Look(width=1_000)))


def test_figures_without_meaning_are_drawn() -> None:
    nothing = entry("model-1", total_return=None, sharpe=None, annual_return=None) | {"drawdowns": [], "monthly": []}
    nothing["risk"] = dict.fromkeys(nothing["risk"])
    evaluation = an_ended(told={"entries": [nothing], "scenarios": [STRESSED | {"entries": []}]})
    for offer in pictures_of(evaluation):
        assert described(drawn(evaluation, offer, Material(), Look()))


# Addresses.


def links(clock: StandingClock, key: bytes = b"p" * 32) -> PictureLinks:
    return PictureLinks(keys=[key], clock=clock, base_url="http://here", life=LIFE)


WISH = PictureWish(K.TRADES, "model-1", "AAA", Look(Theme.DARK, 640))


def test_an_address_says_all_of_the_wish() -> None:
    clock, evaluation, user = StandingClock(), new_id(), new_id()
    made = links(clock)
    url = made.link(evaluation, user, WISH).url
    ticket = made.open(url.removeprefix("http://here/pictures/"))
    assert (ticket.evaluation_id, ticket.user_id, ticket.wish) == (evaluation, user, WISH)
    assert LIFE * 2 / 3 <= ticket.expires_at - clock.now <= LIFE


def test_for_some_minutes_it_is_the_same() -> None:
    clock, ids = StandingClock(), (new_id(), new_id())
    made = links(clock)
    first = made.link(*ids, WISH)
    clock.advance(minutes=4)
    assert made.link(*ids, WISH) == first
    clock.advance(minutes=1)
    assert made.link(*ids, WISH) != first
    other = PictureWish(K.TRADES, "model-1", "AAA", Look(Theme.DARK, 641))
    assert made.link(*ids, other).url != made.link(*ids, WISH).url
    assert made.link(ids[0], new_id(), WISH).url != made.link(*ids, WISH).url


def test_another_address_is_none() -> None:
    clock = StandingClock()
    made = links(clock)
    text = made.link(new_id(), new_id(), WISH).url.removeprefix("http://here/pictures/")
    forged = links(clock, b"q" * 32).link(new_id(), new_id(), WISH).url.removeprefix("http://here/pictures/")
    tickets = Tickets(upload_keys=[b"p" * 32], download_keys=[b"p" * 32], clock=clock)
    downloads = TransferLinks(tickets=tickets, clock=clock, base_url="", life=LIFE)
    file = downloads.download(Owner("evaluation", new_id(), "report"), user_id=new_id(), name="n", media_type="m")
    changed = text[:10] + ("a" if text[10] != "a" else "b") + text[11:]
    for wrong in (forged, changed, text[:-1], "", "tmi_", file.url.removeprefix("/downloads/")):
        with pytest.raises(BadTicket):
            made.open(wrong)
    clock.advance(minutes=15)
    with pytest.raises(ExpiredTicket):
        made.open(text)


def test_a_tag_is_of_all_that_makes_the_bytes() -> None:
    one = an_ended()
    offers = pictures_of(one)
    pictures = [
        *(Picture(one, offer, Look()) for offer in offers),
        *(Picture(one, offers[0], look) for look in (Look(Theme.DARK), Look(width=640))),
        Picture(an_ended(), offers[0], Look()),
    ]
    tags = [picture.tag for picture in pictures]
    assert len(set(tags)) == len(tags)
    assert Picture(one, offers[0], Look()).tag == tags[0]
