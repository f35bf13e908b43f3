"""Whatever the numbers and names are, a picture comes of it, with all words and shapes inside."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
from domain.pictures.styles import REGIMES
from tests.domain.pictures.reading import child, points, words

few = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
numbers = st.floats() | st.floats(-2, 2)
maybe = st.none() | numbers
names = st.text(max_size=12)
looks = st.builds(Look, st.sampled_from(Theme), st.integers(280, 900))
values = st.lists(numbers, max_size=30).map(np.array)
moments = st.integers(-(10**10), 10**10).map(lambda second: np.datetime64(second, "s")) | st.just(
    np.datetime64("NaT", "s")
)
times = st.lists(moments, max_size=30).map(lambda found: np.array(sorted(found), dtype="datetime64[s]"))
curves = st.builds(Curve, names, times, values, st.booleans())


def check(svg: str) -> None:
    root = ET.fromstring(svg)
    wide, high = float(root.get("width", "0")), float(root.get("height", "0"))
    assert child(root, "desc")
    assert not [(x, y) for x, y in points(root) if not (-1 <= x <= wide + 1 and -1 <= y <= high + 1)]
    assert not [said for said in words(root) if said.left < -0.5 or said.right > wide + 0.5 or said.bottom > high]


@few
@given(st.lists(curves, max_size=4), st.lists(curves, max_size=2), looks, names)
def test_curves(given_curves: list[Curve], falls: list[Curve], look: Look, title: str) -> None:
    check(drawing.equity(given_curves, falls, look, title))
    check(drawing.rolling_sharpe(given_curves, look, title))


@few
@given(curves, st.lists(st.builds(Mark, moments, numbers, st.booleans(), maybe), max_size=20), looks)
def test_trades(price: Curve, marks: list[Mark], look: Look) -> None:
    check(drawing.trades(price, marks, look, "T"))


@few
@given(curves, st.lists(st.builds(Stretch, moments, moments, st.sampled_from([*REGIMES, "?"])), max_size=9), looks)
def test_regimes(price: Curve, stretches: list[Stretch], look: Look) -> None:
    check(drawing.regimes(price, stretches, look, "T"))


@few
@given(st.lists(st.builds(Month, st.integers(1990, 2010), st.integers(1, 12), numbers), max_size=40), looks)
def test_months(months: list[Month], look: Look) -> None:
    check(drawing.monthly(months, look, "T"))


@few
@given(times, st.integers(1, 12), st.integers(0, 99), looks)
def test_weights(given_times: np.ndarray, assets: int, seed: int, look: Look) -> None:
    rng = np.random.default_rng(seed)
    table = rng.choice([0.0, 0.3, -0.2, np.nan, np.inf, 1e300, 5e-324], (len(given_times), assets))
    check(drawing.weights(given_times, [f"N{place}" for place in range(assets)], table, look, "T"))


@few
@given(
    st.lists(st.builds(Histogram, names, values.map(np.sort), values.map(np.abs), maybe, st.booleans()), max_size=4),
    looks,
)
def test_histograms(histograms: list[Histogram], look: Look) -> None:
    cut = [
        Histogram(h.name, h.edges, np.resize(h.counts, max(len(h.edges) - 1, 0)), h.value_at_risk) for h in histograms
    ]
    check(drawing.distribution(histograms, look, "T"))
    check(drawing.distribution(cut, look, "T"))


@few
@given(
    st.lists(
        st.builds(Scores, names, st.dictionaries(st.sampled_from(["sharpe", "calmar", "volatility", "omega"]), maybe)),
        max_size=6,
    ),
    looks,
)
def test_scores(scores: list[Scores], look: Look) -> None:
    check(drawing.radar(scores, look, "T"))


@few
@given(
    st.lists(st.builds(Difference, names, names, numbers, numbers, numbers, st.booleans()), max_size=9),
    st.lists(names, max_size=9),
    looks,
)
def test_differences(differences: list[Difference], ranking: list[str], look: Look) -> None:
    check(drawing.comparison(differences, ranking, look, "T"))


@few
@given(
    st.lists(st.builds(Stressed, names, numbers, st.lists(st.builds(Spread, names, maybe, maybe, maybe), max_size=4))),
    looks,
)
def test_stress(scenarios: list[Stressed], look: Look) -> None:
    check(drawing.stress(scenarios[:6], look, "T"))


@few
@given(st.lists(st.builds(Cost, names, numbers, numbers, numbers, st.booleans()), max_size=9), looks)
def test_costs(costs: list[Cost], look: Look) -> None:
    check(drawing.shortfall(costs, look, "T"))


@few
@given(
    st.lists(
        st.builds(
            Fold, moments, moments, moments, moments, st.lists(st.tuples(names, maybe, st.booleans()), max_size=5)
        ),
        max_size=6,
    ),
    looks,
)
def test_folds(folds: list[Fold], look: Look) -> None:
    check(drawing.folds(folds, look, "T"))
