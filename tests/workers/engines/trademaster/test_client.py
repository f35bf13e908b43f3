"""What comes back from the service, and what goes there."""

from __future__ import annotations

from datetime import date, datetime

import httpx
import pytest

from domain.trainings.remote import Choice
from tests.support.trademaster.fake import FakeTradeMaster
from tests.support.trademaster.recorded import recording
from tests.support.trademaster.runs import PNG
from tests.support.trademaster.waiting import Waiting
from workers.engines.trademaster.breaker import Breaker, State
from workers.engines.trademaster.client import TradeMasterClient
from workers.engines.trademaster.errors import Declined, SessionLost, Unreachable
from workers.engines.trademaster.offer import TrainingWords
from workers.engines.trademaster.upload import UploadRow

BTC = Choice(
    "algorithmic_trading:BTC", "algorithmic_trading:deepscalper", start=date(2015, 10, 1), end=date(2021, 7, 6)
)
ROW = UploadRow(datetime(2018, 4, 3, 23, 59, 59), 1.5, 1, 2, 0.5, 1.5)  # noqa: DTZ001


async def words(client: TradeMasterClient) -> TrainingWords:
    return (await client.offer()).words(BTC)


async def test_a_training_is_ordered_as_it_was_recorded(client: TradeMasterClient, fake: FakeTradeMaster) -> None:
    session = await client.train(await words(client))
    assert session in fake.sessions
    assert fake.calls[-1] == ("train", recording("train_deepscalper")["body"])


async def test_a_status_is_typed(client: TradeMasterClient, fake: FakeTradeMaster) -> None:
    session = await client.train(await words(client))
    fake.mood.lines_per_poll = 1_000
    first, then = await client.train_status(session), await client.train_status(session)
    assert (first.log, first.ended, first.picture) == ("", False, None)
    assert (then.ended, then.picture) == (True, PNG)


NO_CONFIG = "algorithmic_trading_JPM_deepscalper_deepscalper_adam_mse.py"
NO_DATA = "'/opt/TradeMaster/data/portfolio_management/exchange/train.csv' (FileNotFoundError)"


@pytest.mark.parametrize(
    ("dataset", "agent", "message"),
    [
        (
            "algorithmic_trading:JPM",
            "algorithmic_trading:deepscalper",
            f'file "/opt/TradeMaster/configs/algorithmic_trading/{NO_CONFIG}" does not exist (FileNotFoundError)',
        ),
        (
            "portfolio_management:exchange",
            "portfolio_management:ppo",
            f"[Errno 2] No such file or directory: {NO_DATA}",
        ),
    ],
)
async def test_an_error_that_comes_as_success_is_a_refusal(
    client: TradeMasterClient, dataset: str, agent: str, message: str
) -> None:
    with pytest.raises(Declined) as caught:
        await client.train(TrainingWords(dataset.partition(":")[0], dataset, agent, "adam", "mse"))
    assert caught.value.message == message


async def test_no_file_is_refused_with_its_reason(client: TradeMasterClient) -> None:
    with pytest.raises(ValueError, match="no generated name"):
        await client.upload("../../etc/x", [ROW])


async def test_an_upload_has_a_bare_name_and_no_symbol(client: TradeMasterClient, fake: FakeTradeMaster) -> None:
    session = await client.upload("tmw_1", [ROW])
    assert session in fake.sessions
    assert fake.calls[-1] == (
        "upload_csv",
        {
            "file_name": "tmw_1.csv",
            "file": '[{"timestamp": "2018-04-03 23:59:59", "tic": "data", "key_indicator": 1.5, "open": 1, "high": 2,'
            ' "low": 0.5, "close": 1.5}]',
            "session_id": "",
        },
    )


async def test_a_session_that_is_not_known_is_lost(client: TradeMasterClient) -> None:
    for ask in (client.train_status, client.test_status, client.labelling_status):
        with pytest.raises(SessionLost):
            await ask("gone")
    with pytest.raises(SessionLost):
        await client.dynamics_test_status("gone", 1)


