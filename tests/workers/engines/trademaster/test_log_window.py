"""Whatever one sees of a growing log, each line is read once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.trademaster.recorded import log, sent
from workers.engines.trademaster.events import Event
from workers.engines.trademaster.logs.parser import TRAIN_END, LogParser
from workers.engines.trademaster.logs.window import CREDIBLE, Read, step

RECORDED = [
    sent(log(name))
    for name in (
        "deepscalper_train",
        "eiie_threads1_train",
        "eteo_train",
        "pd_threads1_train",
        "deepscalper_MDM",
        "deepscalper_dynamics_test_1",
    )
]
LIMIT = 60


def seen_at(text: str, end: int, limit: int = LIMIT) -> str:
    """The last lines of what was written so far, as `tail` shows them."""
    return "".join(text[:end].splitlines(keepends=True)[-limit:])


@st.composite
def polls(draw: st.DrawFn) -> tuple[str, list[int]]:
    """A recorded log, and where in it one looks: at any character, but before too much has come."""
    text = draw(st.sampled_from(RECORDED))
    ends, end = [], 0
    while end < len(text):
        lines = text[end:].splitlines(keepends=True)[: LIMIT - CREDIBLE - 1]
        end += draw(st.integers(0, sum(map(len, lines))))
        ends.append(end)
        if len(ends) > 60:
            end = len(text)
            ends += [ends[-1] + len("".join(text[ends[-1] :].splitlines(keepends=True)[: LIMIT - CREDIBLE - 1]))]
            break
    return text, ends


@given(polls())
def test_any_sequence_of_overlapping_polls_gives_the_same_lines(case: tuple[str, list[int]]) -> None:
    text, ends = case
    read, lines, parser, events = Read(), list[str](), LogParser(end=TRAIN_END), list[Event]()
    for end in ends:
        got = step(read, seen_at(text, end), limit=LIMIT)
        assert (got.missed, got.anew) == (False, False)
        read = got.read
        lines += got.new
        events += parser.feed(got.new)
    assert events == LogParser(end=TRAIN_END).feed(lines)
    assert lines == text[: ends[-1]].split("\n")[:-1]
    assert read.count == len(lines)


@given(polls(), st.integers(CREDIBLE, 40))
def test_a_reader_that_remembers_only_the_last_lines_goes_on_where_it_was(
    case: tuple[str, list[int]], kept: int
) -> None:
    text, ends = case
    read, lines = Read(), list[str]()
    for end in ends:
        got = step(Read(read.count, read.tail[-kept:]), seen_at(text, end), limit=LIMIT)
        read = got.read
        lines += got.new
    assert lines == text[: ends[-1]].split("\n")[:-1]


def numbered(first: int, last: int) -> str:
    return "".join(f"line {number}\n" for number in range(first, last + 1))


def test_more_lines_than_the_window_holds_are_reported_and_the_rest_is_read() -> None:
    read = step(Read(), numbered(1, 30), limit=LIMIT).read
    got = step(read, numbered(101, 160), limit=LIMIT)
    assert got.missed
    assert list(got.new) == numbered(101, 160).split("\n")[:-1]
    assert step(got.read, numbered(121, 180), limit=LIMIT).new == numbered(161, 180).split("\n")[:-1]


def test_a_window_that_is_full_at_first_may_have_missed_lines() -> None:
    assert step(Read(), numbered(1, LIMIT), limit=LIMIT).missed
    assert not step(Read(), numbered(1, LIMIT - 1), limit=LIMIT).missed


def test_a_line_counts_when_it_is_finished() -> None:
    first = step(Read(), "Train Episode: [1/")
    assert (first.new, first.unfinished) == ([], "Train Episode: [1/")
    assert step(first.read, "Train Episode: [1/20]\n").new == ["Train Episode: [1/20]"]


def test_a_log_that_is_not_there_yet_is_empty() -> None:
    got = step(Read(), "tail: cannot open '/opt/x/test_log.txt' for reading: No such file or directory\n")
    assert (list(got.new), got.missed, got.anew) == ([], False, False)


def test_a_log_that_is_gone_for_a_moment_is_not_read_again() -> None:
    read = step(Read(), numbered(1, 5)).read
    assert step(read, "").read == read
    assert step(step(read, "").read, numbered(1, 6)).new == ["line 6"]


def test_a_log_that_was_written_anew_is_read_from_its_start() -> None:
    read = step(Read(), numbered(1, 5)).read
    got = step(read, numbered(11, 12))
    assert got.anew
    assert list(got.new) == ["line 11", "line 12"]
    assert got.read.count == 2
