"""A TradeMaster service as people meet it through the API."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import nullcontext

import httpx
import pytest
from pydantic import ValidationError
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.asgi import app_of
from app.cli.outside import answering
from app.observe.metrics import Metrics
from app.observe.tracing import Tracing
from app.services import answers, host_of
from app.settings import Settings
from domain.catalogue import AlgorithmName
from domain.clock import utc_now
from domain.jobs.status import JobStatus
from graph.ids import decode, encode
from tests.support.api import JSON, Api
from tests.support.jobs import the_job
from tests.support.people import Person, a_person
from tests.support.strategies import project_row
from tests.support.trademaster.fake import FakeTradeMaster
from tests.support.trademaster.lab import ENGINE, Lab
from tests.support.trademaster.program import served
from tests.support.trademaster.recorded import answer
from tests.support.trademaster.runs import PNG
from tests.support.trainings import a_trading_strategy
from workers.engines.trademaster.breaker import Breaker
from workers.engines.trademaster.client import TradeMasterClient

START = "job { id engine dataset { id } } errors { code field message }"
ARTEFACTS = "query($id: ID!) { node(id: $id) { ... on Job { artefacts { name mediaType size } } } }"


@pytest.fixture
async def api(lab: Lab) -> AsyncIterator[Api]:
    app = app_of(lab.factory, metrics=Metrics("test"), tracing=Tracing())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield Api(client)


class Doorkeeper:
    """Lets in who says the name and the word."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = (b"authorization", b"Basic " + b64encode(b"ann:s t")) in scope["headers"]
        await (self.app if known else PlainTextResponse("Who is there?", 401))(scope, receive, send)


async def strategy_of(lab: Lab, who: Person, **values: object) -> str:
    strategy = await a_trading_strategy(lab.factory, who, algorithm=AlgorithmName.DEEPSCALPER, **values)
    return encode("Strategy", strategy.id)


async def test_what_it_offers_and_how_it_stands_with_it(api: Api, ann: Person) -> None:
    document = """{ tradeMasterOffer {
        tasks agents optimizers losses datasets { name task start end } pairs { dataset agent standing reason }
    } }"""
    offer = (await api.data(document, ann))["tradeMasterOffer"]
    said = answer("getParameters")
    assert (offer["tasks"], offer["agents"], offer["losses"]) == (
        said["task_name"],
        said["agent_name"],
        said["loss_name"],
    )
    btc, _, jpm, reversed_days, *_ = offer["datasets"]
    assert btc == {
        "name": "algorithmic_trading:BTC",
        "task": "algorithmic_trading",
        "start": "2015-10-01",
        "end": "2021-07-06",
    }
    assert (jpm["start"], reversed_days["start"]) == (None, None)
    standing = {(one["dataset"], one["agent"]): (one["standing"], bool(one["reason"])) for one in offer["pairs"]}
    assert standing["algorithmic_trading:BTC", "algorithmic_trading:deepscalper"] == ("WORKS", False)
    assert standing["algorithmic_trading:JPM", "algorithmic_trading:deepscalper"] == ("FAILS", True)
    assert standing["order_execution:PD_BTC", "order_execution:pd"] == ("DOUBTFUL", True)
    assert standing["portfolio_management:dj30", "portfolio_management:ppo"] == ("UNTRIED", False)


async def test_the_offer_is_remembered_until_somebody_wants_it_fresh(api: Api, lab: Lab, ann: Person) -> None:
    for arguments, asked in (("", 1), ("", 1), ("(fresh: true)", 2)):
        await api.data(f"{{ tradeMasterOffer{arguments} {{ tasks }} }}", ann)
        assert lab.fake.called("getParameters") == asked


async def test_there_is_none_of_that_name(api: Api, ann: Person) -> None:
    found = await api.data('{ tradeMasterOffer(engine: "trademaster:x") { tasks } }', ann)
    assert found == {"tradeMasterOffer": None}


async def test_a_training_of_the_strategy_s_own_settings_and_its_pictures(api: Api, lab: Lab, ann: Person) -> None:
    id_ = await strategy_of(lab, ann)
    tm_config = {"dataset": "algorithmic_trading:BTC", "agent": "deepscalper", "loss": "mse"}
    assert (await api.do("updateStrategy", ann, {"id": id_, "tmConfig": tm_config}))["errors"] == []
    started = await api.do("startTraining", ann, {"strategyId": id_, "engine": ENGINE}, START)
    assert started["errors"] == []
    assert (started["job"]["engine"], started["job"]["dataset"]) == (ENGINE, None)
    job = await the_job(lab.factory.works, decode(started["job"]["id"], "Job"))
    assert (await lab.worked_at(job)).status is JobStatus.COMPLETED
    shown = (await api.data(ARTEFACTS, ann, id=started["job"]["id"]))["node"]["artefacts"]
    assert shown == [
        {"name": name, "mediaType": "image/png", "size": len(PNG)} for name in ("test.png", "validation.png")
    ]
    wish = {"id": started["job"]["id"], "name": "test.png"}
    link = (await api.do("requestJobArtefact", ann, wish, "link { url } errors { code }"))["link"]
    fetched = await api.client.get(link["url"])
    assert (fetched.content, fetched.headers["content-type"]) == (PNG, "image/png")
    for name in ("input", "../test.png", "\x00", "nothing.png"):
        refused = await api.do("requestJobArtefact", ann, wish | {"name": name})
        assert refused["errors"] == [{"code": "NOT_FOUND", "field": ["name"]}]


