"""Asks again and again on several connections, as cheaply as Python can, and notes how long each answer took."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

import httptools
import uvloop

LATE_S = 30.0


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as it goes over the wire, and what its answer must be like."""

    port: int
    wire: bytes
    length: int


@dataclass(slots=True)
class Took:
    """How long answers took, in seconds, over how long a time."""

    seconds: float = 0.0
    each: list[float] = field(default_factory=list)

    def add(self, other: Took) -> None:
        self.seconds += other.seconds
        self.each += other.each

    @property
    def per_second(self) -> float:
        return len(self.each) / self.seconds

    def ms(self, percent: int) -> float:
        """The answer time that so many per cent of the requests did not exceed."""
        return sorted(self.each)[len(self.each) * percent // 100] * 1000


class _Line(asyncio.Protocol):
    """One connection that asks as soon as it was answered."""

    def __init__(self, call: Call, until: float) -> None:
        self.took: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._call = call
        self._until = until
        self._parser = httptools.HttpResponseParser(self)
        self._length = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of what they implement.
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def _ask(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(self._call.wire)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._length += len(body)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self.took.append(now - self._began)
        status, length, self._length = self._parser.get_status_code(), self._length, 0
        if (status, length) != (200, self._call.length):
            self._end(RuntimeError(f"The answer was {status} with {length} bytes, not {self._call.length}."))
        elif now < self._until:
            self._ask()
        else:
            self._end()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or ConnectionError("The server hung up."))

    def _end(self, error: Exception | None = None) -> None:
        if self.done.done():
            return
        self._transport.close()
        if error:
            self.done.set_exception(error)
        else:
            self.done.set_result(None)


def load(call: Call, seconds: float, connections: int) -> Took:
    """For a process of its own."""
    return uvloop.run(_load(call, seconds, connections))


async def _load(call: Call, seconds: float, connections: int) -> Took:
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    lines = [
        (await loop.create_connection(lambda: _Line(call, began + seconds), "127.0.0.1", call.port))[1]
        for _ in range(connections)
    ]
    async with asyncio.timeout(seconds + LATE_S):
        await asyncio.gather(*(line.done for line in lines))
    return Took(time.perf_counter() - began, [took for line in lines for took in line.took])
