"""Why not to believe what came out."""

from __future__ import annotations

from collections.abc import Iterator

from domain.evaluations.model import EntryWarning, EvaluationKind
from domain.evaluations.report import words
from domain.evaluations.told import Told

_LEAK = "Asked again with the future cut off, it decided otherwise. No figure of it can be trusted."
_SUSPICION = (
    "The same decisions carried out one bar later would earn so much less that a column of the data may tell the "
    "future. See which, before you believe these figures."
)
_SYNTHETIC = "The market was made up by a generator. It shows how a model behaves, not what it would earn."
_SEEN = "The models were made on these very bars, so the figures say nothing of bars that they have not seen."
_OVERLAP = (
    "A period was named, or all of the data, and no part of it. Some of these bars may be those that the models were "
    "trained on, which flatters them. Judge them on TEST, or on other data."
)


def warnings(told: Told) -> Iterator[tuple[str, str]]:
    """What is wrong, and what it means."""
    if caught := told.warned(EntryWarning.LOOKS_AHEAD):
        yield f"{_names(told, caught)} looks ahead.", _LEAK
    if suspected := told.warned(EntryWarning.SUSPICIOUS):
        yield f"{_names(told, suspected)} is suspected of knowing what it should not.", _SUSPICION
    if told.parameters.get("dataset", {}).get("data_type") == "synthetic":
        yield "Synthetic data.", _SYNTHETIC
    if (part := told.parameters.get("split")) in {"train", "valid"}:
        yield f"Judged on the {part} part of the data.", _SEEN
    if part is None and _is_own(told):
        yield "Judged on data that it was trained on.", _OVERLAP


def _is_own(told: Told) -> bool:
    """In a walk-forward, nobody acts on what he was trained on."""
    if told.evaluation.kind is EvaluationKind.WALK_FORWARD:
        return False
    return any(model.get("trained_on_it") for model in told.parameters["models"])


def _names(told: Told, keys: list[str]) -> str:
    return words.listed([told.name(key) for key in keys])
