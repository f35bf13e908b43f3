"""The door to pictures: GET from a signed address, as a browser does for an <img>."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from domain.clock import Clock
from domain.evaluations.pictures.links import PictureTicket
from domain.evaluations.pictures.service import EvaluationPictures, Picture
from graph.transfers.answers import Answer, TransferCode, TurnedAway, turned_away
from graph.transfers.ranges import is_known


class PictureDoor:
    """The ASGI endpoint of /pictures/{ticket}. Whoever was given the address must still see the evaluation."""

    def __init__(self, *, pictures: EvaluationPictures, clock: Clock) -> None:
        self._pictures = pictures
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        try:
            answer = await self._answer(scope)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            answer = turned_away(error).answer(scope)
        if scope["method"] == "HEAD":
            answer = Answer(answer.status, {**answer.headers, "content-length": str(len(answer.body))})
        await answer.send(send)

    async def _answer(self, scope: Scope) -> Answer:
        if scope["method"] not in {"GET", "HEAD"}:
            raise TurnedAway.bad_input("Fetch the picture with GET.", 405, allow="GET, HEAD")
        ticket, picture = await self._pictures.ticketed(scope["path_params"]["ticket"])
        scope.setdefault("state", {})["user_id"] = ticket.user_id
        if picture is None:
            raise TurnedAway(404, TransferCode.NOT_FOUND, "This picture is no longer here.")
        headers = self._headers(ticket, picture)
        if is_known(_header(scope, b"if-none-match"), headers["etag"]):
            return Answer(304, headers)
        svg = await self._pictures.svg(picture)
        return Answer(200, headers | {"content-type": "image/svg+xml; charset=utf-8"}, svg.encode())

    def _headers(self, ticket: PictureTicket, picture: Picture) -> dict[str, str]:
        left = max(int((ticket.expires_at - self._clock()).total_seconds()), 0)
        return {
            "etag": f'"{picture.tag}"',
            "cache-control": f"private, max-age={left}, immutable",
            "content-disposition": f'inline; filename="{picture.offer.kind.value}.svg"',
            # Opened by itself, it may do nothing but look as it looks.
            "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
            "x-content-type-options": "nosniff",
            # The pages of clients may lie elsewhere.
            "cross-origin-resource-policy": "cross-origin",
        }


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for given, value in scope["headers"] if given == name), None)
