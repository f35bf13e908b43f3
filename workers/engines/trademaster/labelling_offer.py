"""What market dynamics a service can label, with which settings, as it says itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from domain.errors import Code, Problem, Refused
from domain.labellings.model import out_of_bounds
from workers.engines.trademaster.answers import Answer
from workers.engines.trademaster.names import days, full_names

_DEFAULTS = (
    "min_length_limit",
    "filter_strength",
    "max_length_expectation",
    "key_indicator",
    "timestamp",
    "tic",
    "labeling_method",
    "merging_metric",
    "merging_threshold",
    "merging_dynamic_constraint",
)
USUAL_REGIMES = 5


@dataclass(frozen=True, slots=True)
class Labelling:
    """What somebody wants labelled. What is None is the service's default."""

    dataset: str
    start: date | None = None
    end: date | None = None
    regimes: int | None = None
    min_length: int | None = None
    filter_strength: int | None = None
    max_length: int | None = None
    merging_threshold: float | None = None
    merging_constraint: int | None = None


@dataclass(frozen=True, slots=True)
class LabellingWords:
    """What is sent, in the service's spelling. Only `LabellingOffer.words` makes these."""

    dataset_name: str
    startDate: str  # noqa: N815
    endDate: str  # noqa: N815
    number_of_market_style: str
    min_length_limit: str
    filter_strength: str
    max_length_expectation: str
    key_indicator: str
    timestamp: str
    tic: str
    labeling_method: str
    merging_metric: str
    merging_threshold: str
    merging_dynamic_constraint: int


@dataclass(frozen=True, slots=True)
class LabellingOffer:
    datasets: tuple[str, ...]
    labels: tuple[int, ...]
    """The regimes that a dynamics test can be run on."""
    regimes: int
    """How many it finds when nothing else is said."""
    starts: Mapping[str, date]
    ends: Mapping[str, date]
    raw: Answer

    @classmethod
    def of(cls, answer: Answer) -> Self:
        return cls(
            datasets=full_names(answer.get("dataset_name")),
            labels=_whole_numbers(answer.get("test_dynamic_number")),
            regimes=next(iter(_whole_numbers(answer.get("number_of_market_style"))), USUAL_REGIMES),
            starts=days(answer.get("start_date")),
            ends=days(answer.get("end_date")),
            raw=answer,
        )

    def defaults(self, dataset: str) -> Mapping[str, Any]:
        """The service's own settings for this dataset, in its spelling; those it does not have are left out."""
        return {name: of[dataset] for name in _DEFAULTS if dataset in (of := _by_dataset(self.raw, name))}

    def words(self, wanted: Labelling) -> LabellingWords:
        """Raises Refused with everything that the service cannot do."""
        if wanted.dataset not in self.datasets:
            known = ", ".join(self.datasets) or "none"
            raise Refused.because(Code.UNKNOWN, f"The service has no such dataset; it has {known}.", "dataset")
        defaults = self.defaults(wanted.dataset)
        if missing := [name for name in _DEFAULTS if name not in defaults]:
            raise Refused.because(Code.INVALID, f"The service names no default for {', '.join(missing)}.", "dataset")
        if problems := [*out_of_bounds(wanted), *self._misdated(wanted)]:
            raise Refused(*problems)
        return self._filled(wanted, defaults)

    def _filled(self, wanted: Labelling, defaults: Mapping[str, Any]) -> LabellingWords:
        start, end = self._days(wanted)
        constraint = wanted.merging_constraint
        return LabellingWords(
            dataset_name=wanted.dataset,
            startDate=start,
            endDate=end,
            number_of_market_style=_or(wanted.regimes, self.regimes),
            min_length_limit=_or(wanted.min_length, defaults["min_length_limit"]),
            filter_strength=_or(wanted.filter_strength, defaults["filter_strength"]),
            max_length_expectation=_or(wanted.max_length, defaults["max_length_expectation"]),
            key_indicator=str(defaults["key_indicator"]),
            timestamp=str(defaults["timestamp"]),
            tic=str(defaults["tic"]),
            labeling_method=str(defaults["labeling_method"]),
            merging_metric=str(defaults["merging_metric"]),
            merging_threshold=_or(wanted.merging_threshold, defaults["merging_threshold"]),
            merging_dynamic_constraint=int(
                defaults["merging_dynamic_constraint"] if constraint is None else constraint
            ),
        )

    def _days(self, wanted: Labelling) -> tuple[str, str]:
        """As chosen, else as offered; an upload has "Not adjustable" there, and that is what it wants to hear."""
        name = wanted.dataset
        start = wanted.start.isoformat() if wanted.start else str(_by_dataset(self.raw, "start_date").get(name, ""))
        end = wanted.end.isoformat() if wanted.end else str(_by_dataset(self.raw, "end_date").get(name, ""))
        return start, end

    def _misdated(self, wanted: Labelling) -> list[Problem]:
        if wanted.start is None and wanted.end is None:
            return []
        first, last = self.starts.get(wanted.dataset), self.ends.get(wanted.dataset)
        if first is None or last is None:
            return [Problem(Code.INVALID, "The days of this dataset cannot be chosen.", ("start",))]
        start, end = wanted.start or first, wanted.end or last
        if not first <= start < end <= last:
            words = f"Choose a start before the end, between {first} and {last}."
            return [Problem(Code.OUT_OF_RANGE, words, ("start" if wanted.start else "end",))]
        return []


def _whole_numbers(listed: Any) -> tuple[int, ...]:
    return tuple(int(text) for text in listed if str(text).isdecimal()) if isinstance(listed, list) else ()


def _by_dataset(raw: Answer, name: str) -> Mapping[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, dict) else {}


def _or(chosen: float | None, default: object) -> str:
    return str(default) if chosen is None else f"{chosen}"
