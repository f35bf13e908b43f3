"""Technical indicators, as TA-Lib computes them."""

from __future__ import annotations

from collections.abc import Callable

from domain.catalogue.model import Rule
from domain.datasets.forms import Field, Form, Values
from domain.datasets.recipes.kinds.fields import column, flag, number, window
from domain.datasets.recipes.model import Group, StepKind

RELATIVE = flag(
    "relative",
    "Relative",
    "Divides by the price that is read, so that the value means the same at any price. Averages and bands become a "
    "distance from it.",
)
_FAST = window(12, name="fast", title="Fast window")
_SLOW = window(26, name="slow", title="Slow window")
_ORDER = Rule(("fast", "slow"), "fast must be less than slow", lambda values: values["fast"] < values["slow"])
_LADDER = Rule(
    ("short", "middle", "long"),
    "short, middle and long must grow",
    lambda values: values["short"] < values["middle"] < values["long"],
)


def _named(name: str, fields: tuple[Field, ...], parts: tuple[str, ...]) -> Callable[[Values], tuple[str, ...]]:
    """Names such as sma_20, sma_20_relative, sma_20_of_volume or bbands_20_2_upper."""

    def names(values: Values) -> tuple[str, ...]:
        numbers = [f"{values[field.name]:g}" for field in fields if field.name not in {"column", "relative"}]
        stem = "_".join((name, *numbers))
        of = values.get("column", "close")
        stem += "" if of == "close" else f"_of_{of}"
        stem += "_relative" if values.get("relative") else ""
        return tuple(f"{stem}_{part}" if part else stem for part in parts)

    return names


def _indicator(
    name: str,
    title: str,
    says: str,
    *fields: Field,
    inputs: tuple[str, ...] = (),
    parts: tuple[str, ...] = ("",),
    rules: tuple[Rule, ...] = (),
) -> StepKind:
    """Without fixed inputs it reads the one column that is chosen."""
    all_fields = fields if inputs else (column(), *fields)
    return StepKind(
        form=Form(name=name, title=title, help=says, fields=all_fields, rules=rules),
        group=Group.INDICATOR,
        needs=lambda _: inputs,
        makes=_named(name, all_fields, parts),
    )


_HLC = ("high", "low", "close")
_HLCV = (*_HLC, "volume")

INPUTS: dict[str, tuple[str, ...]] = {
    "stoch": _HLC,
    "willr": _HLC,
    "cci": _HLC,
    "adx": _HLC,
    "aroon": ("high", "low"),
    "atr": _HLC,
    "natr": _HLC,
    "ultosc": _HLC,
    "obv": ("close", "volume"),
    "ad": _HLCV,
    "adosc": _HLCV,
    "mfi": _HLCV,
}
"""What is read, in TA-Lib's order. An indicator that is not here reads the column of its field."""

INDICATORS = (
    _indicator("sma", "Simple moving average", "The mean of the window.", window(20), RELATIVE),
    _indicator("ema", "Exponential moving average", "Newer rows count more.", window(20), RELATIVE),
    _indicator("wma", "Weighted moving average", "Weights fall evenly with age.", window(20), RELATIVE),
    _indicator("dema", "Double exponential average", "Follows faster than ema.", window(20), RELATIVE),
    _indicator("tema", "Triple exponential average", "Follows faster than dema.", window(20), RELATIVE),
    _indicator("kama", "Adaptive moving average", "Fast in trends, slow in noise.", window(30), RELATIVE),
    _indicator(
        "macd",
        "MACD",
        "A fast average less a slow one, an average of that (signal), and their difference (histogram).",
        _FAST,
        _SLOW,
        window(9, name="signal", title="Signal window", minimum=1),
        RELATIVE,
        parts=("", "signal", "histogram"),
        rules=(_ORDER,),
    ),
    _indicator("ppo", "Percentage price oscillator", "MACD in percent.", _FAST, _SLOW, rules=(_ORDER,)),
    _indicator("rsi", "Relative strength index", "Gains against losses, 0 to 100.", window(14)),
    _indicator(
        "bbands",
        "Bollinger bands",
        "An average, and bands at some standard deviations around it.",
        window(20),
        number(
            "deviations",
            "Deviations",
            "How many standard deviations away the bands lie.",
            default=2.0,
            between=(0.1, 10),
        ),
        RELATIVE,
        parts=("upper", "middle", "lower"),
    ),
    _indicator("mom", "Momentum", "The change since some rows ago.", window(10, minimum=1), RELATIVE),
    _indicator("roc", "Rate of change", "The change since some rows ago, in percent.", window(10, minimum=1)),
    _indicator("trix", "TRIX", "The change of a triple average, in percent.", window(30, minimum=1)),
    _indicator(
        "stoch",
        "Stochastic oscillator",
        "Where the close lies between the lowest low and the highest high, 0 to 100.",
        window(5, name="fast_k", title="Range"),
        window(3, name="slow_k", title="Smoothing of k", minimum=1),
        window(3, name="slow_d", title="Smoothing of d", minimum=1),
        inputs=INPUTS["stoch"],
        parts=("k", "d"),
    ),
    _indicator("willr", "Williams %R", "The stochastic upside down, -100 to 0.", window(14), inputs=INPUTS["willr"]),
    _indicator("cci", "Commodity channel index", "Distance from the mean price.", window(14), inputs=INPUTS["cci"]),
    _indicator("adx", "Average directional index", "How strong a trend is.", window(14), inputs=INPUTS["adx"]),
    _indicator(
        "aroon",
        "Aroon",
        "How long ago the low and the high of the window were, 0 to 100.",
        window(14),
        inputs=INPUTS["aroon"],
        parts=("down", "up"),
    ),
    _indicator("atr", "Average true range", "The usual range of a bar.", window(14), RELATIVE, inputs=INPUTS["atr"]),
    _indicator("natr", "Normalised true range", "ATR in percent of the close.", window(14), inputs=INPUTS["natr"]),
    _indicator(
        "ultosc",
        "Ultimate oscillator",
        "Buying pressure over three windows, 0 to 100.",
        window(7, name="short", title="Short window"),
        window(14, name="middle", title="Middle window"),
        window(28, name="long", title="Long window"),
        inputs=INPUTS["ultosc"],
        rules=(_LADDER,),
    ),
    _indicator("obv", "On-balance volume", "Volume added up, with the sign of the change.", inputs=INPUTS["obv"]),
    _indicator("ad", "Accumulation line", "Volume added up by where bars close.", inputs=INPUTS["ad"]),
    _indicator(
        "adosc",
        "Accumulation oscillator",
        "A fast average of the accumulation line less a slow one.",
        window(3, name="fast", title="Fast window"),
        window(10, name="slow", title="Slow window"),
        inputs=INPUTS["adosc"],
        rules=(_ORDER,),
    ),
    _indicator("mfi", "Money flow index", "RSI weighted by volume, 0 to 100.", window(14), inputs=INPUTS["mfi"]),
)
