"""Results as bytes, and the status code that goes with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.types import Send
from strawberry.types import ExecutionResult

from graph.execution.batches import Answer
from graph.transport.faults import FaultCode
from graph.transport.negotiation import Media

# A result with data and errors, by GraphQL over HTTP, September 2026; other clients treat it like 200.
PARTIAL_SUCCESS = 294
_STATUS: dict[str, int] = {
    FaultCode.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    FaultCode.FORBIDDEN: HTTPStatus.FORBIDDEN,
    FaultCode.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    FaultCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    FaultCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}


def encode(payload: object) -> bytes:
    """A payload as JSON."""
    try:
        return orjson.dumps(payload)
    except TypeError:
        # orjson refuses integers over 64 bits and nesting over 254 levels, and free JSON may hold both.
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def payload_of(result: ExecutionResult) -> dict[str, Any]:
    """The response map: errors first, and no `data` where nothing was executed."""
    payload: dict[str, Any] = {}
    if result.errors:
        payload["errors"] = [error.formatted for error in result.errors]
    if not refused(result):
        payload["data"] = result.data
    if result.extensions:
        payload["extensions"] = result.extensions
    return payload


def text_of(result: ExecutionResult) -> str:
    """The response map as JSON; the text of an answer that many share is made once."""
    if not isinstance(result, Answer):
        return encode(payload_of(result)).decode()
    if result.text is None:
        result.text = encode(payload_of(result)).decode()
    return result.text


def refused(result: ExecutionResult) -> bool:
    """Whether the request failed as a whole, before any field ran: errors of fields have a path."""
    return result.data is None and not any(error.path for error in result.errors or ())


def status_of(result: ExecutionResult, media: Media) -> int:
    """The status code of a result: application/json has 200 for all but a rate limit."""
    if not result.errors:
        return HTTPStatus.OK
    if not refused(result):
        return HTTPStatus.OK if media is Media.JSON else PARTIAL_SUCCESS
    status = _STATUS.get(_code(result.errors[0]), HTTPStatus.BAD_REQUEST)
    if media is Media.JSON and status != HTTPStatus.TOO_MANY_REQUESTS:
        return HTTPStatus.OK
    return status


def headers_of(result: ExecutionResult) -> dict[str, str]:
    """When to come back, for a client that was told to wait."""
    if not result.errors or not refused(result):
        return {}
    wait = (result.errors[0].extensions or {}).get("retryAfter")
    return {"retry-after": str(ceil(wait))} if isinstance(wait, int | float) else {}


def _code(error: GraphQLError) -> str:
    return str((error.extensions or {}).get("code"))


async def send_answer(
    send: Send, status: int, kind: bytes, body: bytes, headers: Mapping[str, str] | None = None
) -> None:
    """Send a whole response. Answers belong to one viewer, so nobody may keep them."""
    raw = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
    raw += [(b"vary", b"Accept"), (b"x-content-type-options", b"nosniff")]
    if headers:
        raw += [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
