"""Facts made fit to be kept."""

from __future__ import annotations

import math

import pytest

from domain.jobs.events import Checkpoint, Fact, Level, Log, Metric, Progress, Result, Split
from workers.facts import LONGEST_MESSAGE, cleaned

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (Log(Level.INFO, "a\0b\ud800c"), Log(Level.INFO, "ab?c")),
        (Log(Level.INFO, "x" * 20_000), Log(Level.INFO, "x" * LONGEST_MESSAGE)),
        (
            Metric(1, 2, Split.TEST, {"a": 1, "b": NAN, "c": -INF, "d\0": 2.5}),
            Metric(1, 2, Split.TEST, {"a": 1.0, "d": 2.5}),
        ),
        (Progress(-1, steps_per_second=INF, seconds_left=NAN), Progress(0.0)),
        (Progress(101, 1, 2, 3, 4, 5.0, 6.0), Progress(100.0, 1, 2, 3, 4, 5.0, 6.0)),
        (Progress(NAN), Progress(0.0)),
        (Result({"a": {"b\0": [NAN, "c\0", 1, None]}}), Result({"a": {"b": [None, "c", 1, None]}})),
        (Checkpoint(5), Checkpoint(5)),
    ],
)
def test_what_cannot_be_kept_is_made_fit(told: Fact, kept: Fact) -> None:
    assert cleaned(told) == kept  # type: ignore[type-var]
