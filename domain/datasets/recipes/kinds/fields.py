"""Fields that several kinds of steps share."""

from __future__ import annotations

from domain.datasets.forms import Field, FieldKind

LONGEST_WINDOW = 5_000


def window(default: int, *, name: str = "window", title: str = "Window", minimum: int = 2, help: str = "") -> Field:
    return Field(
        name=name,
        title=title,
        kind=FieldKind.INTEGER,
        default=default,
        minimum=minimum,
        maximum=LONGEST_WINDOW,
        unit="rows",
        help=help or "How many rows, this one and those before it, one value is made of.",
    )


def integer(
    name: str, title: str, default: int, minimum: int, maximum: int, help: str, unit: str | None = None
) -> Field:
    return Field(
        name=name,
        title=title,
        kind=FieldKind.INTEGER,
        default=default,
        minimum=minimum,
        maximum=maximum,
        unit=unit,
        help=help,
    )


def number(name: str, title: str, default: float, minimum: float, maximum: float, help: str) -> Field:
    return Field(
        name=name,
        title=title,
        kind=FieldKind.NUMBER,
        default=default,
        minimum=minimum,
        maximum=maximum,
        help=help,
    )


def choice(name: str, title: str, choices: tuple[str, ...], help: str, default: str | None = None) -> Field:
    return Field(
        name=name,
        title=title,
        kind=FieldKind.CHOICE,
        choices=choices,
        default=default or choices[0],
        help=help,
    )


def flag(name: str, title: str, help: str, *, default: bool = False) -> Field:
    return Field(name=name, title=title, kind=FieldKind.BOOLEAN, default=default, help=help)


def column(help: str = "The column that is read.") -> Field:
    return Field(name="column", title="Column", kind=FieldKind.COLUMN, default="close", help=help)


def columns(default: tuple[str, ...], help: str, *, least: int = 0, required: bool = False) -> Field:
    return Field(
        name="columns",
        title="Columns",
        kind=FieldKind.COLUMNS,
        default=default,
        required=required,
        min_items=least,
        max_items=1_000,
        help=help,
    )
