"""Pictures and reports of evaluations, as clients get them."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from sqlalchemy import text

from app.factory import Factory
from domain.blobs import Owner
from domain.evaluations.model import KIND, Evaluation, Part, trades_part
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.clock import StandingClock
from tests.support.evaluations import WHOLE, an_evaluation
from tests.support.people import Person, a_person
from tests.support.trainings import a_dataset_of, a_model

SVG = "{http://www.w3.org/2000/svg}svg"
ONE = """query(
  $id: ID!, $kind: PictureKind!, $key: String, $symbol: String, $theme: PictureTheme! = AUTO, $width: Int! = 800
) {
  evaluationPicture(evaluationId: $id, kind: $kind, key: $key, symbol: $symbol, theme: $theme, width: $width) {
    kind key symbol title url expiresAt svg } }"""
ALL = """query($id: ID!, $width: Int! = 800) { node(id: $id) { ... on Evaluation {
  pictures(width: $width) { kind key symbol title url expiresAt } } } }"""
REPORT = "link { url expiresAt } errors { code field }"


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def an_ended(factory: Factory, who: Person, models: int = 1, **told: Any) -> Evaluation:
    return await an_evaluation(factory, who, *[await a_model(factory, who) for _ in range(models)], told=told)


async def picture(api: Api, who: Person, evaluation: Evaluation, kind: str, **wish: Any) -> JSON:
    found: JSON = (await api.data(ONE, who, id=encode("Evaluation", evaluation.id), kind=kind, **wish))[
        "evaluationPicture"
    ]
    return found


async def offered(api: Api, who: Person, evaluation: Evaluation) -> list[JSON]:
    found: list[JSON] = (await api.data(ALL, who, id=encode("Evaluation", evaluation.id)))["node"]["pictures"]
    return found


async def report(api: Api, who: Person, evaluation: Evaluation, **more: Any) -> JSON:
    wish = {"id": encode("Evaluation", evaluation.id), "part": "REPORT", **more}
    return await api.do("requestEvaluationDownload", who, wish, REPORT)


async def test_all_that_is_offered_can_be_fetched_without_a_token(api: Api, factory: Factory, ann: Person) -> None:
    told = {name: WHOLE[name] for name in ("scenarios", "regimes", "folds")}
    evaluation = await an_ended(factory, ann, **told)
    pictures = await offered(api, ann, evaluation)
    assert " ".join(each["kind"] for each in pictures) == (
        "EQUITY MONTHLY ROLLING_SHARPE DISTRIBUTION TRADES WEIGHTS RADAR REGIMES STRESS FOLDS"
    )
    assert [(each["key"], each["symbol"]) for each in pictures if each["kind"] == "TRADES"] == [("model-1", "AAA")]
    for each in pictures:
        fetched = await api.client.get(each["url"])
        assert (fetched.status_code, fetched.headers["content-type"]) == (200, "image/svg+xml; charset=utf-8"), each
        assert ET.fromstring(fetched.text).tag == SVG
        one = await picture(api, ann, evaluation, each["kind"], key=each["key"])
        assert one == each | {"svg": fetched.text}


async def test_as_it_was_asked_for(api: Api, factory: Factory, ann: Person) -> None:
    evaluation = await an_ended(factory, ann)
    dark = await picture(api, ann, evaluation, "EQUITY", theme="DARK", width=400)
    light = await picture(api, ann, evaluation, "EQUITY", theme="LIGHT", width=400)
    assert ET.fromstring(dark["svg"]).get("width") == "400"
    assert dark["svg"] != light["svg"]
    assert (await api.client.get(dark["url"])).text == dark["svg"]
    assert (await api.client.get(light["url"])).text == light["svg"]


async def test_browsers_keep_it(api: Api, factory: Factory, ann: Person) -> None:
    url = (await picture(api, ann, await an_ended(factory, ann), "MONTHLY"))["url"]
    whole = await api.client.get(url)
    headers = whole.headers
    tag = headers["etag"]
    assert tag.startswith('"')
    assert headers["cache-control"] == "private, max-age=900, immutable"
    assert headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    head = await api.client.head(url)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert head.headers["content-length"] == headers["content-length"] == str(len(whole.content))
    known = await api.client.get(url, headers={"if-none-match": f'"other", {tag}'})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    assert known.headers["cache-control"] == headers["cache-control"]
    assert (await api.client.get(url, headers={"if-none-match": '"other"'})).status_code == 200


def refusal(answer: httpx.Response) -> tuple[int, str]:
    [error] = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"]


async def test_an_address_that_is_none(api: Api, factory: Factory, ann: Person) -> None:
    evaluation = await an_ended(factory, ann)
    url = (await picture(api, ann, evaluation, "EQUITY"))["url"]
    link = (await report(api, ann, evaluation))["link"]["url"]
    elsewhere = url.replace("/pictures/", "/downloads/"), link.replace("/downloads/", "/pictures/")
    for wrong in (url[:-1], url[:-3] + "AAA", url.replace("tmi_", "tmd_"), *elsewhere):
        assert refusal(await api.client.get(wrong)) == (403, "FORBIDDEN"), wrong
    assert refusal(await api.client.post(url)) == (405, "BAD_USER_INPUT")


async def test_it_ends(api: Api, factory: Factory, ann: Person, clock: StandingClock) -> None:
    found = await picture(api, ann, await an_ended(factory, ann), "EQUITY")
    clock.advance(minutes=10)
    later = await api.client.get(found["url"])
    assert (later.status_code, later.headers["cache-control"]) == (200, "private, max-age=300, immutable")
    clock.advance(minutes=5)
    assert refusal(await api.client.get(found["url"])) == (403, "FORBIDDEN")


async def test_who_does_not_see_it_gets_nothing(api: Api, factory: Factory, ann: Person) -> None:
    bob = await a_person(factory, "bob")
    evaluation = await an_ended(factory, ann)
    assert await picture(api, bob, evaluation, "EQUITY") is None
    assert (await api.data(ALL, bob, id=encode("Evaluation", evaluation.id)))["node"] is None
    assert await report(api, bob, evaluation) == {"link": None, "errors": [{"code": "NOT_FOUND", "field": ["id"]}]}
    async with factory.works() as work:
        assert await work.blobs.of(Owner(KIND, evaluation.id, Part.REPORT.value)) is None


async def test_who_sees_it_no_more_gets_nothing_from_the_address(api: Api, factory: Factory, ann: Person) -> None:
    evaluation = await an_ended(factory, ann)
    url = (await picture(api, ann, evaluation, "EQUITY"))["url"]
    await factory.use.jobs.delete(ann.viewer, evaluation.job_id)
    assert refusal(await api.client.get(url)) == (404, "NOT_FOUND")


async def test_who_was_shut_out_gets_nothing_from_the_address(api: Api, factory: Factory, ann: Person) -> None:
    url = (await picture(api, ann, await an_ended(factory, ann), "EQUITY"))["url"]
    async with factory.engine.begin() as connection:
        await connection.execute(text("UPDATE users SET is_active = false WHERE id = :id"), {"id": ann.user.id})
    assert refusal(await api.client.get(url)) == (403, "FORBIDDEN")


async def test_what_makes_no_sense(api: Api, factory: Factory, ann: Person) -> None:
    evaluation = await an_ended(factory, ann, models=2)
    id_ = encode("Evaluation", evaluation.id)
    for wish in (
        {"kind": "SHORTFALL"},
        {"kind": "MONTHLY"},
        {"kind": "MONTHLY", "key": "model-9"},
        {"kind": "TRADES", "key": "model-1", "symbol": "<b>"},
        {"kind": "EQUITY", "width": 279},
        {"kind": "EQUITY", "width": 2_001},
    ):
        assert await api.codes(ONE, ann, id=id_, **wish) == ["BAD_USER_INPUT"], wish
    assert await api.codes(ALL, ann, id=id_, width=1) == ["BAD_USER_INPUT"]
    assert (await api.data(ONE, ann, id="rubbish", kind="EQUITY"))["evaluationPicture"] is None
    assert (await api.data(ONE, ann, id=ann.id, kind="EQUITY"))["evaluationPicture"] is None


async def test_before_the_end_there_is_none(api: Api, factory: Factory, ann: Person) -> None:
    dataset = await a_dataset_of(factory, ann, "AAA")
    model = encode("Model", (await a_model(factory, ann, dataset_id=dataset.id)).id)
    wish = {"kind": "BACKTEST", "modelIds": [model]}
    waiting = (await api.do("startEvaluation", ann, wish, "evaluation { id }"))["evaluation"]["id"]
    assert (await api.data(ALL, ann, id=waiting))["node"]["pictures"] == []
    assert await api.codes(ONE, ann, id=waiting, kind="EQUITY") == ["BAD_USER_INPUT"]
    early = await api.do("requestEvaluationDownload", ann, {"id": waiting, "part": "REPORT"}, REPORT)
    assert early == {"link": None, "errors": [{"code": "WRONG_STATE", "field": ["part"]}]}


async def test_files_that_were_not_kept(api: Api, factory: Factory, ann: Person) -> None:
    evaluation = await an_ended(factory, ann)
    async with factory.works() as work:
        for part in (Part.PRICES.value, Part.SERIES.value, Part.POSITIONS.value, trades_part("model-1")):
            await work.blobs.release(KIND, evaluation.id, part)
    for each in await offered(api, ann, evaluation):
        svg = (await picture(api, ann, evaluation, each["kind"], key=each["key"]))["svg"]
        assert ET.fromstring(svg).tag == SVG
        assert ("not kept at that time" in svg) == (each["kind"] in {"TRADES", "DISTRIBUTION"})
    assert (await report(api, ann, evaluation))["errors"] == []


async def test_a_report_to_send_on(api: Api, factory: Factory, ann: Person) -> None:
    told = {name: WHOLE[name] for name in ("scenarios", "regimes", "by_regime")}
    one, other = await an_ended(factory, ann, **told), await an_ended(factory, ann, **told)
    pages = []
    for evaluation in (one, one, other):
        payload = await report(api, ann, evaluation)
        assert payload["errors"] == []
        fetched = await api.client.get(payload["link"]["url"])
        assert (fetched.status_code, fetched.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert fetched.headers["content-disposition"].startswith('attachment; filename="Backtest (report).html"')
        pages.append(fetched.text)
    assert pages[0] == pages[1] == pages[2]
    assert pages[0].count("<svg") == 2 * 8


async def test_a_report_is_a_page_and_nothing_else_is(api: Api, factory: Factory, ann: Person) -> None:
    evaluation = await an_ended(factory, ann)
    invalid = {"link": None, "errors": [{"code": "INVALID", "field": ["form"]}]}
    assert await report(api, ann, evaluation, form="CSV") == invalid
    assert await report(api, ann, evaluation, part="SERIES", form="HTML") == invalid
    assert (await report(api, ann, evaluation, form="HTML"))["errors"] == []
    prices = (await report(api, ann, evaluation, part="PRICES", form="CSV"))["link"]["url"]
    assert (await api.client.get(prices)).text.splitlines()[0] == "time,symbol,price"
