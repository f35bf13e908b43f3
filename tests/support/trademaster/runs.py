"""What the fake service runs: recorded logs that grow with each poll."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from tests.support.trademaster.recorded import log, sent

WINDOW = 2_000
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ANALYSIS = b",average_k_list_mean,average_k_list_std\n0,0.1,0.2\n"
TRACEBACK = (
    "Traceback (most recent call last):\n"
    + log("pd_threads1_train").partition("Traceback (most recent call last):\n")[2]
)


@dataclass(slots=True)
class Mood:
    """How the fake misbehaves."""

    lines_per_poll: int = 40
    slow_s: float = 0
    broken: int = 0
    """So many calls are answered with a page that says 500."""
    deaf: bool = False
    """Every answer comes only after the call was obeyed, and then never."""
    silent_after: int | None = None
    """The log stops growing after so many lines."""
    crash_after: int | None = None
    """After so many lines it breaks off with a traceback."""
    extra_lines: int = 0
    """So many lines come first."""
    late_results: int = 0
    """For so many polls after the end there are no pictures."""


@dataclass(slots=True)
class Run:
    """One child process over there."""

    text: str
    lines: list[str] = field(init=False)
    shown: int = 0
    polls: int = 0
    polls_after_end: int = 0

    def __post_init__(self) -> None:
        self.lines = sent(self.text).splitlines(keepends=True)

    @property
    def over(self) -> bool:
        return self.shown >= len(self.lines)

    @property
    def ended_well(self) -> bool:
        return self.over and bool(self.lines) and self.lines[-1].rstrip().endswith((" end", "analysis done"))

    def poll(self, mood: Mood) -> str:
        """The first shows nothing yet, as was seen."""
        self.polls += 1
        if self.polls > 1:
            most = len(self.lines) if mood.silent_after is None else mood.silent_after
            self.shown = min(most, len(self.lines), self.shown + mood.lines_per_poll)
        if self.ended_well:
            self.polls_after_end += 1
        return "".join(self.lines[: self.shown][-WINDOW:])

    def picture(self, mood: Mood, content: bytes = PNG) -> str | None:
        if not self.ended_well or self.polls_after_end <= mood.late_results:
            return None
        return base64.b64encode(content).decode()


def run_of(name: str, mood: Mood) -> Run:
    text = log(name)
    if mood.extra_lines:
        text = "".join(f"warning {number}\n" for number in range(mood.extra_lines)) + text
    if mood.crash_after is not None:
        text = "".join(text.splitlines(keepends=True)[: mood.crash_after]) + TRACEBACK
    return Run(text)


@dataclass(slots=True)
class Session:
    """What the service knows under one id."""

    id: str
    folder: str
    agent: str | None = None
    dataset: str | None = None
    train: Run | None = None
    test: Run | None = None
    labelling: Run | None = None
    labelled: bool = False
    """Whether some poll has found the pictures, which is when the service notes where the results lie."""
    saved: bool = False
    regimes: int = 4
    dynamics: dict[str, Run] = field(default_factory=dict)
    stale: dict[str, Run] = field(default_factory=dict)
    """Those that were there before."""
    uploads: list[str] = field(default_factory=list)

    @property
    def busy(self) -> bool:
        return any(run is not None and not run.over for run in (self.train, self.test))

    def path(self, file: str) -> str:
        return f"/opt/TradeMaster/work_dir/{self.id}/{self.folder}/{file}"


Body = dict[str, Any]
