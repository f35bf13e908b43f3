"""Small known data of each picture: where exactly it is drawn, and what is told of it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest

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
from domain.pictures.names import Look, Theme
from tests.domain.pictures.reading import SVG, called, child, paths, words

LOOK = Look(Theme.LIGHT, 800)
NARROWER = Look(Theme.LIGHT, 640)
DAYS = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[s]")
NAN = float("nan")
MINUS = "\u2212"
TIMES = "\u00d7"


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def places(root: ET.Element, name: str) -> list[tuple[float, ...]]:
    """Of all rectangles, lines and circles of this class."""
    keys = ("x", "y", "width", "height", "x1", "y1", "x2", "y2", "cx", "cy")
    found = [element for element in root.iter() if called(element) == name and element.tag != SVG + "text"]
    return [tuple(float(element.get(key, "")) for key in keys if element.get(key)) for element in found]


def said(root: ET.Element) -> list[str]:
    return [found.text for found in words(root)]


def test_equity() -> None:
    curve, fall = (Curve("PPO", DAYS, np.array(values)) for values in ([1.0, 1.2, 0.9], [0.0, 0.0, -0.25]))
    root = read(drawing.equity([curve], [fall], LOOK, "Backtest"))
    # 0.9 to 1.2 over 320 pixels, 0 to -30% over 134.4.
    assert paths(root, "line-c0")[0] == "M56.4 289.3l362.8-213.3 362.8 320"
    assert paths(root, "thin-c0") == ["M56.4 438l362.8 0 362.8 112"]
    assert paths(root, "area-c0") == ["M56.4 438l362.8 0 362.8 112V438H56.4Z"]
    assert places(root, "zero") == [(56.4, 289.3, 786, 289.3), (56.4, 438, 786, 438)]
    assert said(root)[:2] == ["Backtest", "What 1 becomes, 1 Jan 2024 \u2013 3 Jan 2024"]
    assert "PPO 0.90" + TIMES in said(root)
    assert child(root, "desc") == (
        f"PPO ends at 0.90{TIMES} ({MINUS}10.0%) on 3 Jan 2024. Its deepest fall is {MINUS}25.0%, on 3 Jan 2024."
    )


def test_equity_in_money_and_of_baselines() -> None:
    values = np.array([100_000.0, 120_000.0, 110_000.0])
    root = read(drawing.equity([Curve("Hold", DAYS, values, True)], [], LOOK, ""))
    assert said(root)[:2] == ["Equity", "Equity in money, 1 Jan 2024 \u2013 3 Jan 2024"]
    assert paths(root, "line-b0")[0] == "M68 396l357-320 357 160"
    assert child(root, "desc") == "Hold ends at 110,000 (+10.0%) on 3 Jan 2024."


def test_equity_over_ten_times_is_in_equal_factors() -> None:
    root = read(drawing.equity([Curve("PPO", DAYS, np.array([1.0, 10.0, 100.0]))], [], LOOK, "T"))
    assert paths(root, "line-c0")[0] == "M52.5 396l364.7-160 364.8-160"
    assert said(root)[1].endswith("each step upwards is an equal factor")


@pytest.mark.parametrize("others", [["Train Demo: DQN on a coin, seed 2"], ["Train Demo: Dyna"]])
def test_names_that_would_look_alike_beside_the_lines_lie_beneath(others: list[str]) -> None:
    """Where there is room for all of each."""
    names = ["Train Demo: DQN on a coin, seed 1", *others]
    alike = read(drawing.equity([Curve(name, DAYS, np.array([1.0, 2.0, 3.0])) for name in names], [], NARROWER, "T"))
    assert said(alike)[-2:] == [f"{name} 3.00{TIMES}" for name in names]


def test_names_that_begin_otherwise_stay_beside_the_lines() -> None:
    names = ["PPO with a name as long as that of another", "DQN with a name as long as that of another"]
    other = read(drawing.equity([Curve(name, DAYS, np.array([1.0, 2.0, 3.0])) for name in names], [], NARROWER, "T"))
    assert said(other)[-4:] == ["PPO with a na\u2026", f"3.00{TIMES}", "DQN with a na\u2026", f"3.00{TIMES}"]


def test_rolling_sharpe() -> None:
    curves = [
        Curve("PPO", DAYS, np.array([1.0, -2.0, 0.5])),
        Curve("Hold", DAYS, np.array([NAN, 2.0, 0.5]), True),
    ]
    root = read(drawing.rolling_sharpe(curves, LOOK, "T"))
    assert paths(root, "line-c0") == ["M38.4 156l326.2 240 326.1-200"]
    assert paths(root, "line-b0") == ["M364.6 76l326.1 120"]
    assert places(root, "zero") == [(38.4, 236, 694.7, 236)]
    assert child(root, "desc").startswith(
        f"PPO ends at 0.50; it is highest at 1.00 on 1 Jan 2024, lowest at {MINUS}2.00 on 2 Jan 2024, and below 0 for "
        "33% of the time. Hold ends at 0.50;"
    )


def test_monthly() -> None:
    months = [Month(2023, 12, -0.1), Month(2024, 1, 0.1), Month(2024, 2, 0.05), Month(2024, 3, NAN)]
    root = read(drawing.monthly(months, LOOK, "T"))
    assert places(root, "heat-5")[0] == (643.1, 93, 51.8, 28)
    assert places(root, "heat5")[0] == (51.2, 123, 51.8, 28)
    # February at half of the limit, and the year at half of three times the limit.
    assert places(root, "heat3")[:2] == [(105, 123, 51.8, 28), (700.9, 123, 84.1, 28)]
    assert len(places(root, "unknown")) == 21
    assert [text for text in said(root) if text in {f"{MINUS}10.0", "10.0", "5.0", "15.5"}] == [
        *[f"{MINUS}10.0"] * 2,
        "10.0",
        "5.0",
        "15.5",
    ]
    assert child(root, "desc") == (
        "3 months, 2 of them with a gain. The best month is Jan 2024 with +10.0%. The worst is Dec 2023 with "
        f"{MINUS}10.0%. By year: 2023 {MINUS}10.0%, 2024 +15.5%."
    )


def test_distribution() -> None:
    given = Histogram("PPO", np.array([-0.02, -0.01, 0.0, 0.01]), np.array([1.0, 1.0, 2.0]), -0.01)
    root = read(drawing.distribution([given], LOOK, "T"))
    assert paths(root, "tail") == ["M22 388v-144h251.5v144z"]
    assert paths(root, "fill-c0") == ["M274 388v-144h251.5v144zM526 388v-288h251.5v288z"]
    assert places(root, "tail-line") == [(274, 100, 274, 388)]
    assert child(root, "desc") == (
        "PPO: the most frequent return of a bar is 0.0% to +1.0%; 50% of bars lose. "
        f"95 of 100 bars are better than {MINUS}1.0%."
    )


def test_trades() -> None:
    marks = [Mark(DAYS[0], 10.0, True, None), Mark(DAYS[1], 20.0, False, -5.0)]
    root = read(drawing.trades(Curve("A", DAYS, np.array([10.0, 20.0, 15.0])), marks, LOOK, "T"))
    # 8 to 22 over 320 pixels.
    assert paths(root, "price") == ["M42.1 350.3l368.9-228.6 369 114.3"]
    assert paths(root, "gain")[0] == "M37.1 361.8h10l-5 -8.5z"
    assert paths(root, "loss-hollow")[0] == "M406 110.2h10l-5 8.5z"
    assert said(root)[-2:] == ["bought 1", "sold, at a loss 1"]
    assert child(root, "desc") == (
        "The price of A goes from 10.00 to 15.00, between 10.00 and 20.00. 1 purchase and 1 sale. "
        "Of 1 trade that closed something 0 made a profit."
    )


def test_trades_on_each_other_are_one_mark() -> None:
    marks = [Mark(DAYS[0], 10.0, True, None)] * 50 + [Mark(DAYS[0], 10.0, False, 1.0)]
    root = read(drawing.trades(Curve("A", DAYS, np.array([10.0, 20.0, 15.0])), marks, LOOK, "T"))
    assert [paths(root, look)[0].count("M") for look in ("gain", "loss")] == [1, 1]
    assert said(root)[-1] == "2 marks stand for 51 trades: one for all that lie on each other."
    assert child(root, "desc").endswith(said(root)[-1])


def test_weights() -> None:
    table = np.array([[0.5, 0.25], [0.5, -0.5], [0.0, 0.0]])
    root = read(drawing.weights(DAYS, ["A", "B"], table, LOOK, "T"))
    # 0 lies at 316, 150% at 76, -50% at 396.
    assert paths(root, "stack-c0") == ["M56.4 236l364.8 0 364.8 80L786 316l-364.8 0 -364.8 0z"]
    assert paths(root, "stack-c1") == [
        "M56.4 196l364.8 40 364.8 80L786 316l-364.8-80 -364.8 0z",
        "M56.4 316l364.8 80 364.8-80L786 316l-364.8 0 -364.8 0z",
    ]
    assert paths(root, "cash") == ["M56.4 156l364.8-80 364.8 80L786 316l-364.8-80 -364.8-40z"]
    assert child(root, "desc") == (
        "A: 0.0% at the end, 33.3% on average, 50.0% at most, on 1 Jan 2024. "
        f"B: 0.0% at the end, {MINUS}8.3% on average, {MINUS}50.0% at most, on 2 Jan 2024. "
        "cash: 100.0% at the end, 75.0% on average, 100.0% at most, on 2 Jan 2024."
    )


def test_the_smallest_weights_are_together() -> None:
    table = np.tile(np.arange(1, 13) / 100, (3, 1))
    root = read(drawing.weights(DAYS, [f"N{place}" for place in range(1, 13)], table, LOOK, "T"))
    assert said(root)[-11:-1] == [*(f"N{place} {place}.0%" for place in range(12, 3, -1)), "3 others 6.0%"]
    assert said(root)[-1] == "cash 22.0%"


def test_radar() -> None:
    scores = [
        Scores("PPO", {"sharpe": 1.0, "volatility": 0.2, "max_drawdown": -0.1}),
        Scores("Hold", {"sharpe": 0.5, "volatility": 0.1, "max_drawdown": -0.3}, True),
    ]
    root = read(drawing.radar(scores, LOOK, "T"))
    # The rim of three spokes, and a fifth of it; of volatility less is better.
    assert paths(root, "ring")[2] == "M214.7 106.0L325.6 298.1L103.8 298.1Z"
    assert paths(root, "line-c0")[0] == "M214.7 106.0L325.6 298.1L192.5 246.9Z"
    assert paths(root, "line-b0")[0] == "M214.7 208.5L236.9 246.9L103.8 298.1Z"
    assert child(root, "desc").startswith(
        f"PPO: Sharpe 1.00, Max drawdown {MINUS}10.0%, Volatility 20.0%. "
        f"Hold: Sharpe 0.50, Max drawdown {MINUS}30.0%, Volatility 10.0%. Each measure from the worst"
    )


def test_a_radar_leaves_out_what_is_missing_and_who_is_too_many() -> None:
    some = {"sharpe": 1.0, "calmar": 2.0, "sortino": 3.0, "omega": None}
    scores = [Scores("Hold", some, True), *(Scores(name, {**some, "sharpe": None}) for name in "ABCD")]
    root = read(drawing.radar(scores, LOOK, "T"))
    assert "Hold" not in said(root)
    assert "Sharpe" not in said(root)
    assert "The first 4 of 5 entries." in said(root)[1]


def test_names_that_have_no_room_over_their_columns_stand_beneath() -> None:
    names = [f"Train DQN on a coin, daily, with {count} layers" for count in "123"]
    scores = [Scores(name, {"sharpe": 1.0, "volatility": 0.2, "max_drawdown": -0.1}) for name in names]
    words = said(read(drawing.radar(scores, LOOK, "T")))
    assert words[-3:] == [f"{letter}: {name}" for letter, name in zip("ABC", names, strict=True)]
    assert [word for word in words if word in {"A", "B", "C"}] == ["A", "B", "C"]


def test_ruin_is_not_the_best_of_what_lost() -> None:
    """Of what lost, the ratio to the deepest fall is the nearer to 0, the deeper that was."""
    ruined = Scores("Ruined", {"annual_return": -1.0, "max_drawdown": -1.0, "sharpe": -1.0, "calmar": -1.0})
    lost = Scores("Lost", {"annual_return": -0.3, "max_drawdown": -0.2, "sharpe": -0.5, "calmar": -1.5})
    gained = Scores("Gained", {"annual_return": 0.3, "max_drawdown": -0.2, "sharpe": 0.5, "calmar": 1.5})
    assert "Calmar" not in said(read(drawing.radar([ruined, lost], LOOK, "T")))
    root = read(drawing.radar([ruined, lost, gained], LOOK, "T"))
    # On the last spoke, both are as far in as it goes.
    assert {path[:-1].rsplit("L", 1)[1] for key in ("line-c0", "line-c1") for path in paths(root, key)[:1]} == {
        "189.1 234.1"
    }


def test_regimes() -> None:
    stretches = [Stretch(DAYS[0], DAYS[1], "rising_calm"), Stretch(DAYS[1], DAYS[2], "falling_wild")]
    root = read(drawing.regimes(Curve("A", DAYS, np.array([10.0, 20.0, 15.0])), stretches, LOOK, "T"))
    assert paths(root, "price") == ["M36.1 396l374.9-320 375 160"]
    assert paths(root, "rising_calm") == ["M36.1 76h374.9v320h-374.9z"]
    assert paths(root, "falling_wild") == ["M411 76h375v320h-375z"]
    assert said(root)[-2:] == ["rising, calm 50.0%", "falling, wild 50.0%"]
    assert child(root, "desc").endswith("2 stretches of regimes; of the time: rising, calm 50.0%, falling, wild 50.0%.")


def test_comparison() -> None:
    differences = [Difference("PPO", "Hold", 0.1, 0.05, 0.2, True), Difference("A", "B", -0.1, -0.2, 0.1, False)]
    root = read(drawing.comparison(differences, ["PPO", "Hold"], LOOK, "T"))
    assert places(root, "zero") == [(344.1, 72, 344.1, 120)]
    assert (places(root, "range-c0"), places(root, "fill-c0")) == ([(405.3, 84, 589, 84)], [(466.6, 84)])
    assert (places(root, "faint-b0"), places(root, "hollow-b0")) == ([(99.2, 108, 466.6, 108)], [(221.6, 108)])
    assert said(root)[-1] == "By mean return: 1. PPO, 2. Hold."
    assert child(root, "desc") == (
        "PPO earns 10.0% a year more than Hold, 95% interval +5.0% to +20.0%: more than chance explains. "
        f"A earns 10.0% a year less than B, 95% interval {MINUS}20.0% to +10.0%: chance may explain it. "
        "By mean return: 1. PPO, 2. Hold."
    )


def test_stress() -> None:
    spreads = [Spread("PPO", -0.2, -0.1, 0.1), Spread("Hold", -0.1, -0.1, -0.1, True)]
    root = read(drawing.stress([Stressed("crash", 0.3, spreads)], LOOK, "T"))
    assert (places(root, "range-c0"), places(root, "fill-c0")) == ([(54.4, 108, 589, 108)], [(232.6, 108)])
    assert (places(root, "faint-b0"), places(root, "hollow-b0")) == ([], [(232.6, 132)])
    assert child(root, "desc") == (
        f"Crash: prices fall by 30%: PPO {MINUS}10.0% ({MINUS}20.0% to +10.0%); Hold {MINUS}10.0%."
    )


@pytest.mark.parametrize(
    ("scenario", "strength", "heading"),
    [
        ("crash", 0.3, "Crash: prices fall by 30%"),
        ("gap", 0.125, "Gap: prices open 12.5% lower"),
        ("volatility", 2.0, "Volatility: moves 2 times as large"),
        ("drought", 5.5, "Drought: trading 5.5 times as dear, little volume"),
        ("costs", 3.0, "Costs: 3 times as high"),
        ("reversal", 1.0, "Reversal: all moves the other way"),
        ("bootstrap", 20.0, "Shuffled: blocks of about 20 bars"),
        ("any_other", 1.0, "Any other"),
        ("{strange}", 1.0, "{strange}"),
        ("crash", NAN, "Crash"),
    ],
)
def test_scenarios_are_told_with_their_strength(scenario: str, strength: float, heading: str) -> None:
    root = read(drawing.stress([Stressed(scenario, strength, [Spread("A", 0.0, 0.1, 0.2)])], LOOK, "T"))
    assert heading in said(root)


def test_shortfall() -> None:
    root = read(drawing.shortfall([Cost("ETEO", 4.0, 2.0, 6.0), Cost("TWAP", 8.0, 8.0, 8.0, True)], LOOK, "T"))
    assert (places(root, "range-c0"), places(root, "fill-c0")) == ([(210, 84, 505.2, 84)], [(357.6, 84)])
    assert places(root, "hollow-b0") == [(652.7, 108)]
    assert child(root, "desc") == (
        "ETEO costs 4.0 bps (2.0 to 6.0). TWAP costs 8.0 bps (8.0 to 8.0). The cheapest is ETEO."
    )


def test_folds() -> None:
    fold = Fold(DAYS[1], DAYS[2], DAYS[0], DAYS[1], [("PPO", 0.1, False), ("Hold", -0.1, True)])
    root = read(drawing.folds([fold], LOOK, "T"))
    assert places(root, "trained")[0] == (29, 82, 178.2, 10)
    assert places(root, "tested")[0] == (207.3, 82, 178.2, 10)
    assert places(root, "fill-c0")[0] == (774, 84)
    assert places(root, "hollow-b0")[0] == (433.5, 90)
    assert said(root)[-2:] == ["PPO median +10.0%", f"Hold median {MINUS}10.0%"]
    assert child(root, "desc") == (
        "1 fold, tested from 2 Jan 2024 to 3 Jan 2024. "
        f"Fold 1, tested 2 Jan 2024 to 3 Jan 2024: PPO +10.0%, Hold {MINUS}10.0%."
    )
