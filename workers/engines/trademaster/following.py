"""Following one log of the service to its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from workers.engines.trademaster.answers import Status
from workers.engines.trademaster.errors import Declined, SessionLost, Unreachable
from workers.engines.trademaster.events import Event, Failed, Level, Log, Metric, Place, Split, Trouble
from workers.engines.trademaster.logs.measures import Measure
from workers.engines.trademaster.logs.parser import AGENT, LogParser, shown
from workers.engines.trademaster.logs.window import LIMIT, Read, Step, step
from workers.engines.trademaster.pace import Keep, Pace

# Enough to be recognised; a window's worth would make each stored place large.
KEPT_LINES = 200
MOST_OF_A_MESSAGE = 1_000
MISSED = f"More than {LIMIT:,} lines came at once, and the service shows only the last ones: some are missing here."
LOST = "The service no longer knows this session. It may forget them when it restarts; start anew."
REFUSED = "The service refused, without a reason."
ANEW = "The log began anew on the service."
SILENT = "The service has printed nothing for {minutes}. It may be busy, or dead; it does not say which."

Poll = Callable[[], Awaitable[Status]]
Ready = Callable[[Status], bool]


class Following:
    """Polls until the log says that it ended, or until there is no more hope. Then `status` or `failed` is set."""

    def __init__(self, place: Place, *, end: str, poll: Poll, ready: Ready, pace: Pace, keep: Keep) -> None:
        self.place = place
        self.status: Status | None = None
        self.failed: Failed | None = None
        self.measures: dict[str, Measure] = {}
        self._read = Read(place.count, place.tail)
        self._told = place.told
        self._resumed = place.count > 0
        self._end = end
        self._parser = LogParser(end=end)
        self._poll, self._ready, self._pace, self._keep = poll, ready, pace, keep
        self._heard_at = self._answered_at = pace.clock()
        self._ended_at: datetime | None = None
        self._warned = self._is_away = False
        self._refused = 0
        self._unfinished = ""

    async def events(self) -> AsyncGenerator[Event, None]:
        wait_s = 0.0
        while True:
            await self._keep()
            before = self._read.count
            for event in await self._polled():
                yield event
            if self.failed or self.status:
                return
            wait_s = self._pace.longer(0 if self._read.count != before else wait_s)
            await self._pace.sleep(wait_s)

    async def _polled(self) -> list[Event]:
        try:
            status = await self._poll()
        except SessionLost:
            return self._on_refused(Trouble.LOST, LOST)
        except Declined as error:
            return self._on_refused(Trouble.DECLINED, error.message or REFUSED)
        except Unreachable as error:
            return [*self._on_away(error)]
        return [*self._on_answer(status)]

    def _on_refused(self, code: Trouble, message: str) -> list[Event]:
        self._refused += 1
        return [self._fail(code, message)] if self._refused >= self._pace.refusals else []

    def _on_away(self, error: Unreachable) -> Iterator[Event]:
        if self._pace.clock() - self._answered_at >= self._pace.away:
            yield self._fail(Trouble.UNREACHABLE, f"{error.message} It is given up after {_minutes(self._pace.away)}.")
        elif not self._is_away:
            self._is_away = True
            yield Log(Level.WARNING, f"{error.message} It will be asked again.")

    def _on_answer(self, status: Status) -> Iterator[Event]:
        now = self._pace.clock()
        if self._is_away:
            # While it was away it could not be heard, which is not silence.
            self._is_away, self._heard_at = False, now
            yield Log(Level.INFO, "The service answers again.")
        self._answered_at, self._refused = now, 0
        news = step(self._read, self._fresh(status))
        if self._resumed:
            # What was told before a restart is read again, and not told again.
            for event in self._parser.feed(news.before):
                self._note(event)
            self._resumed = False
        yield from self._tell(news)
        yield from self._judge(status, news, now)

    def _fresh(self, status: Status) -> str:
        if self.place.stale and status.mark == self.place.stale:
            return ""
        self.place = replace(self.place, stale="")
        return status.log

    def _tell(self, news: Step) -> Iterator[Event]:
        self._read = news.read
        if news.missed or (news.anew and self.place.count):
            self._parser.jump()
            yield Log(Level.WARNING, MISSED if news.missed else ANEW)
        for line in news.new:
            yield Log(Level.INFO, shown(line), self._next())
            for event in self._parser.feed((line,)):
                self._note(event)
                yield replace(event, number=self._next()) if isinstance(event, Metric) else event
        if news.new:
            tail = news.read.tail[-KEPT_LINES:]
            self.place = replace(self.place, count=news.read.count, tail=tail, told=self._told)
            yield self.place

    def _next(self) -> int:
        self._told += 1
        return self._told

    def _note(self, event: Event) -> None:
        if isinstance(event, Metric) and event.split in {Split.TEST, Split.SCORES} and event.policy == AGENT:
            self.measures = dict(event.values)

    def _judge(self, status: Status, news: Step, now: datetime) -> Iterator[Event]:
        # A progress bar grows without ever ending its line.
        moved = bool(news.new) or news.unfinished != self._unfinished
        self._unfinished = news.unfinished
        if moved:
            self._heard_at, self._warned = now, False
        if self._parser.ended or news.unfinished.strip() == self._end:
            yield from self._on_end(status, news, now)
        elif moved:
            return
        elif self._parser.broken:
            # Only now that nothing follows: what goes on after a traceback has coped with it.
            yield from _last_words(news)
            yield self._fail(Trouble.FAILED, self._parser.broken)
        else:
            yield from self._on_silence(now)

    def _on_end(self, status: Status, news: Step, now: datetime) -> Iterator[Event]:
        self._ended_at = self._ended_at or now
        ready = self._ready(status)
        if not ready and now - self._ended_at < self._pace.results:
            return
        self.status = status
        yield from _last_words(news)
        if not ready:
            yield Log(Level.WARNING, "The service has ended without handing out all of its results.")

    def _on_silence(self, now: datetime) -> Iterator[Event]:
        silence = now - self._heard_at
        if silence >= 2 * self._pace.stall:
            yield self._fail(Trouble.STALLED, SILENT.format(minutes=_minutes(silence)))
        elif silence >= self._pace.stall and not self._warned:
            self._warned = True
            yield Log(Level.WARNING, SILENT.format(minutes=_minutes(silence)))

    def _fail(self, code: Trouble, message: str) -> Failed:
        self.failed = Failed(code, message[:MOST_OF_A_MESSAGE])
        return self.failed


def _last_words(news: Step) -> Iterator[Log]:
    """A last line whose end never came."""
    if news.unfinished.strip():
        yield Log(Level.INFO, shown(news.unfinished))


def _minutes(time: timedelta) -> str:
    return f"{time.total_seconds() / 60:.0f} minutes"
