"""Loads by key what one turn of the event loop asks for: keys in, values out, in the same order."""

from __future__ import annotations

from asyncio import Future, Task, get_running_loop
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Loader(Generic[Key, Value]):
    """For one operation: what it has loaded it remembers, and its viewer stays the same."""

    def __init__(self, fetch: Callable[[list[Key]], Awaitable[Sequence[Value | Exception]]]) -> None:
        self._fetch = fetch
        self._loop = get_running_loop()
        self._futures: dict[Key, Future[Value]] = {}
        self._wanted: dict[Key, Future[Value]] = {}
        self._task: Task[None] | None = None

    def load(self, key: Key) -> Future[Value]:
        """The value for a key. Everybody who asks for the same key waits for the same future."""
        future = self._futures.get(key)
        if future is None or future.cancelled():
            future = self._futures[key] = self._loop.create_future()
            if not self._wanted:
                self._loop.call_soon(self._start)
            self._wanted[key] = future
        return future

    async def load_many(self, keys: Iterable[Key]) -> list[Value]:
        futures = [self.load(key) for key in keys]
        return [await future for future in futures]

    def prime(self, key: Key, value: Value) -> None:
        """Remember a value that came another way, unless the key is known already."""
        if key not in self._futures:
            future = self._futures[key] = self._loop.create_future()
            future.set_result(value)

    def clear(self, key: Key) -> None:
        """Forget a value that has changed. What has not been fetched yet will be fresh anyway."""
        if key not in self._wanted:
            self._futures.pop(key, None)

    def _start(self) -> None:
        # One more turn: those who were woken in this one may still want to come along.
        self._task = self._loop.create_task(self._run())

    async def _run(self) -> None:
        wanted, self._wanted = self._wanted, {}
        keys = list(wanted)
        values: Sequence[Value | Exception]
        try:
            values = await self._fetch(keys)
            if len(values) != len(keys):
                raise RuntimeError(f"{len(keys)} keys gave {len(values)} values.")  # noqa: TRY301
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            values = [error] * len(keys)
        for future, value in zip(wanted.values(), values, strict=True):
            _settle(future, value)


def _settle(future: Future[Value], value: Value | Exception) -> None:
    if future.done():
        return
    if isinstance(value, Exception):
        future.set_exception(value)
        # Asking for it tells asyncio that nobody has to be warned when nobody waits any more.
        future.exception()
    else:
        future.set_result(value)
