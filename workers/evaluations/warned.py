"""What a person should know before any figure of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from domain.analysis.series import Times
from domain.evaluations.model import EntryWarning
from workers.engines.embedded.registry import symbols_of
from workers.engines.embedded.shapes import Split
from workers.evaluations.request import Request

_SEEN: tuple[Split, ...] = ("train", "valid")
"""Trained on, and chosen by."""


def warnings_of(look: Mapping[str, Any] | None, *, trained_on: bool) -> list[str]:
    """`look` is what was found when it was looked whether the model knows what comes after; None: nobody looked."""
    found = {
        EntryWarning.LOOKS_AHEAD: look is not None and look["leak"] is not None,
        EntryWarning.SUSPICIOUS: look is not None and look["suspicious"],
        EntryWarning.TRAINED_ON: trained_on,
    }
    return [warning.value for warning, is_so in found.items() if is_so]


def bars_seen(card: Mapping[str, Any], request: Request, times: Times) -> int:
    """At how many of these times the model acts on bars of its own training."""
    if card["data"]["sha256"] != request.data_sha256 or _trades_another(card, request.symbol):
        return 0
    # Cards tell whole seconds.
    seconds = times.astype("datetime64[s]")
    parts = [card["market"]["splits"][split] for split in _SEEN]
    within = [(seconds >= _second(part["first"])) & (seconds <= _second(part["last"])) for part in parts]
    return int(np.logical_or.reduce(within).sum())


def _trades_another(card: Mapping[str, Any], symbol: str | None) -> bool:
    if symbol is None or symbols_of(card["task"]) == "all":
        return False
    return symbol not in card["market"]["symbols"]


def _second(text: str) -> np.datetime64:
    return np.datetime64(text.removesuffix("Z"), "s")
