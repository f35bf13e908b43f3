"""Calls to the service: the one place that knows how its failures look."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from workers.engines.trademaster.answers import Answer
from workers.engines.trademaster.breaker import Breaker
from workers.engines.trademaster.errors import Declined, Unreachable

PREFIX = "/api/TradeMaster/"
MOST_BYTES = 64_000_000
MIB = 1_048_576
MOST_CHARACTERS = 1_000

Sleep = Callable[[float], Awaitable[None]]

# Its own notes around what went wrong: an opening, and the class, file and line at the end.
_OPENING = "request data error, "
_PLACE = re.compile(r"<class '(?P<kind>[\w.]+)'>[\w.]*\d+$")


class Calls:
    """Reads may be repeated, so they are; a write is repeated only when it never left."""

    def __init__(
        self, http: httpx.AsyncClient, *, breaker: Breaker, sleep: Sleep, timeout_s: float = 30, tries: int = 3
    ) -> None:
        self._http = http
        self._breaker = breaker
        self._sleep = sleep
        self._timeout_s = timeout_s
        self._tries = tries

    async def read(self, name: str, body: Answer | None = None, *, tries: int | None = None) -> Answer:
        return await self._repeated(name, body, tries or self._tries, whatever_failed=True)

    async def write(self, name: str, body: Answer) -> Answer:
        return await self._repeated(name, body, self._tries, whatever_failed=False)

    async def _repeated(self, name: str, body: Answer | None, tries: int, *, whatever_failed: bool) -> Answer:
        for number in range(1, tries + 1):
            try:
                return await self._breaker.call(lambda: self._once(name, body))
            except Unreachable as error:
                if number == tries or (error.heard and not whatever_failed):
                    raise
            await self._sleep(0.5 * 2**number)
        raise AssertionError

    async def _once(self, name: str, body: Answer | None) -> Answer:
        try:
            # The whole of it: httpx alone would wait without end for one who sends a byte now and then.
            async with asyncio.timeout(self._timeout_s):
                status, content = await self._fetched(name, body)
        except TimeoutError as error:
            raise Unreachable(f"The service did not answer within {self._timeout_s:g} seconds.") from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unreachable("The service cannot be reached.", heard=False) from error
        except httpx.HTTPError as error:
            raise Unreachable(f"The service broke off the call ({type(error).__name__}).") from error
        return _understood(status, content)

    async def _fetched(self, name: str, body: Answer | None) -> tuple[int, bytes]:
        method = "GET" if body is None else "POST"
        async with self._http.stream(method, PREFIX + name, json=body) as response:
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > MOST_BYTES:
                    raise Unreachable(f"The service's answer is longer than {MOST_BYTES // MIB} MiB.")
            return response.status_code, bytes(content)


def _understood(status: int, content: bytes) -> Answer:
    if status >= 500:
        raise Unreachable(f"The service broke on this call (HTTP {status}).")
    answer = _json_of(content)
    if answer is None:
        raise Unreachable(f"The answer (HTTP {status}) is not what a TradeMaster service would say.")
    if status >= 400:
        raise Declined(said(answer.get("error")) or f"The service refused the call (HTTP {status}).")
    if answer.get("error_code") not in (None, 0):
        raise Declined(said(answer.get("info")))
    return answer


def _json_of(content: bytes) -> Answer | None:
    try:
        answer = json.loads(content)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def said(info: Any) -> str:
    """What is of use to a person in the text of an error; may be empty."""
    text = str(info or "").strip().removeprefix(_OPENING)
    return _PLACE.sub(lambda found: f" ({found['kind']})", text).strip()[:MOST_CHARACTERS]
