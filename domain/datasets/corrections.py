"""What a person says about the form of a file: bounded and fit to be kept. Whether it fits the file, reading tells."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from domain.datasets.report import Correction
from domain.errors import Code, Refused
from domain.text import Problems, readable

LONGEST = 200
MOST_ROLES = 100
MOST_LINES = 1_000


def clean_correction(correction: Correction) -> Correction:
    """Refuses what no file could have, each with its field."""
    with Problems() as problems:
        for name, value in _texts(correction).items():
            problems.take(_bounded, value, "correction", name)
        problems.take(_clean_header, correction.header_row)
        roles = problems.take(_clean_roles, correction.roles)
    return replace(correction, roles=roles)


def _texts(correction: Correction) -> dict[str, str]:
    values = {field.name: getattr(correction, field.name) for field in fields(correction)}
    return {name: value for name, value in values.items() if isinstance(value, str)}


def _bounded(value: str, *path: str) -> str:
    # A delimiter may be a tab, so this is no clean_text; a NUL cannot be kept.
    if len(value) > LONGEST:
        raise Refused.because(Code.TOO_LONG, f"This may have at most {LONGEST} characters.", *path)
    if "\x00" in value or any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        raise Refused.because(Code.INVALID, "This has characters that cannot be kept. Remove them.", *path)
    return value


def _clean_header(row: int | None) -> None:
    if row is not None and not 0 <= row <= MOST_LINES:
        message = f"The line with the names is 1 to {MOST_LINES:,}; 0 says that the file has none."
        raise Refused.because(Code.OUT_OF_RANGE, message, "correction", "headerRow")


def _clean_roles(roles: dict[str, Any]) -> dict[str, str]:
    path = ("correction", "roles")
    if len(roles) > MOST_ROLES:
        raise Refused.because(Code.TOO_LONG, f"There are at most {MOST_ROLES} roles.", *path)
    for role, column in roles.items():
        place = (*path, readable(str(role)))
        if not isinstance(column, str):
            raise Refused.because(Code.INVALID, "A role leads to the name of a column.", *place)
        _bounded(role, *place)
        _bounded(column, *place)
    return roles
