"""Histograms of returns."""

from __future__ import annotations

import numpy as np

from domain.analysis.distribution import BINS, edges_of, histogram


def test_all_have_the_same_edges() -> None:
    edges = edges_of([np.linspace(-0.1, 0.0, 1_001), np.linspace(0.0, 0.3, 1_001)])
    assert len(edges) == BINS + 1
    np.testing.assert_allclose((edges[0], edges[-1]), (-0.0999, 0.2997))


def test_what_lies_beyond_counts_with_the_outermost() -> None:
    told = histogram(np.array([-9.0, -0.05, 0.0, 0.05, 9.0, np.nan]), np.array([-0.1, 0.0, 0.1]))
    assert told == {"edges": [-0.1, 0.0, 0.1], "counts": [2, 3]}


def test_one_wild_period_leaves_room_for_the_others() -> None:
    calm = np.tile([-0.01, 0.01], 5_000)
    edges = edges_of([np.append(calm, -0.9)])
    assert edges[0] == -0.01
    assert histogram(np.append(calm, -0.9), edges)["counts"][0] == 5_001


def test_what_never_moved_has_one_bin() -> None:
    for series in (np.zeros(10), np.array([0.0]), np.full(3, 0.02)):
        edges = edges_of([series])
        assert histogram(series, edges)["counts"] == [len(series)]
    empty = edges_of([np.array([]), np.array([np.nan])])
    assert histogram(np.array([]), empty)["counts"] == [0]