async def test_artefacts_are_seen_by_those_who_see_the_job(api: Api, lab: Lab, ann: Person) -> None:
    bob, eve = await a_person(lab.factory, "bob"), await a_person(lab.factory, "eve")
    project = await project_row(lab.factory, ann, bob)
    id_ = await strategy_of(lab, ann, project=project)
    wish = {"strategyId": id_, "engine": ENGINE, "parameters": {"dataset": "BTC"}}
    started = await api.do("startTraining", ann, wish, START)
    await lab.worked_at(await the_job(lab.factory.works, decode(started["job"]["id"], "Job")))
    asked = {"id": started["job"]["id"], "name": "test.png"}
    assert len((await api.data(ARTEFACTS, bob, id=asked["id"]))["node"]["artefacts"]) == 2
    assert (await api.do("requestJobArtefact", bob, asked))["errors"] == []
    assert (await api.data(ARTEFACTS, eve, id=asked["id"]))["node"] is None
    assert (await api.do("requestJobArtefact", eve, asked))["errors"] == [{"code": "NOT_FOUND", "field": ["id"]}]


async def test_the_same_key_is_the_same_training(api: Api, lab: Lab, ann: Person) -> None:
    wish: JSON = {"strategyId": await strategy_of(lab, ann), "engine": ENGINE, "idempotencyKey": "k"}
    btc, fx = {"parameters": {"dataset": "BTC"}}, {"parameters": {"dataset": "FX"}}
    first = await api.do("startTraining", ann, wish | btc, START)
    second = await api.do("startTraining", ann, wish | btc, START)
    assert first["job"]["id"] == second["job"]["id"]
    third = await api.do("startTraining", ann, wish | fx, START)
    assert [(one["code"], one["field"]) for one in third["errors"]] == [("INVALID", ["idempotencyKey"])]


async def test_other_engines_need_a_dataset(api: Api, lab: Lab, ann: Person) -> None:
    refused = await api.do("startTraining", ann, {"strategyId": await strategy_of(lab, ann)})
    assert {"code": "REQUIRED", "field": ["datasetId"]} in refused["errors"]


async def test_a_service_that_answers_is_shown(api: Api, lab: Lab) -> None:
    engines = (await api.data("{ engines { name available remedy remote } }"))["engines"]
    assert engines[1:] == [{"name": ENGINE, "available": True, "remedy": None, "remote": True}]
    ready = (await api.client.get("/ready")).json()["parts"][ENGINE]
    assert (ready["ok"], ready["required"]) == (True, False)


async def test_a_service_that_is_away_is_shown_and_makes_nothing_unready(api: Api, lab: Lab, ann: Person) -> None:
    lab.fake.mood.broken = 1_000
    engine = (await api.data("{ engines { name available remedy } }"))["engines"][1]
    assert (engine["available"], "TMW_TRADEMASTER_URL" in engine["remedy"]) == (False, True)
    found = (await api.client.get("/ready")).json()
    assert {name for name, part in found["parts"].items() if not part["ok"]} >= {ENGINE}
    assert found["parts"][ENGINE]["required"] is False
    assert await api.codes("{ tradeMasterOffer { tasks } }", ann) == ["UNAVAILABLE"]
    # It waits for the service.
    wish = {"strategyId": await strategy_of(lab, ann), "engine": ENGINE, "parameters": {"dataset": "BTC"}}
    assert (await api.do("startTraining", ann, wish))["errors"] == []


async def test_the_doctor_finds_what_answers(lab: Lab) -> None:
    assert await asyncio.to_thread(answers, lab.address, 5.0)
    lab.fake.mood.broken = 1
    assert not await asyncio.to_thread(answers, lab.address, 5.0)


async def test_the_doctor_signs_in_as_the_address_says() -> None:
    fake = FakeTradeMaster()
    fake.app.add_middleware(Doorkeeper)
    async with served(fake) as address:
        for user, answered in (("ann:s%20t@", True), ("ann:s@", False), ("", False)):
            url = address.replace("//", f"//{user}")
            assert await asyncio.to_thread(answers, url, 5.0) is answered
            async with TradeMasterClient(url, breaker=Breaker(clock=utc_now), sleep=asyncio.sleep) as client:
                assert await client.healthy() is answered


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("http://127.0.0.1:8080", True),
        ("https://user:secret@[::1]:8080/lab/", True),
        ("127.0.0.1:8080", False),
        ("http://127.0.0.1:99999", False),
        ("http://127.0.0.1:x", False),
        ("http://127.0.0.1:0", False),
        ("http://127.0.0.1/?lab=1", False),
    ],
)
def test_what_is_no_address_is_refused_at_the_start(url: str, good: bool) -> None:
    with nullcontext() if good else pytest.raises(ValidationError):
        assert Settings(_env_file=None, trademaster_url=url).trademaster_services == {ENGINE: url}


async def test_the_doctor_says_so_without_secrets(settings: Settings) -> None:
    lost = settings.with_(trademaster_url=(("lab", "http://user:secret@127.0.0.1:9"),))
    assert host_of("http://user:secret@127.0.0.1:9") == "http://127.0.0.1:9"
    assert host_of("http://user:secret@[::1]:9/lab") == "http://[::1]:9"
    assert not answers("http://127.0.0.1:9", 1.0)
    found = await asyncio.to_thread(answering, lost, utc_now)
    assert (found[-1].part, found[-1].good, found[-1].says) == (
        "trademaster:lab",
        False,
        "http://127.0.0.1:9 does not answer",
    )
