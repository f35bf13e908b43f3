"""A TradeMaster service that replays recordings, and misbehaves as the real one does when it is told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.support.trademaster import dynamics, training
from tests.support.trademaster.recorded import answer, recording
from tests.support.trademaster.runs import Body, Mood, Session

PREFIX = "/api/TradeMaster"
ORDERS = {"train", "test", "upload_csv", "start_market_dynamics_labeling", "save_market_dynamics_labeling"}
# Each time that it hands pictures out, it notes where they lie: MDM_datafile_path has one entry for each.
WRITES = ORDERS | {"MDM_status"}
Handler = Callable[["FakeTradeMaster", Body], Any]

_PAGES = {404: "bad_path", 405: "bad_method_train", 500: "bad_nonjson_train_status"}
_READS: dict[str, Handler] = {
    "healthcheck": lambda fake, body: answer("healthcheck"),
    "getParameters": lambda fake, body: answer("getParameters"),
}
_POSTS: dict[str, Handler] = {**training.HANDLERS, **dynamics.HANDLERS}


class FakeTradeMaster:
    """Its sessions can be looked at; `mood` says how it behaves."""

    def __init__(self, mood: Mood | None = None) -> None:
        self.mood = mood or Mood()
        self.sessions: dict[str, Session] = {}
        self.calls: list[tuple[str, Body]] = []
        self.most_writes = self.most_busy = self._writes = 0
        reads = [Route(f"{PREFIX}/{name}", self._endpoint(name, of), methods=["GET"]) for name, of in _READS.items()]
        posts = [Route(f"{PREFIX}/{name}", self._endpoint(name, of), methods=["POST"]) for name, of in _POSTS.items()]
        self.app = Starlette(routes=[*reads, *posts], exception_handlers={HTTPException: _on_http_error})

    def begin(self, folder: str) -> Session:
        session = Session(f"{uuid4()}", folder)
        self.sessions[session.id] = session
        return session

    def restart(self) -> None:
        """All sessions are forgotten, and all children with them."""
        self.sessions.clear()

    def called(self, name: str) -> int:
        return sum(called == name for called, _ in self.calls)

    def _endpoint(self, name: str, handler: Handler) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            self._writes += name in WRITES
            self.most_writes = max(self.most_writes, self._writes)
            try:
                # A write takes a moment, so that another one has the chance to come in between.
                await asyncio.sleep(self.mood.slow_s)
                return await self._answered(name, handler, await request.body())
            finally:
                self._writes -= name in WRITES

        return endpoint

    async def _answered(self, name: str, handler: Handler, content: bytes) -> Response:
        if self.mood.broken:
            self.mood.broken -= 1
            return _page(500)
        try:
            body = json.loads(content) if content or name not in _READS else {}
            self.calls.append((name, body))
            said = handler(self, body)
        except (ValueError, KeyError, AttributeError):
            return _page(500)
        self.most_busy = max(self.most_busy, sum(session.busy for session in self.sessions.values()))
        if self.mood.deaf and name in ORDERS:
            await asyncio.Event().wait()
        return said if isinstance(said, Response) else JSONResponse(said)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _page(error.status_code)


def _page(status: int) -> Response:
    return HTMLResponse(recording(_PAGES[status])["text"], status)
