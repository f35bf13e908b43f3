"""Which process is which, and whether it lives."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from workers.machine import (
    _started,
    end_group,
    is_alive,
    signature,
    signer,
    stands_still,
    this_machine,
    this_process,
)

# A child that does not hear SIGTERM, with a child of its own in the same group.
FAMILY = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
child.wait()
"""


@asynccontextmanager
async def family(code: str = FAMILY) -> AsyncIterator[tuple[Process, int]]:
    """A process that leads a group, and its child's number."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=PIPE, start_new_session=True)
    assert process.stdout is not None
    try:
        yield process, int(await process.stdout.readline())
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.communicate()


def test_this_process_lives_here() -> None:
    me = this_process()
    assert (me.machine, me.pid, me.group) == (this_machine(), os.getpid(), None)
    assert is_alive(me)
    assert this_process() == me


def test_a_number_that_was_used_again_is_another_process() -> None:
    assert not is_alive(replace(this_process(), started=this_process().started - 1))
    assert not is_alive(replace(this_process(), pid=2**22 + 1))


def test_a_signature_tells_the_process() -> None:
    me = this_process()
    assert signer(signature(me, "token")) == me
    assert [signer(rubbish) for rubbish in ("", "a|b", "a|b|c|d", "a|1|2.0|t|more")] == [None] * 4
    assert len(signature(me, "a1b2c3")) <= 200


async def test_one_that_stands_still_lives() -> None:
    async with family() as (process, _):
        them = replace(this_process(), pid=process.pid, started=_started(process.pid))
        assert not stands_still(them)
        process.send_signal(signal.SIGSTOP)
        await asyncio.to_thread(os.waitpid, process.pid, os.WUNTRACED)
        assert is_alive(them)
        assert stands_still(them)
    assert not stands_still(them)


def test_a_dead_one_that_nobody_waited_for_does_not_live() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    them = replace(this_process(), pid=child.pid, started=_started(child.pid))
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(them)
    child.wait()


async def test_a_group_is_ended_with_all_that_belong_to_it() -> None:
    async with family() as (process, child):
        os.kill(child, signal.SIGSTOP)
        assert await end_group(process.pid, this_process().started) is True
        assert await process.wait() == -signal.SIGKILL
        them = replace(this_process(), pid=child)
        assert not is_alive(them)


async def test_what_is_left_of_a_group_is_ended_though_its_leader_is_gone() -> None:
    async with family() as (process, child):
        them = replace(this_process(), pid=child, started=_started(child))
        process.kill()
        await process.wait()
        assert is_alive(them)
        assert await end_group(process.pid, this_process().started) is True
        assert not is_alive(them)
        assert await end_group(process.pid, this_process().started) is True


async def test_an_older_group_of_the_same_number_is_left_alone() -> None:
    async with family() as (process, _):
        assert await end_group(process.pid, _started(process.pid) + 1) is True
        assert process.returncode is None
        os.kill(process.pid, 0)


async def test_neither_the_own_group_nor_that_of_the_system_is_ended() -> None:
    for group in (os.getpgrp(), 0, 1, -1):
        assert await end_group(group, 0.0) is True


async def test_a_group_that_cannot_be_ended_is_said_to_be_there() -> None:
    async with family() as (process, _):
        assert await end_group(process.pid, this_process().started, within_s=0) is False
