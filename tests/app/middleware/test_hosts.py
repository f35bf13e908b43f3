from __future__ import annotations

import pytest

from app.errors import CannotStart


@pytest.mark.parametrize(
    ("hosts", "host", "status"),
    [
        ("api.example.org", "api.example.org", 200),
        ("api.example.org", "API.example.org:8000", 200),
        ("*.example.org", "api.example.org", 200),
        ("*.example.org", "api.example.com", 400),
        ("api.example.org", "evil.example.com", 400),
        ("api.example.org", "api.example.org.evil.com", 400),
        ("www.example.org", "example.org", 400),
        ("*", "anything.at.all", 200),
        ("127.0.0.1,localhost", "127.0.0.1:8000", 200),
    ],
)
async def test_only_our_names_are_answered_to(stand, toy, lines, hosts, host, status):
    answer = await stand.client(stand.wrap(toy, trusted_hosts=hosts)).get("/graphql", headers={"host": host})
    assert answer.status_code == status
    assert toy.calls == (status == 200)


async def test_probes_may_come_by_address(stand, toy, lines):
    wrapped = stand.wrap(toy, trusted_hosts="api.example.org")
    answer = await stand.client(wrapped).get("/health", headers={"host": "10.0.0.7:8000"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("host", "first"), [(b"api.example.org", "accept"), (b"evil.example.com", "http.response.start")]
)
async def test_sockets_are_held_to_it_as_well(stand, socket_of, lines, host, first):
    async def accepting(scope, receive, send):
        await send({"type": "websocket.accept"})

    sent = await socket_of([], headers=[(b"host", host)]).through(
        stand.wrap(accepting, trusted_hosts="api.example.org")
    )
    assert sent[0]["type"] == f"websocket.{first}"
    assert sent[0].get("status") == (None if first == "accept" else 400)


@pytest.mark.parametrize(
    "name", ["https://api.example.org", "api.example.org:8000", "api.*.org", "*example.org", "a/b"]
)
def test_rubbish_in_the_setting_stops_the_start(stand, toy, name):
    with pytest.raises(CannotStart, match="TMW_TRUSTED_HOSTS"):
        stand.wrap(toy, trusted_hosts=name)
