from __future__ import annotations

import re
from uuid import UUID

import pytest
import structlog

from app.errors import CannotStart
from app.middleware.identity import new_request_id
from app.middleware.proxies import Proxies

GIVEN = "0123456789abcdef"


async def test_a_request_gets_an_id_that_the_app_the_answer_and_the_log_share(stand, toy, lines):
    answer = await stand.client(stand.wrap(toy)).get("/graphql")
    request_id = answer.headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{20}", request_id)
    assert toy.states[0]["request_id"] == request_id
    assert [line["request_id"] for line in lines.of("request")] == [request_id]


def test_ids_differ_and_sort_by_time(monkeypatch):
    assert len({new_request_id() for _ in range(5000)}) == 5000
    times = iter([1_700_000_000_000_000_000, 1_700_000_000_001_000_000])
    monkeypatch.setattr("app.middleware.identity.time.time_ns", lambda: next(times))
    earlier, later = new_request_id(), new_request_id()
    assert earlier < later


@pytest.mark.parametrize(
    ("peer", "given", "kept"),
    [
        ("10.1.2.3", GIVEN, True),
        ("10.1.2.3", "A.b_c-d8", True),
        ("192.0.2.1", GIVEN, False),
        ("10.1.2.3", "short", False),
        ("10.1.2.3", "with space", False),
        ("10.1.2.3", "x" * 65, False),
        ("10.1.2.3", "line\\nbreak!", False),
        ("10.1.2.3", "-leading-dash", False),
    ],
)
async def test_an_id_is_taken_over_only_from_a_trusted_proxy_and_only_if_it_is_harmless(stand, toy, peer, given, kept):
    client = stand.client(stand.wrap(toy, trusted_proxies="10.0.0.0/8"), peer=peer)
    answer = await client.get("/graphql", headers={"x-request-id": given})
    assert (answer.headers["x-request-id"] == given) is kept
    assert toy.states[0]["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", ["6.6.6.6"], "192.0.2.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7", "10.0.0.2, 10.9.9.9"], "198.51.100.7"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["198.51.100.7, rubbish"], "10.0.0.1"),
        ("10.0.0.1", ["rubbish, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
        ("10.0.0.1", ["[2001:DB8::1]:443"], "2001:db8::1"),
        ("10.0.0.1", ["2001:db8:0::1"], "2001:db8::1"),
        ("::ffff:10.0.0.1", ["::ffff:198.51.100.7"], "198.51.100.7"),
        ("::ffff:192.0.2.1", [], "192.0.2.1"),
        ("10.0.0.1", ["6.6.6.6," * 50 + "10.0.0.2"], "6.6.6.6"),
        ("10.0.0.1", [""], "10.0.0.1"),
    ],
)
async def test_the_client_is_the_rightmost_address_that_no_proxy_of_ours_has(stand, toy, peer, forwarded, client):
    headers = [("x-forwarded-for", value) for value in forwarded]
    wrapped = stand.wrap(toy, trusted_proxies="10.0.0.0/8")
    await stand.client(wrapped, peer=peer).get("/graphql", headers=headers)
    assert toy.states[0]["client_address"] == client


def test_no_hop_beyond_the_sixteenth_is_looked_at():
    assert Proxies(["10.0.0.0/8"]).client("10.0.0.1", "6.6.6.6," + "10.0.0.2," * 30 + "10.0.0.3") == "10.0.0.2"


@pytest.mark.parametrize(("peer", "scheme"), [("10.0.0.1", "https"), ("192.0.2.1", "http")])
async def test_https_before_a_trusted_proxy_is_https_for_us(stand, toy, peer, scheme):
    client = stand.client(stand.wrap(toy, trusted_proxies="10.0.0.1"), peer=peer)
    await client.get("/graphql", headers={"x-forwarded-proto": "https"})
    assert toy.schemes == [scheme]


async def test_a_socket_gets_an_id_too(stand, socket_of):
    async def accepting(scope, receive, send):
        await send({"type": "websocket.accept", "headers": [(b"x-own", b"1")]})
        await send({"type": "websocket.close", "code": 1000})

    headers = [(b"x-request-id", GIVEN.encode()), (b"x-forwarded-proto", b"https")]
    socket = socket_of([], headers=headers)
    sent = await socket.through(stand.wrap(accepting, trusted_proxies="127.0.0.1"))
    assert sent[0]["headers"] == [(b"x-own", b"1"), (b"x-request-id", GIVEN.encode())]
    assert socket.scope["scheme"] == "wss"


async def test_the_user_is_on_each_line_once_the_app_knows_who_it_is(stand, toy, lines):
    toy.to_state = {"user_id": UUID("01900000-0000-7000-8000-000000000001")}
    toy.before_answer = lambda: structlog.get_logger("toy").info("inside")
    await stand.client(stand.wrap(toy)).get("/graphql")
    assert {line["event"]: line["user_id"] for line in lines.all()} == {
        "inside": "01900000-0000-7000-8000-000000000001",
        "request": "01900000-0000-7000-8000-000000000001",
    }


async def test_nothing_of_an_earlier_request_stays_in_the_log(stand, toy, lines):
    structlog.contextvars.bind_contextvars(user_id="somebody else")
    toy.before_answer = lambda: structlog.get_logger("toy").info("inside")
    answer = await stand.client(stand.wrap(toy)).get("/graphql")
    (line,) = lines.of("inside")
    assert "user_id" not in line
    assert line["request_id"] == answer.headers["x-request-id"]


def test_rubbish_in_the_setting_stops_the_start(stand, toy):
    with pytest.raises(CannotStart, match=r"'proxy\.local', which is neither an address nor a network"):
        stand.wrap(toy, trusted_proxies="10.0.0.1,proxy.local")
