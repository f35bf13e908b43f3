"""Files that come with a GraphQL request, by the GraphQL multipart request specification.

First the field `operations`, then `map`, then the files. Their bytes go the same way as those of the other door.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request

from domain.file_names import safe_file_name
from domain.ids import new_id
from domain.uploading import NoRoom, Part, Parts, TooLarge, UploadedFile, add
from graph.transfers.bodies import IDLE_S, Body, Pace, TooSlow
from graph.transfers.form import Begin, Data, End, Event, FormReader
from graph.transport.faults import Fault, FaultCode
from graph.transport.params import Params, from_json

MAX_MAP_BYTES = 20_000
_ORDER = "The form must have `operations` first, then `map`, then the files that `map` names, each once."

Places = dict[str, list[list[str]]]


@dataclass(frozen=True, slots=True)
class FormLimits:
    max_file_bytes: int
    max_text_bytes: int
    max_files: int = 10


class MultipartForms:
    """Implements graph.transport.http.Forms. `admit` raises for a context that may not send files."""

    def __init__(
        self, *, parts: Parts, limits: FormLimits, admit: Callable[[Any], None], pace: Pace, idle_s: float = IDLE_S
    ) -> None:
        self._parts = parts
        self._limits = limits
        self._admit = admit
        self._pace = pace
        self._idle_s = idle_s

    @asynccontextmanager
    async def read(self, request: Request, context: Any) -> AsyncIterator[Params]:
        """What the form asks for, with the files in their places. They are gone when the block ends."""
        self._admit(context)
        async with AsyncExitStack() as stack:
            form = _Form(self._parts, self._limits, stack)
            with _as_faults():
                await self._take(request, form)
            yield from_json(form.filled())

    async def _take(self, request: Request, form: _Form) -> None:
        reader = FormReader(request.headers["content-type"])
        async for chunk in Body(request.scope, request.receive, self._pace, self._idle_s).chunks():
            for event in reader.feed(chunk):
                await form.take(event)
        reader.finish()


@contextmanager
def _as_faults() -> Iterator[None]:
    try:
        yield
    except TooLarge as error:
        raise Fault.bad_input(f"A file may have at most {error.max_bytes:,} bytes.", 413) from None
    except TooSlow:
        raise Fault.bad_input("Nothing came for too long.", 408) from None
    except NoRoom:
        message = "The server has no room for this file just now."
        raise Fault(FaultCode.UNAVAILABLE, message, status=507) from None


@dataclass(slots=True)
class _Form:
    """What has come so far."""

    parts: Parts
    limits: FormLimits
    stack: AsyncExitStack
    operations: Any = None
    places: Places | None = None
    files: dict[str, UploadedFile] = field(default_factory=dict)
    now: Begin | None = None
    text: bytearray = field(default_factory=bytearray)
    part: Part | None = None

    async def take(self, event: Event) -> None:
        match event:
            case Begin():
                await self._begin(event)
            case Data(data=data) if self.part is not None:
                await add(self.part, data, self.limits.max_file_bytes)
            case Data(data=data):
                self._add_text(data)
            case End():
                await self._end()

    async def _begin(self, field: Begin) -> None:
        self.now, self.text, self.part = field, bytearray(), None
        if self.places is not None:
            if field.name not in self.places or field.name in self.files:
                raise Fault.bad_input(_ORDER)
            self.part = await self.stack.enter_async_context(self.parts.hold(new_id()))
            self.stack.push_async_callback(self.part.discard)
        elif field.name != ("operations" if self.operations is None else "map"):
            raise Fault.bad_input(_ORDER)

    def _add_text(self, data: bytes) -> None:
        most = self.limits.max_text_bytes if self.operations is None else MAX_MAP_BYTES
        if len(self.text) + len(data) > most:
            raise Fault.bad_input(f"A text in the form may have at most {most:,} bytes.", 413)
        self.text += data

    async def _end(self) -> None:
        if self.part is not None and self.now is not None:
            received = await self.part.whole()
            name = safe_file_name(self.now.file_name or "")
            self.files[self.now.name] = UploadedFile(name, self.now.type, received)
        elif self.operations is None:
            self.operations = _json(self.text, "operations")
        else:
            self.places = _places(_json(self.text, "map"), self.limits.max_files)

    def filled(self) -> Any:
        """The operations, with each file where `map` wants it."""
        if self.places is None or self.files.keys() != self.places.keys():
            raise Fault.bad_input(_ORDER)
        for name, paths in self.places.items():
            for path in paths:
                _put(self.operations, path, self.files[name])
        return self.operations


def _json(text: bytearray, name: str) -> Any:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise Fault.bad_input(f"The field `{name}` must be a JSON object.")
    return value


def _places(wanted: dict[str, Any], max_files: int) -> Places:
    if len(wanted) > max_files:
        raise Fault.bad_input(f"A request may bring at most {max_files} files.")
    for paths in wanted.values():
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise Fault.bad_input("The field `map` must have lists of paths, such as variables.file.")
    return {name: [path.split(".") for path in paths] for name, paths in wanted.items()}


def _put(operations: Any, path: list[str], file: UploadedFile) -> None:
    """Only nulls inside the variables are places for files."""
    try:
        *above, last = path
        if above[:1] != ["variables"]:
            raise KeyError
        target = operations
        for step in above:
            target = target[_key(target, step)]
        key = _key(target, last)
        if target[key] is not None:
            raise KeyError
        target[key] = file
    except (LookupError, TypeError, ValueError):
        raise Fault.bad_input("A path in `map` does not lead to a null in the variables.") from None


def _key(target: Any, step: str) -> Any:
    return int(step) if isinstance(target, list) else step
