"""Very many sockets that listen, in a process of their own, as cheaply as Python can."""

from __future__ import annotations

import asyncio
import struct
import time
from dataclasses import dataclass, field
from typing import cast

_MARK = b'"message":"'


@dataclass(slots=True)
class Heard:
    """What all sockets heard together."""

    messages: int = 0
    latencies: list[float] = field(default_factory=list)
    at: float = 0.0


class Listener(asyncio.Protocol):
    """Shakes hands, says what it was given to say, then counts data messages and notes how old they are."""

    def __init__(
        self, request: bytes, words: list[bytes], heard: Heard, ready: asyncio.Future[None], acks: int
    ) -> None:
        self._request = request
        self._words = words
        self._heard = heard
        self._ready = ready
        self._acks = acks
        self._buffer = b""
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own are no subclass of it.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ready.done():
            self._ready.set_exception(exc or ConnectionError(repr(self._buffer[:200])))

    def data_received(self, data: bytes) -> None:
        now = time.time()
        self._buffer += data
        if not self._is_open:
            if b"\r\n\r\n" not in self._buffer:
                return
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            if b" 101 " not in head:
                return
            self._is_open = True
            for word in self._words:
                self._transport.write(frame(word))
            self._is_ready()
        self._frames(now)

    def _frames(self, now: float) -> None:
        buffer, place, size = self._buffer, 0, len(self._buffer)
        while size - place >= 2:
            length, begin = buffer[place + 1], place + 2
            if length == 126:
                begin, length = place + 4, int.from_bytes(buffer[place + 2 : place + 4], "big")
            elif length == 127:
                begin, length = place + 10, int.from_bytes(buffer[place + 2 : place + 10], "big")
            if begin > size or begin + length > size:
                break
            self._take(buffer, begin, begin + length, now)
            place = begin + length
        self._buffer = buffer[place:]

    def _take(self, buffer: bytes, begin: int, end: int, now: float) -> None:
        if self._acks:
            self._acks -= 1
            self._is_ready()
            return
        mark = buffer.find(_MARK, begin, end)
        if mark < 0:
            return
        self._heard.messages += 1
        self._heard.at = now
        said = mark + len(_MARK)
        self._heard.latencies.append(now - float(buffer[said : said + 17]))

    def _is_ready(self) -> None:
        if not self._acks and not self._ready.done():
            self._ready.set_result(None)


def frame(text: bytes) -> bytes:
    """Masked with zeros."""
    head = bytes([0x81, 0x80 | len(text)]) if len(text) < 126 else b"\x81" + struct.pack("!BH", 0x80 | 126, len(text))
    return head + bytes(4) + text


def handshake(port: int, path: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: graphql-transport-ws",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def connect(port: int, path: str, words: list[bytes], heard: Heard, *, acks: int) -> asyncio.Transport:
    """Open a socket, and wait until it has heard so many messages that are no events."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    request = handshake(port, path)
    transport, _ = await loop.create_connection(lambda: Listener(request, words, heard, ready, acks), "127.0.0.1", port)
    await asyncio.wait_for(ready, 30)
    return transport
