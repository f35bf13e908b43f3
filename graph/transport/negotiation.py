"""What a request may send and wants back, read from its headers; and which requests a web page could forge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from graph.transport.faults import Fault, FaultCode

Headers = Mapping[bytes, bytes]

_PREFLIGHTED = (b"x-graphql-preflight", b"apollo-require-preflight")
_FORGEABLE = frozenset({"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})


class Media(Enum):
    """The media types of answers."""

    GRAPHQL = b"application/graphql-response+json; charset=utf-8"
    JSON = b"application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an Accept header asks for. `media` is None when we have nothing that it takes."""

    media: Media | None
    page: bool
    stream: bool


@lru_cache(maxsize=1_000)
def wanted(accept: bytes) -> Wanted:
    """Read an Accept header: the highest q wins, then the more exact type, then the first."""
    ranges = sorted((_range(text, place) for place, text in enumerate(accept.decode("latin-1").lower().split(","))))
    medias = [media for *_, name in ranges if (media := _MEDIA.get(name))]
    names = [name for *_, name in ranges if name in _MEDIA or name in _PAGE or name == _STREAM]
    first = names[0] if names else ""
    return Wanted(media=medias[0] if medias else None, page=first in _PAGE, stream=first == _STREAM)


_MEDIA = {
    "application/graphql-response+json": Media.GRAPHQL,
    "application/json": Media.JSON,
    "application/*": Media.JSON,
    "*/*": Media.JSON,
}
_STREAM = "text/event-stream"
_PAGE = frozenset({"text/html", "application/xhtml+xml"})


def _range(text: str, place: int) -> tuple[float, bool, int, str]:
    name, *parameters = (part.strip() for part in text.split(";"))
    quality = next((_quality(parameter[2:]) for parameter in parameters if parameter.startswith("q=")), 1.0)
    return -quality, "*" in name, place, name if quality > 0 else ""


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def refuse_forgery(headers: Headers, *, is_get: bool) -> None:
    """Refuse what a page of another site can make a browser send without asking us first.

    No cookie carries any right here, so this is the second line: a forged request would run as nobody.
    """
    if any(name in headers for name in _PREFLIGHTED):
        return
    if is_get:
        # Links, images and scripts; answers to them reach no program that could want them.
        forged = headers.get(b"sec-fetch-mode") in {b"navigate", b"no-cors"}
    else:
        forged = _content_type(headers.get(b"content-type", b""))[0] in _FORGEABLE
    if forged:
        message = "A web page could forge this request: send application/json, or add the header x-graphql-preflight."
        raise Fault(FaultCode.FORBIDDEN, message, status=403)


def is_form(headers: Headers) -> bool:
    """Whether the request brings files along, or claims to."""
    return _content_type(headers.get(b"content-type", b""))[0] == "multipart/form-data"


def refuse_other_types(headers: Headers) -> None:
    """Refuse a body that is not JSON in UTF-8."""
    kind, charset = _content_type(headers.get(b"content-type", b""))
    if kind not in {"application/json", ""}:
        raise Fault.bad_input("This Content-Type is not supported: send application/json.", 415)
    if charset not in {"utf-8", "utf8"}:
        raise Fault.bad_input("This charset is not supported: send UTF-8.", 415)


@lru_cache(maxsize=1_000)
def _content_type(value: bytes) -> tuple[str, str]:
    kind, *parameters = (part.strip() for part in value.decode("latin-1").lower().split(";"))
    charset = next((p.removeprefix("charset=").strip('"') for p in parameters if p.startswith("charset=")), "utf-8")
    return kind, charset
