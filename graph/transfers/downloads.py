"""The door out: GET from a signed address, in one go or in ranges."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from domain.blobs import BlobReads, BlobStorage, Content
from domain.file_names import safe_file_name
from domain.transfers import DownloadTicket, Tickets
from graph.transfers.answers import Answer, TransferCode, TurnedAway, turned_away
from graph.transfers.ranges import NotSatisfiable, Span, is_known, span


class DownloadDoor:
    """The ASGI endpoint of /downloads/{ticket}. What the ticket's owner has now is what is sent."""

    def __init__(self, *, tickets: Tickets, reads: BlobReads, storage: BlobStorage) -> None:
        self._tickets = tickets
        self._reads = reads
        self._storage = storage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            answer = turned_away(error).answer(scope)
        if isinstance(answer, Answer):
            await answer.send(send)
        else:
            await answer(scope, receive, send)

    async def _answer(self, scope: Scope) -> Answer | StreamingResponse:
        if scope["method"] not in {"GET", "HEAD"}:
            raise TurnedAway.bad_input("Fetch the file with GET.", 405, allow="GET, HEAD")
        ticket = self._tickets.download(scope["path_params"]["ticket"])
        scope.setdefault("state", {})["user_id"] = ticket.user_id
        content = await self._reads.content_of(ticket.owner)
        if content is None:
            raise TurnedAway(404, TransferCode.NOT_FOUND, "This file is no longer here.")
        return await self._serve(scope, ticket, content)

    async def _serve(self, scope: Scope, ticket: DownloadTicket, content: Content) -> Answer | StreamingResponse:
        asked = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        headers = _headers(ticket, content)
        if is_known(asked.get("if-none-match"), headers["etag"]):
            return Answer(304, {"etag": headers["etag"]})
        if scope["method"] == "HEAD":
            return Answer(200, headers)
        part = _span(asked, headers["etag"], content.size)
        if part is not None:
            headers["content-range"] = f"bytes {part.start}-{part.end - 1}/{content.size}"
            headers["content-length"] = str(part.end - part.start)
        pieces = await _begun(self._storage, content, part or Span(0, content.size))
        return StreamingResponse(pieces, 206 if part else 200, headers)


def _span(asked: dict[str, str], etag: str, size: int) -> Span | None:
    try:
        return span(asked.get("range"), asked.get("if-range"), etag=etag, size=size)
    except NotSatisfiable:
        headers = {"content-range": f"bytes */{size}"}
        message = f"The file has {size:,} bytes."
        raise TurnedAway(416, TransferCode.BAD_USER_INPUT, message, headers) from None


async def _begun(storage: BlobStorage, content: Content, part: Span) -> AsyncIterator[bytes]:
    """With the first piece in hand, so that what is missing is noticed while there is still another answer."""
    pieces = storage.read(content, part.start, part.end)
    first = await anext(pieces, None)

    async def all_pieces() -> AsyncIterator[bytes]:
        if first is not None:
            yield first
        async for piece in pieces:
            yield piece

    return all_pieces()


def _headers(ticket: DownloadTicket, content: Content) -> dict[str, str]:
    return {
        "content-type": ticket.media_type,
        "content-length": str(content.size),
        "content-disposition": attachment(ticket.name),
        "accept-ranges": "bytes",
        "etag": f'"{content.sha256}"',
        "cache-control": "private, no-store",
        # Should a browser show it all the same, then as a page that may do nothing.
        "content-security-policy": "default-src 'none'; sandbox",
    }


def attachment(name: str) -> str:
    """The Content-Disposition of a file to be saved (RFC 6266): a plain name for old clients, then the real one."""
    name = safe_file_name(name)
    plain = "".join(letter if letter.isascii() and letter not in '"\\%' else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
