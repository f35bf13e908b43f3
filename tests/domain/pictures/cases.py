"""Awkward data for each picture, by name: drawn by all tests, and by whoever wants to look at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from domain.pictures import drawing
from domain.pictures.data import (
    Cost,
    Curve,
    Difference,
    Fold,
    Histogram,
    Mark,
    Month,
    Scores,
    Spread,
    Stressed,
    Stretch,
)
from domain.pictures.names import Look, PictureKind
from tests.domain.pictures.samples import (
    BASELINES,
    LONG,
    MODELS,
    ODD,
    START,
    costs,
    curves,
    differences,
    fallen,
    fold,
    held,
    histogram,
    holed,
    marks,
    months,
    named,
    price,
    scaled,
    scores,
    sharpes,
    stressed,
    stretches,
    tickers,
    times,
    walk,
)

Case = Callable[[Look], str]


def _equity(given: Sequence[Curve], title: str = "Backtest of PPO momentum on the thirty of the Dow Jones") -> Case:
    return lambda look: drawing.equity(given, fallen(given), look, title)


def equity_cases() -> dict[str, Case]:
    losing = [replace(curve, values=walk(700, 9, -0.004, 0.01)) for curve in curves(1, 0)]
    ruined = [replace(curve, values=np.concatenate((curve.values[:300], np.zeros(400)))) for curve in curves(1, 0)]
    decades = [replace(curve, values=walk(10_000, place, 0.0005)) for place, curve in enumerate(curves(2, 1, 10_000))]
    unknown = [replace(curve, values=np.full(700, np.nan)) for curve in curves(2, 0)]
    return {
        "usual": _equity(curves(1, 2)),
        "nothing": lambda look: drawing.equity([], [], look, "Nothing"),
        "unknown": _equity(unknown),
        "one point": _equity(curves(2, 1, 1)),
        "two points": _equity(curves(1, 0, 2)),
        "100000 points": _equity(curves(1, 1, 100_000, "m")),
        "all losses": _equity(losing),
        "ruin": _equity(ruined),
        "holes": _equity(holed(curves(2, 1))),
        "long names": _equity(named(curves(3, 1), LONG), LONG + " " + LONG),
        "odd names": _equity(named(curves(2, 0), ODD), ODD),
        "money": _equity(scaled(curves(2, 1), 100_000.0)),
        "huge": _equity(scaled(curves(1, 1), 1e14)),
        "tiny": _equity(scaled(curves(1, 1), 1e-9)),
        "infinite": _equity([replace(curves(1, 0)[0], values=np.array([1.0, np.inf, 1e300, -np.inf, 2.0] * 140))]),
        "constant": _equity([replace(curves(1, 0)[0], values=np.ones(700))]),
        "month": _equity(curves(1, 1, 22)),
        "40 years": _equity(decades),
        "minutes": _equity(curves(2, 1, 45, "m")),
        "10 models": _equity(curves(10, 4)),
    }


def _rolling(given: Sequence[Curve]) -> Case:
    return lambda look: drawing.rolling_sharpe(given, look, "Rolling Sharpe ratio, 60 bars")


def rolling_cases() -> dict[str, Case]:
    return {
        "usual": _rolling(sharpes(1, 1)),
        "nothing": _rolling([]),
        "one point": _rolling(sharpes(1, 0, 1)),
        "100000 points": _rolling(sharpes(1, 0, 100_000)),
        "all losses": _rolling([replace(curve, values=curve.values - 20.0) for curve in sharpes(1, 1)]),
        "holes": _rolling(holed(sharpes(2, 0))),
        "long names": _rolling(named(sharpes(2, 1), LONG)),
        "odd names": _rolling(named(sharpes(1, 0), ODD)),
        "10 models": _rolling(sharpes(10, 4)),
    }


def _monthly(given: Sequence[Month]) -> Case:
    return lambda look: drawing.monthly(given, look, "Monthly returns of PPO momentum")


def monthly_cases() -> dict[str, Case]:
    return {
        "usual": _monthly(months(2021, 2024)[3:-2]),
        "nothing": _monthly([]),
        "one point": _monthly([Month(2024, 5, 0.0123)]),
        "all losses": _monthly([replace(month, value=-abs(month.value)) for month in months(2022, 2024)]),
        "unknown": _monthly([replace(month, value=float("nan")) for month in months(2022, 2023)]),
        "holes": _monthly([m for m in months(2018, 2024) if m.month not in {2, 3, 9} and m.year != 2020]),
        "huge": _monthly(months(2022, 2024, 40.0)),
        "tiny": _monthly(months(2022, 2024, 1e-6)),
        "40 years": _monthly(months(1985, 2024)),
        "zero": _monthly([Month(2024, 1, 0.0), Month(2024, 2, -0.0)]),
    }


def _distribution(given: Sequence[Histogram]) -> Case:
    return lambda look: drawing.distribution(given, look, "Returns per bar")


def distribution_cases() -> dict[str, Case]:
    one = np.array([0.001, 0.002])
    return {
        "usual": _distribution([histogram(MODELS[0], 1), histogram(BASELINES[0], 2, 60, True)]),
        "single": _distribution([histogram(MODELS[0], 1)]),
        "nothing": _distribution([]),
        "empty": _distribution([Histogram("PPO", np.zeros(1), np.zeros(0), None)]),
        "one point": _distribution([Histogram("PPO", one, np.array([1.0]), 0.0015)]),
        "100000 points": _distribution([histogram(MODELS[0], 1, 100_000)]),
        "all losses": _distribution([Histogram("PPO", -np.arange(11.0)[::-1] / 100, np.arange(10.0), -0.08)]),
        "unknown": _distribution([replace(histogram("PPO", 1), counts=np.full(60, np.nan))]),
        "long names": _distribution([histogram(LONG, 1), histogram(LONG + "!", 2)]),
        "odd names": _distribution([histogram(ODD, 1)]),
        "huge": _distribution([histogram("PPO", 1, spread=1e9)]),
        "tiny": _distribution([histogram("PPO", 1, spread=1e-12)]),
        "10 models": _distribution([histogram(n, s, 40, s >= 10) for s, n in enumerate((*MODELS, *BASELINES))]),
    }


def _trades(given: Curve, made: Sequence[Mark]) -> Case:
    return lambda look: drawing.trades(given, made, look, "Trades of PPO momentum")


def trades_cases() -> dict[str, Case]:
    return {
        "usual": _trades(price(), marks(price(), 40)),
        "no trades": _trades(price(), []),
        "nothing": _trades(replace(price(0)), []),
        "one point": _trades(price(1), marks(price(1), 1)),
        "100000 points": _trades(price(100_000, "m"), marks(price(100_000, "m"), 20_000)),
        "all losses": _trades(price(), marks(price(), 60, True)),
        "holes": _trades(holed([price()])[0], marks(price(), 30)),
        "long names": _trades(replace(price(), name=LONG), marks(price(), 30)),
        "odd names": _trades(replace(price(), name=ODD), marks(price(), 4)),
        "unknown price": _trades(
            price(), [Mark(START, float("nan"), True, None), Mark(np.datetime64("NaT", "s"), 1.0, True, None)]
        ),
        "huge": _trades(scaled([price()], 1e12)[0], marks(scaled([price()], 1e12)[0], 20)),
        "tiny": _trades(scaled([price()], 1e-10)[0], marks(scaled([price()], 1e-10)[0], 20)),
        "minutes": _trades(price(390, "m"), marks(price(390, "m"), 30)),
    }


def _weights(count: int, names: Sequence[str], table: np.ndarray, step: str = "D") -> Case:
    return lambda look: drawing.weights(times(count, step), names, table, look, "What SARL held")


def weights_cases() -> dict[str, Case]:
    gaps = held(300, 5)
    gaps[60:90] = np.nan
    gaps[150, 2] = np.nan
    return {
        "usual": _weights(300, tickers(5), held(300, 5)),
        "nothing": _weights(0, [], np.empty((0, 0))),
        "no assets": _weights(3, [], np.empty((3, 0))),
        "unknown": _weights(3, tickers(2), np.full((3, 2), np.nan)),
        "one point": _weights(1, tickers(3), held(1, 3)),
        "1 asset": _weights(200, ["AAPL"], held(200, 1)),
        "30 assets": _weights(300, tickers(30), held(300, 30)),
        "shorts": _weights(300, tickers(6), held(300, 6, True)),
        "borrowed": _weights(300, tickers(3), held(300, 3) * 3.0),
        "100000 points": _weights(100_000, tickers(30), held(100_000, 30), "m"),
        "holes": _weights(300, tickers(5), gaps),
        "long names": _weights(300, [LONG, LONG + "2", "C"], held(300, 3)),
        "odd names": _weights(300, [ODD, "B"], held(300, 2)),
        "flat": _weights(300, tickers(2), np.zeros((300, 2))),
    }


def _radar(given: Sequence[Scores]) -> Case:
    return lambda look: drawing.radar(given, look, "PPO momentum beside its baselines")


def radar_cases() -> dict[str, Case]:
    missing = Scores("DQN", {**scores("", 2).values, "sharpe": None, "calmar": float("nan")})
    return {
        "usual": _radar([scores(MODELS[0], 1), scores(BASELINES[0], 2, True)]),
        "nothing": _radar([]),
        "unknown": _radar([Scores("PPO", {"sharpe": None, "beta": 1.0})]),
        "one point": _radar([Scores("PPO", {"sharpe": 1.2})]),
        "two measures": _radar(
            [Scores("PPO", {"sharpe": 1.2, "calmar": 2.0}), Scores("DQN", {"sharpe": 0.2, "calmar": 1.0})]
        ),
        "alone": _radar([scores(MODELS[0], 1)]),
        "missing": _radar([scores(MODELS[0], 1), missing, scores(BASELINES[0], 3, True)]),
        "10 entries": _radar([scores(n, s, s >= 3) for s, n in enumerate((*MODELS[:3], *BASELINES))]),
        "long names": _radar([scores(LONG, 1), scores(LONG + "!", 2), scores("C", 3), scores("D", 4)]),
        "odd names": _radar([scores(ODD, 1), scores("B", 2)]),
        "huge": _radar(
            [Scores("PPO", {"sharpe": 1e9, "sortino": 1e12, "calmar": -1e20, "annual_return": 1e6}), scores("DQN", 1)]
        ),
    }


def _regimes(given: Curve, found: Sequence[Stretch]) -> Case:
    return lambda look: drawing.regimes(given, found, look, "In which market it was")


def regimes_cases() -> dict[str, Case]:
    return {
        "usual": _regimes(price(), stretches(14, 50)),
        "nothing": _regimes(price(0), []),
        "no stretches": _regimes(price(), []),
        "one point": _regimes(price(1), stretches(1, 1)),
        "100000 points": _regimes(price(100_000, "m"), stretches(6_000, 16, "m")),
        "holes": _regimes(holed([price()])[0], stretches(14, 50)[2:9]),
        "long names": _regimes(replace(price(), name=LONG), stretches(14, 50)),
        "odd names": _regimes(replace(price(), name=ODD), [Stretch(START, START, "?"), *stretches(2, 50)]),
        "40 years": _regimes(Curve("SPX", times(14_600), 100 * walk(14_600, 2)), stretches(200, 73)),
    }


def _comparison(found: Sequence[Difference], ranking: Sequence[str]) -> Case:
    return lambda look: drawing.comparison(found, ranking, look, "Who is better, and is it chance?")


def comparison_cases() -> dict[str, Case]:
    all_names = (*MODELS, *BASELINES)
    unknown = Difference("A", "B", float("nan"), float("nan"), float("nan"), False)
    return {
        "usual": _comparison(differences(all_names[:4]), all_names[:4]),
        "nothing": _comparison([], []),
        "one point": _comparison([], ["PPO"]),
        "one pair": _comparison([Difference("PPO", "DQN", 0.1, 0.02, 0.18, True)], ["PPO", "DQN"]),
        "all losses": _comparison([Difference("PPO", "DQN", -0.1, -0.2, -0.02, True)], ["DQN", "PPO"]),
        "holes": _comparison([unknown, Difference("A", "C", 0.1, float("nan"), float("nan"), False)], ["A", "B", "C"]),
        "10 models": _comparison(differences(all_names), all_names),
        "long names": _comparison(differences([LONG, LONG + "2", "C"]), [LONG, LONG + "2", "C"]),
        "odd names": _comparison(differences([ODD, "B"]), [ODD, "B"]),
        "huge": _comparison([Difference("A", "B", 1e9, -1e12, 1e15, False)], ["A", "B"]),
        "tiny": _comparison([Difference("A", "B", 1e-9, 5e-10, 2e-9, True)], ["A", "B"]),
    }


def _stress(given: Sequence[Stressed]) -> Case:
    return lambda look: drawing.stress(given, look, "What if the market had gone badly?")


def stress_cases() -> dict[str, Case]:
    return {
        "usual": _stress(stressed((*MODELS[:2], *BASELINES[:2]), 2)),
        "nothing": _stress([]),
        "no entries": _stress([Stressed("crash", 0.3, [])]),
        "one point": _stress([Stressed("crash", 0.3, [Spread("PPO", -0.2, -0.2, -0.2)])]),
        "all losses": _stress(
            [Stressed("crash", 0.3, [Spread("PPO", -0.4, -0.3, -0.2), Spread("flat", 0.0, 0.0, 0.0, True)])]
        ),
        "holes": _stress([Stressed("crash", 0.3, [Spread("PPO", None, None, None), Spread("DQN", None, -0.1, None)])]),
        "5 models": _stress(stressed((*MODELS[:5], *BASELINES), 5)),
        "long names": _stress(stressed((LONG, "B"), 1)[:2]),
        "odd names": _stress([Stressed(ODD, 1.0, [Spread(ODD, -0.2, 0.1, 0.2)])]),
        "huge": _stress([Stressed("crash", 0.3, [Spread("PPO", -1.0, 1e6, 1e9)])]),
    }


def _shortfall(given: Sequence[Cost]) -> Case:
    return lambda look: drawing.shortfall(given, look, "Implementation shortfall")


def shortfall_cases() -> dict[str, Case]:
    nan = float("nan")
    return {
        "usual": _shortfall(costs(("ETEO", "PD", "TWAP", "VWAP"), 2)),
        "nothing": _shortfall([]),
        "one point": _shortfall([Cost("ETEO", 4.2, 4.2, 4.2)]),
        "unknown": _shortfall([Cost("ETEO", nan, nan, nan)]),
        "holes": _shortfall(
            [Cost("ETEO", 3.1, nan, nan), Cost("PD", nan, nan, nan), Cost("TWAP", -2.0, -4.0, 0.5, True)]
        ),
        "all losses": _shortfall([Cost("ETEO", -3.0, -5.0, -1.0)]),
        "10 models": _shortfall(costs((*MODELS, *BASELINES), 10)),
        "long names": _shortfall(costs((LONG, LONG + "2"), 1)),
        "odd names": _shortfall(costs((ODD, "B"), 1)),
        "huge": _shortfall([Cost("ETEO", 1e7, -1e9, 1e9)]),
    }


def _folds(given: Sequence[Fold]) -> Case:
    return lambda look: drawing.folds(given, look, "Walking forward in steps of 90 days")


def folds_cases() -> dict[str, Case]:
    names = (*MODELS[:1], *BASELINES[:2])
    nowhere = np.datetime64("NaT", "s")
    return {
        "usual": _folds([fold(place, names, 1) for place in range(6)]),
        "nothing": _folds([]),
        "one point": _folds([fold(0, ["PPO"], 1)]),
        "no entries": _folds([fold(0, [], 0), fold(1, [], 0)]),
        "unknown": _folds([replace(fold(0, ["PPO"], 1), entries=[("PPO", None, False)], trained_since=nowhere)]),
        "all losses": _folds([replace(fold(p, [], 0), entries=[("PPO", -0.1 - p / 50, False)]) for p in range(4)]),
        "40 folds": _folds([fold(place, names, 1) for place in range(40)]),
        "10 models": _folds([fold(place, (*MODELS, *BASELINES), 10) for place in range(5)]),
        "long names": _folds([fold(place, (LONG, "B"), 1) for place in range(3)]),
        "odd names": _folds([fold(0, (ODD, "B"), 1)]),
    }


CASES: Mapping[PictureKind, Mapping[str, Case]] = {
    PictureKind.EQUITY: equity_cases(),
    PictureKind.MONTHLY: monthly_cases(),
    PictureKind.ROLLING_SHARPE: rolling_cases(),
    PictureKind.DISTRIBUTION: distribution_cases(),
    PictureKind.TRADES: trades_cases(),
    PictureKind.WEIGHTS: weights_cases(),
    PictureKind.RADAR: radar_cases(),
    PictureKind.REGIMES: regimes_cases(),
    PictureKind.COMPARISON: comparison_cases(),
    PictureKind.STRESS: stress_cases(),
    PictureKind.SHORTFALL: shortfall_cases(),
    PictureKind.FOLDS: folds_cases(),
}
EVERY = [(kind, name) for kind, cases in CASES.items() for name in cases]
