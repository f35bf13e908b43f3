"""Settings for the command line: read once, and refused in words that name the variable but never its value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.errors import CannotStart

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from app.settings import Settings


def load(**given: object) -> Settings:
    """Settings out of the environment and `.env`; what is given and not None wins."""
    from pydantic import ValidationError  # noqa: PLC0415
    from pydantic_settings import SettingsError  # noqa: PLC0415

    from app.settings import Settings  # noqa: PLC0415

    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**chosen)
    except ValidationError as problem:
        raise BadSettings(_lines(problem.errors(include_input=False, include_url=False))) from None
    except (SettingsError, OSError, UnicodeDecodeError) as problem:
        raise CannotStart(f"The settings cannot be read: {problem}.", "Compare .env with .env.example.") from None


class BadSettings(CannotStart):
    """One line for each setting that is wrong."""

    def __init__(self, lines: Iterable[str]) -> None:
        super().__init__("\n".join(lines), "\nWhat each setting means: .env.example")


def _lines(errors: Iterable[ErrorDetails]) -> Iterable[str]:
    for error in errors:
        name = str(error["loc"][0]) if error["loc"] else "settings"
        # The message of a check of ours may quote the value, which may be a secret.
        said = error["msg"] if error["type"] != "value_error" else "this value is not accepted"
        yield f"TMW_{name.upper()}: {said[0].lower()}{said[1:]}."
