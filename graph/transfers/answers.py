"""What uploads and downloads answer when all is not well: in the form that all errors of the API have."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import orjson
from starlette.types import Scope, Send

from domain.errors import Forbidden, Refused, Unavailable
from domain.transfers import BadTicket, ExpiredTicket
from domain.uploading import NoRoom, PartInUse, Progress, TooLarge, Unfinished, WrongOffset
from graph.transfers.bodies import Body, TooSlow
from graph.transport.faults import request_id

JSON = "application/json; charset=utf-8"
_logger = logging.getLogger(__name__)


class TransferCode(StrEnum):
    """Stable codes of refusals, beside the status."""

    BAD_USER_INPUT = "BAD_USER_INPUT"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    WRONG_OFFSET = "WRONG_OFFSET"
    UNFINISHED = "UNFINISHED"
    IN_USE = "IN_USE"
    TOO_LARGE = "TOO_LARGE"
    TOO_SLOW = "TOO_SLOW"
    STORAGE_FULL = "STORAGE_FULL"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


_Plain = tuple[int, TransferCode, str, Mapping[str, str]]
_PLAIN: Mapping[type[Exception], _Plain] = {
    ExpiredTicket: (403, TransferCode.FORBIDDEN, "This link has expired. Ask for a new one.", {}),
    Forbidden: (403, TransferCode.FORBIDDEN, "This is not allowed for you any more.", {}),
    BadTicket: (403, TransferCode.FORBIDDEN, "This link is not valid.", {}),
    PartInUse: (
        409,
        TransferCode.IN_USE,
        "Another request is sending this upload. Wait for its end, then ask for the offset with HEAD.",
        {"retry-after": "5"},
    ),
    NoRoom: (507, TransferCode.STORAGE_FULL, "The server has no room for this file just now.", {}),
    TooSlow: (
        408,
        TransferCode.TOO_SLOW,
        "Nothing came for too long. Ask for the offset with HEAD, and go on from there.",
        {},
    ),
    Unavailable: (
        503,
        TransferCode.UNAVAILABLE,
        "A part of the platform does not answer just now. Try again in a moment.",
        {"retry-after": "1"},
    ),
}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    async def send(self, send: Send, *, more: bool = False) -> None:
        headers = {"cache-control": "no-store", **self.headers}
        if self.status not in {204, 304}:
            headers.setdefault("content-length", str(len(self.body)))
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        await send({"type": "http.response.body", "body": self.body, "more_body": more})


class TurnedAway(Exception):
    """A refusal by the doors themselves."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    @classmethod
    def bad_input(cls, message: str, status: int = 400, **headers: str) -> TurnedAway:
        return cls(status, TransferCode.BAD_USER_INPUT, message, headers)

    def answer(self, scope: Scope) -> Answer:
        extensions = {"code": self.code, "requestId": request_id(scope)}
        body = orjson.dumps({"errors": [{"message": self.message, "extensions": extensions}]})
        return Answer(self.status, {"content-type": JSON, **self.headers}, body)


async def turn_away(scope: Scope, body: Body, send: Send, error: Exception) -> None:
    """Answers at once, even while the client is still sending."""
    refusal = turned_away(error)
    if not body.unread:
        await refusal.answer(scope).send(send)
        return
    refusal.headers = {**refusal.headers, "connection": "close"}
    await refusal.answer(scope).send(send, more=True)
    await body.linger()
    await send({"type": "http.response.body", "body": b""})


def state_of(progress: Progress) -> dict[str, str]:
    """How far an upload is, in headers."""
    complete = "?1" if progress.complete is not None else "?0"
    return {"upload-offset": str(progress.size), "upload-complete": complete}


def turned_away(error: Exception) -> TurnedAway:
    """What a client is told about an error: what it can act upon, or else only that it was not its fault."""
    match error:
        case TurnedAway():
            return error
        case WrongOffset() | Unfinished():
            return _goes_on(error)
        case TooLarge(max_bytes=most):
            message = f"This upload may have at most {most:,} bytes."
            return TurnedAway(413, TransferCode.TOO_LARGE, message, limit(most))
        case Refused(problems=(first, *_)):
            return TurnedAway(409, first.code, first.message)
    for kind, (status, code, message, headers) in _PLAIN.items():
        if isinstance(error, kind):
            return TurnedAway(status, code, message, headers)
    _logger.error("A transfer failed", exc_info=error)
    return TurnedAway(500, TransferCode.INTERNAL, "Something went wrong on our side.")


def limit(most: int) -> dict[str, str]:
    return {"upload-limit": f"max-size={most}"}


def _goes_on(error: WrongOffset | Unfinished) -> TurnedAway:
    """The upload is not where the client thinks it is: it is told where."""
    progress = error.progress
    if isinstance(error, WrongOffset):
        return TurnedAway(409, TransferCode.WRONG_OFFSET, _wrong_offset(progress), state_of(progress))
    message = (
        f"Only {progress.size:,} of {error.size:,} bytes have arrived. "
        f"Send the rest with Upload-Offset: {progress.size}, or the whole file again without it."
    )
    return TurnedAway(409, TransferCode.UNFINISHED, message, state_of(progress))


def _wrong_offset(progress: Progress) -> str:
    if progress.complete is not None:
        return "This upload is complete."
    return f"This upload goes on at byte {progress.size}: send the rest with Upload-Offset: {progress.size}."
