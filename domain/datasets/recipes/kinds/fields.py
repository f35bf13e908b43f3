"""Fields that several kinds of steps share."""

from __future__ import annotations

from domain.datasets.forms import Field, FieldKind

LONGEST_WINDOW = 5_000
_WINDOW = "How many rows, this one and those before it, one value is made of."


def window(
    default: int, says: str = _WINDOW, *, name: str = "window", title: str = "Window", minimum: int = 2
) -> Field:
    return integer(name, title, says, default=default, between=(minimum, LONGEST_WINDOW), unit="rows")


def integer(
    name: str, title: str, says: str, *, default: int, between: tuple[int, int], unit: str | None = None
) -> Field:
    return Field(
        name=name,
        title=title,
        kind=FieldKind.INTEGER,
        default=default,
        minimum=between[0],
        maximum=between[1],
        unit=unit,
        help=says,
    )


def number(name: str, title: str, says: str, *, default: float, between: tuple[float, float]) -> Field:
    return Field(
        name=name,
        title=title,
        kind=FieldKind.NUMBER,
        default=default,
        minimum=between[0],
        maximum=between[1],
        help=says,
    )


def choice(name: str, title: str, choices: tuple[str, ...], says: str, *, default: str | None = None) -> Field:
    """The first choice is the default if none is given."""
    return Field(
        name=name,
        title=title,
        kind=FieldKind.CHOICE,
        choices=choices,
        default=default or choices[0],
        help=says,
    )


def flag(name: str, title: str, says: str, *, default: bool = False) -> Field:
    return Field(name=name, title=title, kind=FieldKind.BOOLEAN, default=default, help=says)


def column(says: str = "The column that is read.") -> Field:
    return Field(name="column", title="Column", kind=FieldKind.COLUMN, default="close", help=says)


def columns(default: tuple[str, ...], says: str, *, least: int = 0, required: bool = False) -> Field:
    return Field(
        name="columns",
        title="Columns",
        kind=FieldKind.COLUMNS,
        default=default,
        required=required,
        min_items=least,
        max_items=1_000,
        help=says,
    )
