"""The door for files: PUT to a signed address, in one go or resumed.

It is a small part of the IETF draft "Resumable Uploads for HTTP", so that clients of the draft can go on with one:

- PUT without Upload-Offset brings the whole file. What an earlier attempt left is thrown away.
- HEAD tells how much has arrived (Upload-Offset), whether that is all (Upload-Complete), and the limit (Upload-Limit).
- PUT or PATCH with Upload-Offset brings the rest from there on. A wrong offset is a 409 that tells the right one.
- The end of the body is the end of the file, unless Upload-Complete: ?0 says that more will come. Where the size was
  said before, a body that ends sooner is a 409: what has arrived stays, and the answer tells where to go on.

A connection that breaks leaves what has arrived; a new link to the same upload goes on with it.
"""

from __future__ import annotations

import re

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from domain.blobs import Content
from domain.transfers import Tickets, UploadTicket
from domain.uploading import Delivery, Intake
from graph.transfers.answers import JSON, Answer, TurnedAway, limit, state_of, turn_away
from graph.transfers.bodies import IDLE_S, Body, Pace

_METHODS = "HEAD, PUT, PATCH"
_OFFSET = re.compile(rb"\d{1,15}")


class UploadDoor:
    """The ASGI endpoint of /uploads/{ticket}."""

    def __init__(self, *, tickets: Tickets, intake: Intake, pace: Pace, idle_s: float = IDLE_S) -> None:
        self._tickets = tickets
        self._intake = intake
        self._pace = pace
        self._idle_s = idle_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = Body(scope, receive, self._pace, self._idle_s)
        try:
            answer = await self._answer(scope, body)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            await turn_away(scope, body, send, error)
        else:
            await answer.send(send)

    async def _answer(self, scope: Scope, body: Body) -> Answer:
        if scope["method"] not in {"HEAD", "PUT", "PATCH"}:
            raise TurnedAway.bad_input("Send the file with PUT.", 405, allow=_METHODS)
        ticket = self._tickets.upload(scope["path_params"]["ticket"])
        scope.setdefault("state", {})["user_id"] = ticket.user_id
        if scope["method"] == "HEAD":
            return Answer(204, state_of(await self._intake.progress(ticket)) | limit(ticket.max_bytes))
        progress = await self._intake.take(ticket, _delivery(scope, body))
        if progress.complete is None:
            return Answer(204, state_of(progress) | limit(ticket.max_bytes))
        return Answer(200, {"content-type": JSON} | state_of(progress), _receipt(ticket, progress.complete))


def _delivery(scope: Scope, body: Body) -> Delivery:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if b"content-range" in headers:
        raise TurnedAway.bad_input("Say where the bytes belong with Upload-Offset instead of Content-Range.")
    offset = headers.get(b"upload-offset")
    if offset is None and scope["method"] == "PATCH":
        raise TurnedAway.bad_input("PATCH needs the header Upload-Offset.")
    if offset is not None and not _OFFSET.fullmatch(offset):
        raise TurnedAway.bad_input("Upload-Offset must be a whole number.")
    is_last = headers.get(b"upload-complete", b"?1")
    if is_last not in {b"?0", b"?1"}:
        raise TurnedAway.bad_input("Upload-Complete must be ?0 or ?1.")
    return Delivery(body.chunks(), None if offset is None else int(offset), body.length, is_last == b"?1")


def _receipt(ticket: UploadTicket, content: Content) -> bytes:
    return orjson.dumps({"uploadId": str(ticket.upload_id), "sha256": content.sha256, "size": content.size})
