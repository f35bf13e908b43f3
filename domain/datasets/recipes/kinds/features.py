"""Features made of prices: TradeMaster's set, returns, volatility, and the state of an order book."""

from __future__ import annotations

from domain.datasets.columns import ADJUSTED_CLOSE, BAR, BOOK_LEVELS
from domain.datasets.forms import Field, FieldKind, Form, Values
from domain.datasets.recipes.kinds.fields import LONGEST_WINDOW, choice, column, columns, flag, integer, window
from domain.datasets.recipes.model import Group, StepKind


def _rows(name: str, title: str, says: str, *, default: tuple[int, ...], minimum: int) -> Field:
    return Field(
        name=name,
        title=title,
        kind=FieldKind.INTEGERS,
        default=default,
        min_items=1,
        max_items=20,
        minimum=minimum,
        maximum=LONGEST_WINDOW,
        unit="rows",
        help=says,
    )


_TRADEMASTER = Form(
    name="trademaster_features",
    title="TradeMaster's features",
    help="zopen, zhigh, zlow and zadjcp: distance from the close; zclose: change of the close; zd_n: distance of the "
    "mean of the last n prices from the last of them. Without adjusted_close the close stands in for it.",
    fields=(
        _rows("windows", "Windows", "The n of each zd_n.", default=(5, 10, 15, 20, 25, 30), minimum=2),
        choice(
            "average_of",
            "Mean of",
            (ADJUSTED_CLOSE, "close"),
            "The price that zd_n is made of.",
        ),
    ),
)

_RETURNS = Form(
    name="returns",
    title="Returns",
    help="The relative change of a column since some rows ago.",
    fields=(
        columns(("close",), "The columns whose change is wanted.", least=1),
        _rows(
            "periods",
            "Rows back",
            "Since how many rows ago. Several make several columns.",
            default=(1,),
            minimum=1,
        ),
        flag("log", "Logarithmic", "The logarithm of the ratio in place of the ratio less one."),
    ),
)

_VOLATILITY = Form(
    name="volatility",
    title="Volatility",
    help="The standard deviation of the log returns in a window.",
    fields=(
        column("The price that is read."),
        window(20, minimum=3),
        integer(
            "per_year",
            "Rows per year",
            "1 leaves it per row; 252 or 365 makes it annual.",
            default=1,
            between=(1, 1_000_000),
        ),
    ),
)

_BOOK = Form(
    name="book_features",
    title="Order book features",
    help="book_spread: best ask less best bid over the middle; book_imbalance_n: bid size less ask size over both, "
    "summed to level n; book_tilt: where the size-weighted price lies from the middle.",
    fields=(
        integer(
            "levels",
            "Levels",
            "How deep the imbalance is taken.",
            default=BOOK_LEVELS,
            between=(1, BOOK_LEVELS),
        ),
    ),
)


def _trademaster_columns(values: Values) -> tuple[str, ...]:
    return ("zopen", "zhigh", "zlow", "zadjcp", "zclose", *(f"zd_{rows}" for rows in values["windows"]))


def return_name(name: str, rows: int, *, log: bool) -> str:
    """return_1 for the close, volume_return_1 for another column."""
    stem = f"{'log_return' if log else 'return'}_{rows}"
    return stem if name == "close" else f"{name}_{stem}"


def _return_columns(values: Values) -> tuple[str, ...]:
    return tuple(return_name(name, rows, log=values["log"]) for name in values["columns"] for rows in values["periods"])


def _volatility_column(values: Values) -> tuple[str, ...]:
    stem = f"volatility_{values['window']}"
    return (stem if values["column"] == "close" else f"{values['column']}_{stem}",)


_PER_LEVEL = ("price", "size")


def book_columns(levels: int) -> tuple[str, ...]:
    sides = [(f"bid_{what}_{level}", f"ask_{what}_{level}") for level in range(1, levels + 1) for what in _PER_LEVEL]
    return tuple(name for pair in sides for name in pair)


def _book_made(values: Values) -> tuple[str, ...]:
    imbalances = (f"book_imbalance_{level}" for level in range(1, values["levels"] + 1))
    return ("book_spread", "book_tilt", *imbalances)


FEATURES = (
    StepKind(form=_TRADEMASTER, group=Group.FEATURES, needs=lambda _: BAR, makes=_trademaster_columns),
    StepKind(form=_RETURNS, group=Group.FEATURES, makes=_return_columns),
    StepKind(form=_VOLATILITY, group=Group.FEATURES, makes=_volatility_column),
    StepKind(form=_BOOK, group=Group.FEATURES, needs=lambda values: book_columns(values["levels"]), makes=_book_made),
)