async def test_a_session_without_labelling_is_not_lost(client: TradeMasterClient) -> None:
    session = await client.train(await words(client))
    with pytest.raises(Declined) as caught:
        await client.labelling_status(session)
    assert caught.value.message == "'MDM_cfg_path' (KeyError)"


async def test_a_read_is_repeated(client: TradeMasterClient, fake: FakeTradeMaster, waiting: Waiting) -> None:
    fake.mood.broken = 2
    assert await client.offer()
    assert waiting.waits == [1.0, 2.0]
    fake.mood.broken = 3
    with pytest.raises(Unreachable):
        await client.offer()


async def test_a_write_that_may_have_been_heard_is_not_repeated(
    client: TradeMasterClient, fake: FakeTradeMaster, waiting: Waiting
) -> None:
    order = await words(client)
    fake.mood.deaf = True
    with pytest.raises(Unreachable) as caught:
        await client.train(order)
    assert (caught.value.heard, fake.called("train"), waiting.waits) == (True, 1, [])
    assert caught.value.message == "The service did not answer within 0.2 seconds."


async def test_a_write_that_never_left_is_repeated(waiting: Waiting, breaker: Breaker) -> None:
    calls = []

    def refuse(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        if len(calls) < 3:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, json={"error_code": 0, "session_id": "a-1"})

    transport = httpx.MockTransport(refuse)
    async with TradeMasterClient("http://x", breaker=breaker, sleep=waiting.sleep, transport=transport) as client:
        assert await client.train(TrainingWords("a", "a:b", "a:c", "adam", "mse")) == "a-1"
    assert calls == ["/api/TradeMaster/train"] * 3


async def test_a_slow_answer_counts_as_none(client: TradeMasterClient, fake: FakeTradeMaster, breaker: Breaker) -> None:
    fake.mood.slow_s = 60
    assert not await client.healthy()
    assert breaker.state is State.CLOSED
    for _ in range(4):
        await client.healthy()
    assert client.state is State.OPEN


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, text="<html>Welcome to nginx</html>"),
        httpx.Response(200, json=["a list"]),
        httpx.Response(200, json={"train_end": True}),
        httpx.Response(200, json={"info": "", "train_end": True, "result_plot": "not base64!"}),
        httpx.Response(200, json={"info": "", "train_end": True, "result_plot": 5}),
        httpx.Response(302, headers={"location": "http://elsewhere/"}),
        httpx.Response(404, text="<html>nothing here</html>"),
        httpx.Response(200, content=b"\xff\xfe"),
    ],
)
async def test_what_is_no_answer_of_trademaster(response: httpx.Response, waiting: Waiting, breaker: Breaker) -> None:
    transport = httpx.MockTransport(lambda _: response)
    async with TradeMasterClient("http://x", breaker=breaker, sleep=waiting.sleep, transport=transport) as client:
        with pytest.raises(Unreachable):
            await client.train_status("a")


@pytest.mark.parametrize("session", ["", "../..", "a b", "x;rm", 5, None])
async def test_a_session_with_an_odd_id_is_not_taken(session: object, waiting: Waiting, breaker: Breaker) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"error_code": 0, "session_id": session}))
    async with TradeMasterClient("http://x", breaker=breaker, sleep=waiting.sleep, transport=transport) as client:
        with pytest.raises(Unreachable):
            await client.train(TrainingWords("a", "a:b", "a:c", "adam", "mse"))


async def test_an_endless_answer_is_cut_off(
    waiting: Waiting, breaker: Breaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.engines.trademaster.calls.MOST_BYTES", 10)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"info": "x" * 100}))
    async with TradeMasterClient("http://x", breaker=breaker, sleep=waiting.sleep, transport=transport) as client:
        with pytest.raises(Unreachable, match="longer than"):
            await client.offer()
