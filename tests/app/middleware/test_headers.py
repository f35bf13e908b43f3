from __future__ import annotations

import pytest

EXPECTED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


async def test_every_answer_carries_them(stand, toy, lines):
    answer = await stand.client(stand.wrap(toy)).get("/graphql")
    assert {name: answer.headers.get_list(name) for name in EXPECTED} == {n: [v] for n, v in EXPECTED.items()}


@pytest.mark.parametrize(("https", "value"), [(True, "max-age=31536000"), (False, None)])
async def test_browsers_are_held_to_https_only_over_https(stand, toy, lines, https, value):
    answer = await stand.client(stand.wrap(toy), https=https).get("/graphql")
    assert answer.headers.get("strict-transport-security") == value


async def test_a_page_keeps_its_own_policy(stand, toy, lines):
    toy.headers += [
        (b"content-security-policy", b"default-src 'self'"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
    ]
    answer = await stand.client(stand.wrap(toy)).get("/graphql")
    assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["x-frame-options"] == "DENY"
