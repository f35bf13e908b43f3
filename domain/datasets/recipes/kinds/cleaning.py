"""Steps that change raw data itself: its rows, its gaps, its wrong values."""

from __future__ import annotations

from domain.catalogue.model import Rule
from domain.datasets.columns import ADJUSTED_CLOSE
from domain.datasets.forms import Field, FieldKind, Form, Values
from domain.datasets.recipes.kinds.fields import choice, columns, flag, integer, number, window
from domain.datasets.recipes.model import Group, StepKind

RULES = ("1m", "3m", "5m", "10m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "1w", "1mo")

_RESAMPLE = Form(
    name="resample",
    title="Resample",
    help="Puts short bars together to longer ones: first open, highest high, lowest low, last close, sum of volume. "
    "Of any other column the last value stays. A bar carries the time at which it begins.",
    fields=(choice("rule", "Length of a bar", RULES, "m minute, h hour, d day, w week, mo month.", default="1d"),),
)

_FILL_RULES = ("forward", "zero", "linear", "drop", "keep")
_FILL_GAPS = Form(
    name="fill_gaps",
    title="Fill gaps",
    help="Adds the rows that are missing, if a calendar is chosen, and then fills empty values. "
    "A bar that is added has the last known close as each of its prices.",
    fields=(
        choice(
            "calendar",
            "Calendar",
            ("none", "always", "weekdays", "shared"),
            "Which rows should be there: none adds no rows, always is round the clock, weekdays leaves out Saturday "
            "and Sunday, shared is every time at which any of the symbols has a row. Only between a symbol's own "
            "first and last row.",
        ),
        choice("period", "Period", RULES, "How far the rows of always and weekdays lie apart.", default="1d"),
        Field(
            name="rules",
            title="Rules by column",
            kind=FieldKind.COLUMN_CHOICES,
            choices=_FILL_RULES,
            default={},
            max_items=1_000,
            help="forward takes the last known value; zero writes 0; linear draws a line to the next known value and "
            "so looks ahead; drop removes the row; keep leaves it empty. Volume is zero and all else forward if not "
            "said.",
        ),
        integer(
            "limit",
            "Longest gap",
            "How many rows in a row forward may fill.",
            default=5,
            between=(1, 10_000),
            unit="rows",
        ),
    ),
)

_OUTLIERS = Form(
    name="outliers",
    title="Outliers",
    help="Finds values that lie far from those just before them. Only the past is asked, never the row itself.",
    fields=(
        columns(("close",), "The columns that are looked at.", least=1),
        choice("method", "Method", ("mad", "quantile"), "mad: distance from the median; quantile: below or above."),
        choice("action", "Action", ("clip", "drop"), "clip moves the value to the limit; drop removes the row."),
        window(50, "How many rows before a row say what is usual. The first ones are left alone.", minimum=5),
        number(
            "threshold",
            "Distance",
            "For mad: how many times the usual distance is too far.",
            default=8.0,
            between=(1, 1_000),
        ),
        number("lower", "Lower quantile", "For quantile: below it lie outliers.", default=0.01, between=(0, 1)),
        number("upper", "Upper quantile", "For quantile: above it lie outliers.", default=0.99, between=(0, 1)),
    ),
    rules=(
        Rule(("lower", "upper"), "lower must be less than upper", lambda values: values["lower"] < values["upper"]),
    ),
)

_ADJUST = Form(
    name="adjust",
    title="Adjust prices",
    help="Brings open, high, low and close to the level of adjusted_close, so that splits and dividends are no jumps.",
    fields=(flag("volume", "Volume too", "Divides the volume by the same factor.", default=True),),
)


def _draws_lines(values: Values) -> bool:
    return "linear" in values["rules"].values()


CLEANING = (
    StepKind(form=_RESAMPLE, group=Group.CLEANING),
    StepKind(form=_FILL_GAPS, group=Group.CLEANING, looks_ahead=_draws_lines),
    StepKind(form=_OUTLIERS, group=Group.CLEANING),
    StepKind(form=_ADJUST, group=Group.CLEANING, needs=lambda _: ("close", ADJUSTED_CLOSE)),
)
