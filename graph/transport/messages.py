"""The words of graphql-transport-ws: what clients say, checked, and what the server says, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from graph.transport.answers import encode

PROTOCOL = "graphql-transport-ws"
ACK = '{"type":"connection_ack"}'
PING = '{"type":"ping"}'
_MAX_ID = 255
_MAX_REASON = 123
_WITH_ID = frozenset({"subscribe", "complete"})
_WITHOUT_ID = frozenset({"connection_init", "ping", "pong"})


class Closing(Exception):
    """The socket has to be closed, with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        # A close frame has room for 125 bytes, and two of them are the code.
        self.reason = reason.encode()[:_MAX_REASON].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a client. `id` means something for subscribe and complete only."""

    type: str
    id: str
    payload: dict[str, Any] | None


def read(frame: Mapping[str, Any], max_bytes: int) -> Message:
    """Check a received frame, or say with which code the socket closes."""
    text = frame.get("text")
    if text is None:
        raise Closing(4400, "Binary frames are not part of graphql-transport-ws")
    if len(text.encode()) > max_bytes:
        raise Closing(1009, "Message too big")
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Closing(4400, "A message must be JSON") from None
    if not isinstance(data, dict):
        raise Closing(4400, "A message must be a JSON object")
    return _checked(data)


def _checked(data: dict[str, Any]) -> Message:
    kind, payload = str(data.get("type")), data.get("payload")
    id_ = data.get("id") if kind in _WITH_ID else "-"
    if not isinstance(id_, str) or not 0 < len(id_) <= _MAX_ID:
        raise Closing(4400, f"`{kind}` needs an id, a string of 1 to {_MAX_ID} characters")
    if kind in _WITHOUT_ID or kind == "complete":
        if payload is not None and not isinstance(payload, dict):
            raise Closing(4400, f"The payload of `{kind}` must be an object")
    elif kind == "subscribe":
        if not isinstance(payload, dict):
            raise Closing(4400, "`subscribe` needs a payload, an object")
    else:
        raise Closing(4400, f"Unknown message type: {kind}")
    return Message(type=kind, id=id_, payload=payload)


def pong(payload: dict[str, Any] | None) -> str:
    return encode({"type": "pong"} if payload is None else {"type": "pong", "payload": payload}).decode()


class Voice:
    """The messages about one operation."""

    __slots__ = ("_tail",)

    def __init__(self, id_: str) -> None:
        self._tail = ',"id":' + orjson.dumps(id_).decode() + "}"

    def next(self, payload: str) -> str:
        """One result, already JSON: many sockets may share the text of one result."""
        return '{"type":"next","payload":' + payload + self._tail

    def error(self, errors: Sequence[object]) -> str:
        return '{"type":"error","payload":' + encode(errors).decode() + self._tail

    def complete(self) -> str:
        return '{"type":"complete"' + self._tail
