"""Steps that say what a training is about: labels, parts, scales, and which columns stay."""

from __future__ import annotations

from domain.catalogue.model import Rule
from domain.datasets.columns import LABEL_PREFIX, SPLIT
from domain.datasets.forms import Field, FieldKind, Form, Values
from domain.datasets.forms.checks import moment
from domain.datasets.recipes.kinds.fields import choice, column, columns, flag, integer, number
from domain.datasets.recipes.model import Group, StepKind

_LABEL = Form(
    name="label",
    title="Label",
    help="What the price does next: a target to learn from, and never a feature. The last rows of a symbol have none, "
    "nor has a row whose future lies in another part of the data.",
    fields=(
        choice("what", "What", ("return", "log_return", "sign"), "The size of the coming change, or only its sign."),
        integer("horizon", "Horizon", "How many rows ahead.", default=1, between=(1, 5_000), unit="rows"),
        number(
            "dead_zone",
            "Dead zone",
            "For sign: a change no larger than this counts as 0.",
            default=0.0,
            between=(0, 1),
        ),
        column("The price that is followed."),
    ),
)


def _date(name: str, title: str, says: str) -> Field:
    return Field(name=name, title=title, kind=FieldKind.MOMENT, help=says)


def _dates_grow(values: Values) -> bool:
    if values["by"] != "dates" or not (values["valid_from"] and values["test_from"]):
        return True
    return moment(values["valid_from"]) < moment(values["test_from"])


_SHARE = (0.01, 0.98)
_SPLIT = Form(
    name="split",
    title="Split",
    help="Cuts the data by time into train, valid and test, in this order and never shuffled, in a column named split.",
    fields=(
        choice("by", "By", ("fractions", "dates"), "Cut at fractions of the times, or at dates."),
        number(
            "train",
            "Train",
            "For fractions: the share of the times that is for training.",
            default=0.7,
            between=_SHARE,
        ),
        number(
            "valid",
            "Valid",
            "For fractions: the share that comes next. The rest is for testing.",
            default=0.15,
            between=_SHARE,
        ),
        _date("valid_from", "Valid from", "For dates: the time at which valid begins."),
        _date("test_from", "Test from", "For dates: the time at which test begins."),
        integer(
            "purge",
            "Purge gap",
            "How much is removed from the end of train and of valid.",
            default=0,
            between=(0, 100_000),
        ),
        choice("purge_unit", "Unit of the gap", ("rows", "minutes", "hours", "days"), "What the purge gap counts."),
        choice(
            "warm_up",
            "Warm-up rows",
            ("drop", "keep"),
            "The first rows of a symbol have too little past for the windows. They leave before the cut, or stay with "
            "empty features; they are never filled.",
        ),
    ),
    rules=(
        Rule(
            ("train", "valid", "by"),
            "train and valid must leave something for test",
            lambda values: values["by"] != "fractions" or values["train"] + values["valid"] < 1 - 1e-9,
        ),
        Rule(
            ("valid_from", "test_from", "by"),
            "valid_from and test_from are needed to split by dates",
            lambda values: values["by"] != "dates" or bool(values["valid_from"] and values["test_from"]),
        ),
        Rule(("valid_from", "test_from", "by"), "valid_from must come before test_from", _dates_grow),
    ),
)

_NORMALISE = Form(
    name="normalise",
    title="Normalise",
    help="Brings columns to one scale. The scale is measured on the training part alone and kept in the manifest.",
    fields=(
        choice("method", "Method", ("zscore", "minmax", "robust"), "robust uses the median and the quartiles."),
        columns((), "The columns to be scaled; all features if none is named."),
        flag("per_symbol", "Per symbol", "Each symbol has a scale of its own.", default=True),
        Field(
            name="suffix",
            title="Suffix",
            kind=FieldKind.TEXT,
            pattern=r"[a-z0-9_]{0,20}",
            example="_scaled",
            default="",
            help="Put behind the name of the scaled column; without it the column itself is changed.",
        ),
    ),
)

_SELECT = Form(
    name="select",
    title="Select columns",
    help="Keeps these columns, and time, symbol and split.",
    fields=(columns((), "The columns that stay.", least=1, required=True),),
)
_DROP = Form(
    name="drop",
    title="Drop columns",
    help="Removes columns. time and symbol always stay.",
    fields=(columns((), "The columns that go.", least=1, required=True),),
)
_RENAME = Form(
    name="rename",
    title="Rename columns",
    help="Gives columns other names. A label stays a label.",
    fields=(
        Field(
            name="names",
            title="Names",
            kind=FieldKind.COLUMN_NAMES,
            required=True,
            min_items=1,
            max_items=1_000,
            help="The old name of each column, and its new one.",
        ),
    ),
)


def _label_column(values: Values) -> tuple[str, ...]:
    stem = f"{LABEL_PREFIX}{values['what']}_{values['horizon']}"
    return (stem if values["column"] == "close" else f"{stem}_of_{values['column']}",)


SHAPE = (
    StepKind(form=_LABEL, group=Group.LABEL, makes=_label_column, looks_ahead=lambda _: True),
    StepKind(form=_SPLIT, group=Group.SPLIT, makes=lambda _: (SPLIT,)),
    StepKind(form=_NORMALISE, group=Group.SCALING, needs=lambda _: (SPLIT,)),
    StepKind(form=_SELECT, group=Group.COLUMNS),
    StepKind(form=_DROP, group=Group.COLUMNS),
    StepKind(form=_RENAME, group=Group.COLUMNS),
)
