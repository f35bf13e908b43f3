"""Uploads and downloads pass through the middleware: their size is their own, and nothing tells their addresses."""

from __future__ import annotations

import pytest

from app.observe.paths import shown

TICKET = "tmu_" + "WzE3NzI0NTM3MDAsIjAw" * 8
FORM = {"content-type": "Multipart/Form-Data; boundary=x"}
LIMITS = {"max_body_bytes": 2_000, "max_upload_bytes": 10_000}


@pytest.mark.parametrize(
    ("path", "headers", "size", "status"),
    [
        ("/graphql", {}, 2_000, 200),
        ("/graphql", {}, 2_001, 413),
        ("/graphql", FORM, 12_000, 200),
        ("/graphql", FORM, 12_001, 413),
        ("/graphql", {"content-type": "text/multipart/form-data"}, 2_001, 413),
        ("/uploads/x", {}, 10_000, 200),
        ("/uploads/x", {}, 10_001, 413),
        ("/uploads/x", FORM, 10_001, 413),
        ("/downloads/x", {}, 2_001, 413),
    ],
)
async def test_how_large_a_body_may_be(stand, toy, path, headers, size, status):
    app = stand.wrap(toy, **LIMITS)
    answer = await stand.client(app).put(path, content=b"x" * size, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/uploads/" + TICKET, "/uploads/[hidden]"),
        ("/pictures/" + TICKET.replace("tmu_", "tmi_"), "/pictures/[hidden]"),
        ("/elsewhere/" + TICKET.replace("tmu_", "tmi_"), "/elsewhere/[hidden]"),
        ("/downloads/" + TICKET.replace("tmu_", "tmd_"), "/downloads/[hidden]"),
        ("/uploads/" + TICKET + "?x=1", "/uploads/[hidden]"),
        ("/uploads/short", "/uploads/[hidden]"),
        ("/uploads%2F" + TICKET, "/uploads/[hidden]"),
        ("/x//uploads/" + TICKET, "/x//uploads/[hidden]"),
        ("/elsewhere/" + TICKET, "/elsewhere/[hidden]"),
        ("/uploads", "/uploads"),
    ],
)
async def test_no_log_tells_a_ticket(stand, toy, lines, path, logged):
    toy.status = 500
    await stand.client(stand.wrap(toy)).put(path, content=b"x")
    assert [line["path"] for line in lines.of("request")] == [logged]
    assert TICKET[4:24] not in lines.stream.getvalue().decode()


async def test_no_trace_of_an_error_tells_a_ticket(stand, lines):
    async def failing(scope, receive, send):
        raise ValueError(f"no such address: {scope['path']}")

    await stand.client(stand.wrap(failing)).put("/uploads/" + TICKET)
    assert len(lines.of("unexpected error")) == 1
    assert TICKET[4:24] not in lines.stream.getvalue().decode()


@pytest.mark.parametrize(
    ("path", "told"),
    [("/uploads/a/b", "/uploads/[hidden]"), ("/downloads/", "/downloads/[hidden]"), ("/graphql", "/graphql")],
)
def test_what_a_trace_may_tell(path, told):
    assert shown(path) == told


async def test_pages_of_other_origins_may_send_and_see_how_far_they_are(stand, toy):
    client = stand.client(stand.wrap(toy, cors_origins=("https://front.example.org",)))
    asks = {"origin": "https://front.example.org", "access-control-request-headers": "upload-offset"}
    for method in ("PUT", "PATCH", "HEAD"):
        answer = await client.options("/uploads/x", headers=asks | {"access-control-request-method": method})
        assert answer.status_code == 200
    answer = await client.get("/uploads/x", headers=asks)
    readable = answer.headers["access-control-expose-headers"].lower().split(", ")
    assert {"upload-offset", "upload-complete", "upload-limit", "content-disposition"} <= set(readable)
