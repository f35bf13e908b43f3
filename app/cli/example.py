"""The text of .env.example, made from the settings."""

from __future__ import annotations

import textwrap
from enum import Enum

from pydantic.fields import FieldInfo

from app.settings import Settings

HEAD = """\
# Copy this file to .env and take the # away from the lines that you change.
# The same names work as environment variables, which win over .env.
"""


def env_example() -> str:
    return "\n".join([HEAD, *(_entry(name, field) for name, field in Settings.model_fields.items())])


def _entry(name: str, field: FieldInfo) -> str:
    meaning = textwrap.fill(field.description or "", 118, initial_indent="# ", subsequent_indent="# ")
    return f"{meaning}\n# TMW_{name.upper()}={_text(field.default)}\n"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(_text(part) if isinstance(part, str) else _named(*part) for part in value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value.value) if isinstance(value, Enum) else str(value)


def _named(name: str, value: str) -> str:
    return f"{name}={value}" if name else value
