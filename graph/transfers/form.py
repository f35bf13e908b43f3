"""Takes a multipart form apart while it comes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from graph.transport.faults import Fault

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks


@dataclass(frozen=True, slots=True)
class Begin:
    """A field begins. Only files have a file name."""

    name: str
    file_name: str | None
    type: str


@dataclass(frozen=True, slots=True)
class Data:
    data: bytes


@dataclass(frozen=True, slots=True)
class End:
    pass


Event = Begin | Data | End


@dataclass(slots=True)
class _Header:
    name: bytes = b""
    value: bytes = b""


@dataclass(slots=True)
class _Seen:
    headers: list[_Header] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    whole: bool = False


class FormReader:
    """Give it chunks, it gives what was in them. Raises Fault for what is no form."""

    def __init__(self, content_type: str) -> None:
        self._seen = _Seen()
        boundary = parse_options_header(content_type)[1].get(b"boundary")
        if not boundary:
            raise Fault.bad_input("The Content-Type multipart/form-data has no boundary.")
        try:
            self._parser = MultipartParser(boundary, self._callbacks())
        except FormParserError:
            raise Fault.bad_input("The boundary of the form is too long.") from None

    def feed(self, chunk: bytes) -> Sequence[Event]:
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise _broken() from None
        events, self._seen.events = self._seen.events, []
        return events

    def finish(self) -> None:
        if not self._seen.whole:
            raise _broken()

    def _callbacks(self) -> MultipartCallbacks:
        seen = self._seen

        def part_begin() -> None:
            seen.headers = []

        def header_begin() -> None:
            seen.headers.append(_Header())

        def header_field(data: bytes, start: int, end: int) -> None:
            seen.headers[-1].name += data[start:end]

        def header_value(data: bytes, start: int, end: int) -> None:
            seen.headers[-1].value += data[start:end]

        def headers_finished() -> None:
            seen.events.append(_begin({header.name.lower(): header.value for header in seen.headers}))

        def part_data(data: bytes, start: int, end: int) -> None:
            seen.events.append(Data(data[start:end]))

        def part_end() -> None:
            seen.events.append(End())

        def end() -> None:
            seen.whole = True

        made = part_begin, header_begin, header_field, header_value, headers_finished, part_data, part_end, end
        return cast("MultipartCallbacks", {f"on_{callback.__name__}": callback for callback in made})


def _begin(headers: dict[bytes, bytes]) -> Begin:
    kind, options = parse_options_header(headers.get(b"content-disposition", b"").decode("latin-1"))
    name = options.get(b"name")
    if kind != b"form-data" or name is None:
        raise Fault.bad_input("A field of the form has no name.")
    file_name = options.get(b"filename")
    type_ = headers.get(b"content-type", b"application/octet-stream").decode("latin-1")[:200]
    return Begin(_text(name), None if file_name is None else _text(file_name), type_)


def _text(value: bytes) -> str:
    # Browsers write the quote and the ends of lines in names like this.
    return value.decode("utf-8", "replace").replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _broken() -> Fault:
    return Fault.bad_input("The form is broken off or no multipart/form-data.")
