"""Names that go to the service and come from it. It puts them into paths and shell commands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

CUSTOM = "custom:"

_PLAIN = re.compile(r"[A-Za-z0-9_]{1,64}")
_FULL = re.compile(r"[A-Za-z0-9_]{1,64}:[A-Za-z0-9_]{1,64}")


def upload_name(id: UUID) -> str:
    """The name of a dataset of ours over there: made of nothing that a person wrote."""
    return f"tmw_{id.hex}"


def dataset_file(name: str) -> str:
    if not _PLAIN.fullmatch(name):
        raise ValueError(f"{name!r} is no generated name")
    return f"{name}.csv"


def plain_names(names: Any) -> tuple[str, ...]:
    """Those of one word; whatever else the service lists is not sent back to it."""
    return _matching(_PLAIN, names)


def full_names(names: Any) -> tuple[str, ...]:
    """Those of the form task:name."""
    return _matching(_FULL, names)


def days(of: Any) -> Mapping[str, date]:
    """By dataset. Where no day can be chosen, the service says so in words; such datasets are left out."""
    found: dict[str, date] = {}
    for name, text in of.items() if isinstance(of, dict) else ():
        try:
            found[name] = date.fromisoformat(text)
        except (TypeError, ValueError):
            continue
    return found


def _matching(form: re.Pattern[str], names: Any) -> tuple[str, ...]:
    listed: Iterable[Any] = names if isinstance(names, list) else ()
    return tuple(name for name in listed if isinstance(name, str) and form.fullmatch(name))
