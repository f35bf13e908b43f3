"""Fields that several sources share."""

from __future__ import annotations

from domain.datasets.forms import Field, FieldKind
from domain.datasets.recipes.kinds.fields import choice

MOST_SYMBOLS = 50


def period(choices: tuple[str, ...], default: str) -> Field:
    return choice(
        "period",
        "Period",
        choices,
        "How long a bar is: s second, m minute, h hour, d day, w week, mo month.",
        default=default,
    )


def symbols(pattern: str, example: str, says: str) -> Field:
    """Names by a strict pattern: they become parts of an address, and nothing else of it is up to a user."""
    return Field(
        name="symbols",
        title="Symbols",
        kind=FieldKind.TEXTS,
        required=True,
        min_items=1,
        max_items=MOST_SYMBOLS,
        pattern=pattern,
        example=example,
        help=says,
    )


START = Field(
    name="start",
    title="From",
    kind=FieldKind.MOMENT,
    required=True,
    help="The first day or time that is wanted, such as 2020-01-31.",
)
END = Field(
    name="end",
    title="Until",
    kind=FieldKind.MOMENT,
    help="The first day or time that is no longer wanted; left out, everything up to now.",
)
