"""What a person should know before any figure of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.evaluations.model import EntryWarning


def warnings_of(look: Mapping[str, Any] | None) -> list[str]:
    """By what was found when it was looked whether the model knows what comes after. None: nobody looked."""
    if look is None:
        return []
    found = {EntryWarning.LOOKS_AHEAD: look["leak"] is not None, EntryWarning.SUSPICIOUS: look["suspicious"]}
    return [warning.value for warning, is_so in found.items() if is_so]
