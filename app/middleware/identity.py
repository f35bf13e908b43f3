"""Gives every request an id and finds out which address it comes from."""

from __future__ import annotations

import re
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from app.middleware.answers import add_headers
from app.middleware.proxies import Proxies, canonical
from app.observe.person import current_state

UNKNOWN = "unknown"

_SAFE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_STARTS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
_SCHEMES = {b"http": ("http", "ws"), b"https": ("https", "wss")}


def new_request_id() -> str:
    """Twenty characters: milliseconds, then 36 random bits, in hexadecimal; so it sorts by time."""
    return f"{time.time_ns() // 1_000_000:011x}{secrets.randbits(36):09x}"


class Identity:
    """Sets `request_id` and `client_address` in the state of the scope, and the former in logs and the answer."""

    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        self.app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        request_id = self._identify(scope)
        answer_header = (b"x-request-id", request_id.encode())

        async def send_with_id(message: Message) -> None:
            if message["type"] in _STARTS:
                add_headers(message, (answer_header,))
            await send(message)

        await self.app(scope, receive, send_with_id)
        return None

    def _identify(self, scope: Scope) -> str:
        peer = (scope.get("client") or (UNKNOWN,))[0]
        state = scope.setdefault("state", {})
        state["client_address"] = canonical(peer) or peer
        request_id = self._believe_proxy(scope, peer) if self._proxies.trusts(peer) else None
        state["request_id"] = request_id = request_id or new_request_id()
        # A pipelined request starts inside the context of the one before it.
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        current_state.set(state)
        return request_id

    def _believe_proxy(self, scope: Scope, peer: str) -> str | None:
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            headers[name] = headers[name] + b"," + value if name in headers else value
        forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1")
        scope["state"]["client_address"] = self._proxies.client(peer, forwarded)
        scheme = _SCHEMES.get(headers.get(b"x-forwarded-proto", b"").strip().lower())
        if scheme:
            scope["scheme"] = scheme[scope["type"] == "websocket"]
        given = headers.get(b"x-request-id", b"")
        return given.decode() if _SAFE.fullmatch(given) else None
