from __future__ import annotations

import pytest

from app.errors import CannotStart

OURS = "https://app.example.org"
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,x-anything"}


@pytest.mark.parametrize(("origin", "status", "allowed"), [(OURS, 200, OURS), ("https://evil.example.com", 400, None)])
async def test_a_preflight_says_who_may(stand, toy, lines, origin, status, allowed):
    client = stand.client(stand.wrap(toy, cors_origins=f"{OURS},http://localhost:3000"))
    answer = await client.options("/graphql", headers={"origin": origin, **PREFLIGHT})
    assert answer.status_code == status
    assert answer.headers.get("access-control-allow-origin") == allowed
    assert toy.calls == 0


async def test_a_front_end_may_read_the_headers_it_needs(stand, toy, lines):
    answer = await stand.client(stand.wrap(toy, cors_origins=OURS)).post("/graphql", headers={"origin": OURS})
    exposed = set(answer.headers["access-control-expose-headers"].split(", "))
    assert exposed >= {"X-Request-Id", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
    assert answer.headers["access-control-allow-origin"] == OURS
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_front_end_may_read_refusals_too(stand, toy, lines):
    client = stand.client(stand.wrap(toy, cors_origins=OURS, max_body_bytes=1000))
    answer = await client.post("/graphql", content=b"x" * 2000, headers={"origin": OURS})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (413, OURS)
    stand.drain.begin()
    answer = await client.post("/graphql", headers={"origin": OURS})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (503, OURS)


async def test_without_origins_no_foreign_page_may(stand, toy, lines):
    answer = await stand.client(stand.wrap(toy)).post("/graphql", headers={"origin": OURS})
    assert "access-control-allow-origin" not in answer.headers


async def test_a_slash_at_the_end_does_no_harm(stand, toy, lines):
    answer = await stand.client(stand.wrap(toy, cors_origins=OURS + "/")).post("/graphql", headers={"origin": OURS})
    assert answer.headers["access-control-allow-origin"] == OURS


@pytest.mark.parametrize("origin", ["app.example.org", "https://app.example.org/path", "ftp://a.b", "https://*.a.b"])
def test_rubbish_in_the_setting_stops_the_start(stand, toy, origin):
    with pytest.raises(CannotStart, match="TMW_CORS_ORIGINS"):
        stand.wrap(toy, cors_origins=origin)
