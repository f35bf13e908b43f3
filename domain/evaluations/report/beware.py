"""Why not to believe what came out."""

from __future__ import annotations

from collections.abc import Iterator

from domain.evaluations.model import EntryWarning
from domain.evaluations.report import words
from domain.evaluations.told import Told

_LEAK = "Asked again with the future cut off, it decided otherwise. No figure of it can be trusted."
_SUSPICION = (
    "The same decisions carried out one bar later would earn so much less that a column of the data may tell the "
    "future. See which, before you believe these figures."
)
_SYNTHETIC = "The market was made up by a generator. It shows how a model behaves, not what it would earn."
_SEEN = (
    "Some or all of the bars are those of its training, TRAIN and VALID, which flatters it: the figures say little of "
    "bars that it has not seen. Judge it on TEST, or on other data."
)


def warnings(told: Told) -> Iterator[tuple[str, str]]:
    """What is wrong, and what it means."""
    if caught := told.warned(EntryWarning.LOOKS_AHEAD):
        yield f"{_names(told, caught)} looks ahead.", _LEAK
    if suspected := told.warned(EntryWarning.SUSPICIOUS):
        yield f"{_names(told, suspected)} is suspected of knowing what it should not.", _SUSPICION
    if told.parameters.get("dataset", {}).get("data_type") == "synthetic":
        yield "Synthetic data.", _SYNTHETIC
    if seen := told.warned(EntryWarning.TRAINED_ON):
        yield f"Trained on these bars: {_names(told, seen)}.", _SEEN


def _names(told: Told, keys: list[str]) -> str:
    return words.listed([told.name(key) for key in keys])
