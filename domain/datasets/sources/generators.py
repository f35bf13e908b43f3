"""The markets that can be made up. They are seeded, of any length, and labelled synthetic wherever they go."""

from __future__ import annotations

from domain.catalogue.model import Rule
from domain.datasets.forms import Field, FieldKind, Form
from domain.datasets.recipes.kinds.fields import choice, integer, number
from domain.datasets.sources.fields import period

_MOST_ROWS = 10_000_000
_MOST_CELLS = 100_000_000

PERIODS = ("1m", "5m", "15m", "30m", "1h", "4h", "1d")
BOOK_PERIODS = ("1s", "5s", "15s", "1m", "5m")

SEED = integer("seed", "Seed", "The same seed gives the same market.", default=7, between=(0, 4_294_967_295))
FIRST = Field(
    name="start",
    title="From",
    kind=FieldKind.MOMENT,
    default="2020-01-01T00:00:00Z",
    help="The time of the first row.",
)
_ROWS_HELP = "How many rows each symbol has."


def _rows(default: int) -> Field:
    return integer("rows", "Rows", _ROWS_HELP, default=default, between=(50, _MOST_ROWS), unit="rows")


def _calendar(default: str) -> Field:
    return choice(
        "calendar",
        "Calendar",
        ("always", "weekdays"),
        "Round the clock, or without Saturday and Sunday.",
        default=default,
    )


def _volatility(default: float) -> Field:
    return number(
        "volatility",
        "Volatility",
        "The standard deviation of a year's log return.",
        default=default,
        between=(0.01, 5),
    )


def _symbol(default: str) -> Field:
    return Field(
        name="symbol",
        title="Symbol",
        kind=FieldKind.TEXT,
        default=default,
        pattern=r"[A-Z][A-Z0-9._-]{0,19}",
        example="SYN",
        help="What the instrument is called.",
    )


def _features(default: int, least: int) -> Field:
    return integer("features", "Features", "How many feature columns there are.", default=default, between=(least, 500))


def _not_too_large(factor: str) -> Rule:
    return Rule(
        ("rows", factor),
        f"rows times {factor} must be at most {_MOST_CELLS:,}",
        lambda values: values["rows"] * values[factor] <= _MOST_CELLS,
    )


REGIMES = Form(
    name="regimes",
    title="Bull, bear and sideways",
    help="One instrument whose trend changes from time to time. The column label_regime says which one rules: "
    "1 bull, 0 sideways, -1 bear.",
    fields=(
        _rows(1_000),
        SEED,
        period(PERIODS, "1d"),
        _calendar("always"),
        FIRST,
        _symbol("SYNTH"),
        number(
            "trend",
            "Trend",
            "The log return of a year of bull; a bear's is the same, downwards.",
            default=1.2,
            between=(0, 20),
        ),
        _volatility(0.5),
        integer(
            "regime_length",
            "Length of a regime",
            "How many rows one lasts on average.",
            default=60,
            between=(2, 100_000),
            unit="rows",
        ),
    ),
)

PLANTED_SIGNAL = Form(
    name="planted_signal",
    title="Planted signal",
    help="One instrument with many features, of which one tells something about the next return and the others "
    "nothing. Who finds it and follows its sign earns the Sharpe ratio that is set, before costs.",
    fields=(
        _rows(3_000),
        SEED,
        period(PERIODS, "1d"),
        _calendar("weekdays"),
        FIRST,
        _symbol("PLANTED"),
        _features(50, 1),
        number("sharpe", "Sharpe ratio", "What the signal is worth in a year.", default=4.0, between=(0, 12)),
        number(
            "persistence",
            "Persistence",
            "How much of a feature is left one row later; a persistent signal is cheap to follow.",
            default=0.9,
            between=(0, 0.999),
        ),
        _volatility(0.2),
    ),
    rules=(_not_too_large("features"),),
)

CORRELATED_ASSETS = Form(
    name="correlated_assets",
    title="Correlated assets",
    help="Several instruments that move with one market and each on its own, so that spreading pays. "
    "What did well lately goes on doing a little better.",
    fields=(
        _rows(1_000),
        SEED,
        period(PERIODS, "1d"),
        _calendar("weekdays"),
        FIRST,
        integer("assets", "Assets", "How many instruments there are.", default=20, between=(2, 500)),
        number("correlation", "Correlation", "Of any two on average.", default=0.4, between=(0, 0.95)),
        number("drift", "Drift", "The log return of a year, on average.", default=0.1, between=(-2, 2)),
        _volatility(0.25),
        number("momentum", "Momentum", "How much lasts of what did well.", default=0.05, between=(0, 0.5)),
    ),
    rules=(_not_too_large("assets"),),
)

ORDER_BOOK = Form(
    name="order_book",
    title="Order book",
    help="One instrument with five levels of bids and asks, trades and volume. Its middle price returns to a hidden "
    "value, and the side with more size tells a little about the next move.",
    fields=(
        _rows(10_000),
        SEED,
        period(BOOK_PERIODS, "1m"),
        _calendar("always"),
        FIRST,
        _symbol("BOOK"),
        number("price", "Price", "The middle price at the beginning.", default=100.0, between=(1, 1_000_000)),
        number(
            "tick", "Tick", "The smallest step of a price, in ten-thousandths of it.", default=1.0, between=(0.1, 10)
        ),
        number(
            "noise", "Noise", "How many ticks the price moves in a row, more or less.", default=1.5, between=(0.1, 20)
        ),
        number(
            "imbalance_effect",
            "Effect of imbalance",
            "How many ticks a usual imbalance moves the price.",
            default=0.4,
            between=(0, 10),
        ),
        number("reversion", "Reversion", "How much of a deviation goes in a row.", default=0.05, between=(0, 0.9)),
    ),
)

NOISE = Form(
    name="noise",
    title="Noise",
    help="One instrument whose price is as likely to rise as to fall, whatever came before. There is nothing to learn: "
    "who earns here has a leak.",
    fields=(
        _rows(3_000),
        SEED,
        period(PERIODS, "1d"),
        _calendar("weekdays"),
        FIRST,
        _symbol("NOISE"),
        _features(10, 0),
        _volatility(0.2),
    ),
    rules=(_not_too_large("features"),),
)

GENERATORS = (REGIMES, PLANTED_SIGNAL, CORRELATED_ASSETS, ORDER_BOOK, NOISE)
