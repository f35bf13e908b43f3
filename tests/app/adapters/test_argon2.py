"""Hashing passwords: right, off the event loop, and never more at once than was said."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import argon2
import pytest
from argon2 import Type, extract_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.argon2 import Argon2Hasher
from domain.errors import Unavailable


def cheap(**changes: int) -> argon2.PasswordHasher:
    return argon2.PasswordHasher(**{"time_cost": 1, "memory_cost": 8, "parallelism": 1, **changes})


class SlowArgon2(argon2.PasswordHasher):
    """Hashes nothing before it is let go, and counts what is asked."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.go = threading.Event()
        self.started = threading.Semaphore(0)
        self.running = self.most = 0
        self.lock = threading.Lock()

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.started.release()
        assert self.go.wait(20)
        with self.lock:
            self.running -= 1
        return super().hash(password, salt=salt)


class CountingArgon2(argon2.PasswordHasher):
    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.checked: list[str | bytes] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
        self.checked.append(hash)
        return super().verify(hash, password)


@pytest.fixture
def hasher() -> Iterator[Argon2Hasher]:
    hasher = Argon2Hasher(cheap())
    yield hasher
    hasher.close()


async def test_the_right_password_matches_and_no_other(hasher: Argon2Hasher) -> None:
    stored = await hasher.hash("correct horse")

    assert await hasher.verify(stored, "correct horse")
    assert not await hasher.verify(stored, "correct horse ")
    assert not await hasher.verify(stored, "")


async def test_one_password_has_another_hash_each_time(hasher: Argon2Hasher) -> None:
    assert await hasher.hash("correct horse") != await hasher.hash("correct horse")


async def test_a_password_typed_on_another_system_is_the_same(hasher: Argon2Hasher) -> None:
    assert await hasher.verify(await hasher.hash("Zoe\u0308 \ufb01nd"), "Zoë find")


@settings(max_examples=30)
@given(st.text(st.characters(categories=None)))
async def test_any_text_can_be_checked(text: str) -> None:
    hasher = Argon2Hasher(cheap())
    try:
        assert await hasher.verify(await hasher.hash(text), text)
    finally:
        hasher.close()


def test_by_default_it_is_argon2id_with_the_second_recommendation_of_rfc_9106() -> None:
    hasher = Argon2Hasher()
    parameters = extract_parameters(hasher._dummy)
    hasher.close()

    assert parameters.type is Type.ID
    assert (parameters.version, parameters.time_cost, parameters.memory_cost, parameters.parallelism) == (
        19,
        3,
        65536,
        4,
    )


async def test_a_hash_is_renewed_when_the_parameters_grow(hasher: Argon2Hasher) -> None:
    stored = await hasher.hash("correct horse")
    grown = Argon2Hasher(cheap(time_cost=2))

    assert not hasher.needs_rehash(stored)
    assert grown.needs_rehash(stored)
    assert await grown.verify(stored, "correct horse")
    grown.close()


async def test_an_unknown_user_and_one_without_password_cost_what_a_wrong_password_costs() -> None:
    argon2id = CountingArgon2()
    hasher = Argon2Hasher(argon2id)
    stored = await hasher.hash("correct horse")

    assert not await hasher.verify(stored, "wrong")
    await hasher.waste_time()
    assert len(argon2id.checked) == 2
    assert extract_parameters(str(argon2id.checked[1])) == extract_parameters(stored)

    assert not await hasher.verify("!", "wrong")
    assert argon2id.checked[2:] == ["!", hasher._dummy], "the first is refused unread, the second does the work"
    hasher.close()


async def test_the_loop_turns_while_a_hash_is_made() -> None:
    slow = SlowArgon2()
    hasher = Argon2Hasher(slow)
    hashing = asyncio.create_task(hasher.hash("correct horse"))

    turns = 0
    await asyncio.to_thread(slow.started.acquire)
    for _ in range(1_000):
        await asyncio.sleep(0)
        turns += 1
    assert turns == 1_000
    assert not hashing.done()

    slow.go.set()
    assert (await hashing).startswith("$argon2id$")
    hasher.close()


async def test_so_many_work_so_many_wait_and_the_next_is_told_to_come_back() -> None:
    slow = SlowArgon2()
    hasher = Argon2Hasher(slow, threads=2, waiting=3)
    hashing = [asyncio.create_task(hasher.hash("correct horse")) for _ in range(5)]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable, match="Try again"):
        await hasher.hash("correct horse")
    with pytest.raises(Unavailable):
        await hasher.waste_time()

    slow.go.set()
    assert len(set(await asyncio.gather(*hashing))) == 5
    assert slow.most == 2
    assert await hasher.hash("correct horse"), "places are given back"
    hasher.close()


async def test_a_client_that_hangs_up_keeps_its_place_until_the_thread_is_done() -> None:
    slow = SlowArgon2()
    hasher = Argon2Hasher(slow, threads=1, waiting=1)
    working, waiting = (asyncio.create_task(hasher.hash("correct horse")) for _ in range(2))
    await asyncio.to_thread(slow.started.acquire)

    for task in (working, waiting):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    another = asyncio.create_task(hasher.hash("correct horse"))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await hasher.hash("correct horse")

    slow.go.set()
    assert await another
    hasher.close()


async def test_a_closed_hasher_says_that_it_stops(hasher: Argon2Hasher) -> None:
    hasher.close()
    for _ in range(50):
        with pytest.raises(Unavailable, match="stopping"):
            await hasher.hash("correct horse")
