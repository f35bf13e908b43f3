"""What the lines of a log mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from workers.engines.trademaster.events import Event, Level, Log, Metric, Progress, Split
from workers.engines.trademaster.logs.measures import Unit
from workers.engines.trademaster.logs.statistics import StatisticsReader
from workers.engines.trademaster.logs.tables import Row, TableReader
from workers.engines.trademaster.logs.tracebacks import TracebackReader

TRAIN_END = "train end"
TEST_END = "test end"
DYNAMICS_TEST_END = "dynamics test end"
LABELLING_END = "market dynamics modeling analysis done"

AGENT = "agent"
MOST_CHARACTERS = 10_000

_EPISODE = re.compile(r"(?P<split>Train|Valid) Episode: \[(?P<epoch>\d+)/(?P<epochs>\d+)\]")
_BEST = "Test Best Episode"
_POLICY = re.compile(r"Test customize policy: (?P<policy>\w+)")
_SUMMARY = re.compile(r"(?P<policy>[\w ]+?)(?: policy)? performance summary")
_SCORES = "Tested scores are:"
# The service cuts off "Date from ", as it does with everything up to "m ".
_PERIOD = re.compile(r"(?:Date from )?(?P<start>\d{4}-\d\d-\d\d[ \d:]*?) to (?P<end>\d{4}-\d\d-\d\d[ \d:]*)")


class LogParser:
    """Fed line by line; tells metrics, progress and what is odd. The lines themselves are told by whoever feeds it."""

    def __init__(self, *, end: str) -> None:
        self._end = end
        self._tables = TableReader()
        self._statistics = StatisticsReader()
        self._traceback = TracebackReader()
        self._split = Split.TRAIN
        self._epoch: int | None = None
        self._epochs: int | None = None
        self._policy: str | None = None
        self._period: tuple[str, str] | None = None
        self._counts: Counter[tuple[Split, int | None]] = Counter()
        self._said: set[str] = set()
        self.ended = False
        """Whether the line was seen that only a run that went well prints, as its last."""

    @property
    def broken(self) -> str | None:
        """What the traceback says in the end, if the log ends in one."""
        return None if self.ended else self._traceback.message

    def feed(self, lines: Iterable[str]) -> list[Event]:
        return [event for line in lines for event in self._line(line)]

    def jump(self) -> None:
        """The next line does not follow the last one."""
        self._tables = TableReader()

    def _line(self, line: str) -> Iterator[Event]:
        line = line.rstrip()
        self.ended = self.ended or line == self._end
        self._traceback.feed(line)
        if self._on_heading(line):
            self._traceback.forget()
            yield from self._progress(after_table=False)
        elif row := self._tables.feed(line):
            self._traceback.forget()
            yield from self._on_row(row)
        elif found := _PERIOD.fullmatch(line):
            self._period = (found["start"], found["end"])
        elif values := self._statistics.feed(line):
            yield Metric(None, self._next(Split.LABELLING, None), Split.LABELLING, values)

    def _on_heading(self, line: str) -> bool:
        if found := _EPISODE.fullmatch(line):
            self._begin(Split(found["split"].lower()), None)
            self._epoch, self._epochs = int(found["epoch"]), int(found["epochs"])
        elif line == _BEST:
            self._begin(Split.TEST, AGENT)
        elif found := _POLICY.fullmatch(line):
            self._begin(Split.TEST, found["policy"])
        elif found := _SUMMARY.fullmatch(line):
            self._begin(Split.SUMMARY, AGENT if found["policy"] == "Tested agent" else found["policy"])
        elif line == _SCORES:
            self._begin(Split.SCORES, AGENT)
        else:
            return False
        return True

    def _begin(self, split: Split, policy: str | None) -> None:
        self._split, self._policy = split, policy
        if split not in {Split.TRAIN, Split.VALID}:
            self._epoch = None
        if split is not Split.TEST or policy == AGENT:
            self._period = None

    def _on_row(self, row: Row) -> Iterator[Event]:
        if row.values:
            number = self._next(self._split, self._epoch)
            yield Metric(self._epoch, number, self._split, row.values, self._policy, self._period)
        yield from self._oddities(row)
        yield from self._progress(after_table=True)

    def _next(self, split: Split, epoch: int | None) -> int:
        self._counts[split, epoch] += 1
        return self._counts[split, epoch]

    def _progress(self, *, after_table: bool) -> Iterator[Progress]:
        """An epoch is done when it was validated."""
        if self._epoch is None or not self._epochs:
            return
        if after_table is (self._split is Split.VALID):
            done = self._epoch if after_table else self._epoch - 1
            yield Progress(min(1.0, done / self._epochs), self._epoch, self._epochs)

    def _oddities(self, row: Row) -> Iterator[Log]:
        for name in row.unreadable:
            yield from self._once(f"The service printed no number for {name}; it is left out.")
        total = row.values.get("total_return")
        if total and total.unit is Unit.PERCENT and total.value < -100:
            yield from self._once(
                "A total return below -100 %: TradeMaster sells short without margin. The number is kept as it is."
            )

    def _once(self, message: str) -> Iterator[Log]:
        if message not in self._said:
            self._said.add(message)
            yield Log(Level.WARNING, message)


def shown(line: str) -> str:
    """A line as people see it: of what was written over itself, as progress bars are, only the last."""
    text = line.rstrip("\r").rpartition("\r")[2].replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + " …"
