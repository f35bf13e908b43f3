"""Loading by key, many at once."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence

import pytest

from graph.execution import Loader


class Shelf:
    """Something to load from, that notes what was asked."""

    def __init__(self, *, short: bool = False, broken: bool = False) -> None:
        self.asked: list[list[int]] = []
        self._short = short
        self._broken = broken

    async def fetch(self, keys: list[int]) -> Sequence[str | Exception]:
        self.asked.append(keys)
        await asyncio.sleep(0)
        if self._broken:
            raise ConnectionError("gone")
        return [LookupError(key) if key < 0 else f"v{key}" for key in keys][: 1 if self._short else None]


async def test_what_is_asked_for_in_one_turn_is_one_batch_in_order() -> None:
    shelf = Shelf()
    loader = Loader(shelf.fetch)
    assert await asyncio.gather(loader.load(3), loader.load(1), loader.load(3)) == ["v3", "v1", "v3"]
    assert shelf.asked == [[3, 1]]


async def test_what_was_loaded_is_remembered() -> None:
    shelf = Shelf()
    loader = Loader(shelf.fetch)
    assert await loader.load(1) == "v1"
    assert await loader.load_many([1, 2]) == ["v1", "v2"]
    assert shelf.asked == [[1], [2]]


async def test_an_error_is_that_of_its_key_only() -> None:
    loader = Loader(Shelf().fetch)
    good, bad = loader.load(1), loader.load(-1)
    assert await good == "v1"
    with pytest.raises(LookupError):
        await bad


async def test_a_fetch_that_fails_fails_all_its_keys() -> None:
    loader = Loader(Shelf(broken=True).fetch)
    results = await asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True)
    assert [type(result) for result in results] == [ConnectionError, ConnectionError]


async def test_a_fetch_that_gives_too_few_is_an_error() -> None:
    loader = Loader(Shelf(short=True).fetch)
    with pytest.raises(RuntimeError, match="2 keys gave 1 values"):
        await loader.load_many([1, 2])


async def test_a_value_that_came_another_way_is_not_loaded() -> None:
    shelf = Shelf()
    loader = Loader(shelf.fetch)
    loader.prime(1, "known")
    loader.prime(1, "known better")
    assert await loader.load(1) == "known"
    assert shelf.asked == []


async def test_what_has_changed_is_loaded_again() -> None:
    shelf = Shelf()
    loader = Loader(shelf.fetch)
    early = loader.load(1)
    loader.clear(1)
    assert await loader.load_many([1]) == ["v1"]
    assert await early == "v1"
    loader.clear(1)
    await loader.load(1)
    assert shelf.asked == [[1], [1]]


async def test_a_wait_that_was_cancelled_takes_nothing_from_the_others() -> None:
    shelf = Shelf()
    loader = Loader(shelf.fetch)
    first, second = loader.load(1), loader.load(2)
    first.cancel()
    assert await second == "v2"
    assert await loader.load(1) == "v1"
    assert shelf.asked == [[1, 2], [1]]


async def test_an_error_that_nobody_waits_for_warns_nobody() -> None:
    complaints: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    try:
        loader = Loader(Shelf().fetch)
        loader.load(-1)
        await loader.load(1)
        del loader
        gc.collect()
    finally:
        loop.set_exception_handler(None)
    assert complaints == []
