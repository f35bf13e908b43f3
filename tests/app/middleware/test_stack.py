from __future__ import annotations

import pytest

ALWAYS = ("x-request-id", "server-timing", "x-content-type-options", "x-frame-options", "referrer-policy")


async def broken(scope, receive, send):
    raise RuntimeError


@pytest.mark.parametrize("why", ["fine", "host", "body", "preflight", "stopping", "broken"])
async def test_whatever_becomes_of_a_request_its_answer_is_complete_and_it_is_logged_once(stand, toy, lines, why):
    headers = {"host": "evil.example.com"} if why == "host" else {}
    if why == "preflight":
        headers = {"origin": "https://evil.example.com", "access-control-request-method": "POST"}
    if why == "stopping":
        stand.drain.begin()
    wrapped = stand.wrap(
        broken if why == "broken" else toy,
        trusted_hosts="api.example.org",
        cors_origins="https://app.example.org",
        max_body_bytes=1000,
    )
    answer = await stand.client(wrapped).request(
        "OPTIONS" if why == "preflight" else "POST",
        "/graphql",
        headers=headers,
        content=b"x" * (2000 if why == "body" else 10),
    )
    statuses = {"fine": 200, "host": 400, "body": 413, "preflight": 400, "stopping": 503, "broken": 500}
    assert answer.status_code == statuses[why]
    assert {name: len(answer.headers.get_list(name)) for name in ALWAYS} == dict.fromkeys(ALWAYS, 1)
    (line,) = lines.of("request")
    assert (line["status"], line["request_id"]) == (answer.status_code, answer.headers["x-request-id"])


async def test_start_and_end_of_the_app_pass_through(stand):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    async def unused(*_):
        raise AssertionError

    await stand.wrap(app, trusted_hosts="a.b", cors_origins="http://a.b")({"type": "lifespan"}, unused, unused)
    assert seen == ["lifespan"]
