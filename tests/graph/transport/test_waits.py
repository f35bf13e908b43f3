"""Waiting in line and at a gate, also for those who stop waiting."""

import asyncio

import pytest

from graph.transport.sessions import Revocation
from graph.transport.waits import Gate, Inbox
from tests.graph.transport.wire import settle


async def test_messages_are_taken_in_their_order() -> None:
    inbox = Inbox()
    assert inbox.empty()
    for kind in ("a", "b"):
        inbox.put_nowait({"type": kind})
    assert not inbox.empty()
    assert [(await inbox.get())["type"] for _ in range(2)] == ["a", "b"]
    assert inbox.empty()


async def test_who_waits_gets_what_comes() -> None:
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.get())
    await settle()
    for kind in ("a", "b"):
        inbox.put_nowait({"type": kind})
    assert (await waiting)["type"] == "a"
    assert (await inbox.get())["type"] == "b"


async def test_nothing_is_lost_with_one_who_stops_waiting() -> None:
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.get())
    await settle()
    inbox.put_nowait({"type": "a"})
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await inbox.get())["type"] == "a"


async def test_a_gate_is_open_at_first_and_lets_all_through_when_it_opens() -> None:
    gate = Gate()
    assert gate.is_set()
    await gate.wait()
    gate.clear()
    gate.clear()
    waiting = [asyncio.create_task(gate.wait()) for _ in range(3)]
    await settle()
    assert (gate.is_set(), [task.done() for task in waiting]) == (False, [False] * 3)
    waiting[0].cancel()
    await settle()
    assert [task.done() for task in waiting] == [True, False, False]
    gate.set()
    gate.set()
    await asyncio.gather(*waiting[1:])
    assert gate.is_set()
    assert waiting[0].cancelled()


def test_a_revocation_is_told_then_or_at_once() -> None:
    told: list[str] = []
    early, late = Revocation(), Revocation()
    early.tell(told.append, "early")
    assert (told, early.is_set) == ([], False)
    early.set()
    late.set()
    assert (told, late.is_set) == (["early"], True)
    late.tell(told.append, "late")
    assert told == ["early", "late"]
