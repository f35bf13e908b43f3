"""How a request is refused before GraphQL has seen it: in the form that GraphQL clients read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from starlette.types import Message, Scope, Send

Header = tuple[bytes, bytes]
Headers = Iterable[Header]

_SPEC_TYPE = b"application/graphql-response+json"


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    code: str
    message: str
    headers: tuple[Header, ...] = ()


async def refuse(scope: Scope, send: Send, refusal: Refusal) -> None:
    """Answers and ends a request, or a handshake of a socket."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1013})
        return
    await start_refusal(scope, send, refusal)
    await send({"type": _prefix(scope) + "http.response.body", "body": b""})


async def start_refusal(scope: Scope, send: Send, refusal: Refusal) -> None:
    """Sends the whole answer, but does not end the exchange yet."""
    body = _body(refusal, scope.get("state", {}).get("request_id", ""))
    head = [(b"content-type", _content_type(scope)), (b"content-length", str(len(body)).encode()), *refusal.headers]
    await send({"type": _prefix(scope) + "http.response.start", "status": refusal.status, "headers": head})
    await send({"type": _prefix(scope) + "http.response.body", "body": body, "more_body": True})


def add_headers(message: Message, headers: Headers) -> None:
    message["headers"] = [*message.get("headers", ()), *headers]


def header(scope: Scope, name: bytes) -> bytes | None:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


def _prefix(scope: Scope) -> str:
    return "websocket." if scope["type"] == "websocket" else ""


def _body(refusal: Refusal, request_id: str) -> bytes:
    extensions = {"code": refusal.code, "requestId": request_id}
    return orjson.dumps({"errors": [{"message": refusal.message, "extensions": extensions}]})


def _content_type(scope: Scope) -> bytes:
    wanted = _SPEC_TYPE in (header(scope, b"accept") or b"")
    return (_SPEC_TYPE if wanted else b"application/json") + b"; charset=utf-8"
