"""What a person sees in a terminal of a job."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

from rich.console import Console

from app.client.showing import show


async def events(*told: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    for event in told:
        yield event


def log(message: str, level: str = "INFO") -> dict[str, Any]:
    return {"__typename": "JobLogEvent", "level": level, "message": message}


def failed(message: str) -> dict[str, Any]:
    return {"__typename": "JobStatusEvent", "status": "FAILED", "errorMessage": message}


async def shown(*told: dict[str, Any]) -> tuple[str, str]:
    page = io.StringIO()
    status, _ = await show(events(*told), Console(file=page, width=100))
    return status, page.getvalue()


async def test_why_it_failed_is_said_once() -> None:
    status, page = await shown(log("Started."), log("The data is gone.", "ERROR"), failed("The data is gone."))
    assert status == "FAILED"
    assert page.count("The data is gone.") == 1


async def test_why_it_failed_is_said_where_the_log_does_not() -> None:
    _, page = await shown(log("Started."), failed("The data is gone."))
    assert page.count("The data is gone.") == 1
