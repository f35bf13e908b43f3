"""Starts the parts in order, watches them, and stops them in the opposite order when it is asked to."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType

from app.errors import CannotStart
from app.supervisor.program import Program
from app.supervisor.watched import Clock, Part, Say, Watched

LOOK_EVERY_S = 0.1
READY_WITHIN_S = 120.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(BaseException):
    """Leaves whatever the start was waiting for."""


class Supervisor:
    """Servers come first, then what must run to its end once, then the programs that serve; errands that nobody waits
    for begin when all is ready."""

    def __init__(
        self,
        *,
        servers: Sequence[Part],
        preparations: Sequence[Program],
        front: Program,
        workers: Sequence[Program],
        meanwhile: Sequence[Program] = (),
        missing: Callable[[], str | None],
        announce: Callable[[], None],
        say: Say,
        clock: Clock = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._servers = servers
        self._preparations = preparations
        self._front = front
        self._workers = workers
        self._meanwhile = list(meanwhile)
        self._missing = missing
        self._announce = announce
        self._say = say
        self._clock = clock
        self._pause = pause
        self._asked = False
        self._interruptible = False

    def run(self) -> None:
        """Return when a signal asked for the end and all parts have stopped."""
        with self._listening():
            try:
                with self._may_be_interrupted():
                    self._start()
                self._watch()
            except StopAsked:
                pass
            finally:
                self._asked = True
                self._stop()

    def _start(self) -> None:
        for server in self._servers:
            server.start()
        for preparation in self._preparations:
            preparation.finish()
        for program in (self._front, *self._workers):
            program.start()
        self._wait_until_ready()
        self._announce()
        for errand in self._meanwhile:
            errand.start()

    def _wait_until_ready(self) -> None:
        deadline = self._clock() + READY_WITHIN_S
        while (missing := self._missing()) is not None:
            for program in (self._front, *self._workers):
                if not program.alive:
                    raise CannotStart(f"{program.name} ended at once ({program.end}).", "See what it said above.")
            if self._clock() > deadline:
                raise CannotStart(
                    f"The platform was not ready within {READY_WITHIN_S:.0f} s: {missing}", "Run ./tmw doctor."
                )
            self._pause(LOOK_EVERY_S / 2)

    def _watch(self) -> None:
        parts = (*self._servers, self._front, *self._workers)
        watched = [Watched(part, clock=self._clock, say=self._say) for part in parts]
        while not self._asked:
            for one in watched:
                with self._may_be_interrupted():
                    one.look()
            self._dismiss()
            self._pause(LOOK_EVERY_S)

    def _dismiss(self) -> None:
        """Errands that are over: until somebody asks how they ended, they are kept as zombies."""
        for errand in [errand for errand in self._meanwhile if not errand.alive]:
            # With what they left behind, now: later, others may have their number.
            errand.stop()
            self._meanwhile.remove(errand)

    def _stop(self) -> None:
        """The front first, so that nothing new comes in; the workers together; the servers last."""
        with ExitStack() as stack:
            for server in self._servers:
                stack.callback(server.stop)
            for program in (*self._preparations, *self._meanwhile, *self._workers):
                stack.callback(program.stop)
            for worker in self._workers:
                stack.callback(worker.ask_to_stop)
            stack.callback(self._front.stop)

    @contextmanager
    def _listening(self) -> Iterator[None]:
        before = {number: signal.getsignal(number) for number in SIGNALS}
        # nohup ignores SIGHUP for us, which is to stay so. A shell ignores SIGINT for what it puts in the background,
        # but a person who sends it means it.
        heard = [number for number in SIGNALS if number is not signal.SIGHUP or before[number] is not signal.SIG_IGN]
        for number in heard:
            signal.signal(number, self._on_signal)
        try:
            yield
        finally:
            for number in heard:
                signal.signal(number, before[number])

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked:
            return
        self._asked = True
        if self._interruptible:
            raise StopAsked

    @contextmanager
    def _may_be_interrupted(self) -> Iterator[None]:
        """Within, the first signal raises. Elsewhere it is only noted."""
        self._interruptible = True
        try:
            if self._asked:
                raise StopAsked
            yield
        finally:
            self._interruptible = False
