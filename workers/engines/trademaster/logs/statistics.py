"""What a labelling prints about distances and segments."""

from __future__ import annotations

import re
from collections.abc import Mapping

from workers.engines.trademaster.logs.measures import Measure, measure_of

_HEADING = "All distance statistics:"
_VALUE = re.compile(r"(?P<name>count|mean|std|min|max|\d+%)\s+(?P<value>\S+)")
_TOTAL = re.compile(r"merging_round in total: (?P<rounds>\d+), number of segments: (?P<segments>\d+)")
_QUARTILES = {"25%": "lower_quartile", "50%": "median", "75%": "upper_quartile"}

Values = Mapping[str, Measure]


class StatisticsReader:
    def __init__(self) -> None:
        self._values: dict[str, Measure] | None = None

    def feed(self, line: str) -> Values | None:
        """A whole set of numbers, when this line completes one."""
        if found := _TOTAL.fullmatch(line):
            return {name: Measure(float(found[name])) for name in ("rounds", "segments")}
        if line == _HEADING:
            self._values = {}
        elif self._values is not None:
            return self._on_value(line, self._values)
        return None

    def _on_value(self, line: str, values: dict[str, Measure]) -> Values | None:
        if not (found := _VALUE.fullmatch(line)):
            self._values = None
            return values or None
        if measure := measure_of(found["value"]):
            values[f"distance_{_QUARTILES.get(found['name'], found['name'])}"] = measure
        return None
