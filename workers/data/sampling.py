"""Picks the few points of a long line that make it look as it does."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


def lttb(times: Numbers, values: Numbers, points: int) -> Places:
    """Largest triangle, three buckets (Steinarsson 2013): of each stretch the point that stands out most."""
    last = len(times) - 1
    edges = np.linspace(1, last, points - 1).astype(np.int64)
    picked = np.empty(points, dtype=np.int64)
    picked[0], picked[-1] = 0, last
    for place in range(points - 2):
        start, end = edges[place], edges[place + 1]
        following = slice(end, edges[place + 2]) if place + 2 < len(edges) else slice(last, last + 1)
        here = picked[place]
        across = times[following].mean() - times[here]
        up = values[following].mean() - values[here]
        areas = np.abs(across * (values[start:end] - values[here]) - (times[start:end] - times[here]) * up)
        picked[place + 1] = start + int(areas.argmax())
    return picked


def min_max(_times: Numbers, values: Numbers, points: int) -> Places:
    """The lowest and the highest point of each stretch: no peak is lost."""
    buckets = points // 2
    starts = np.linspace(0, len(values), buckets + 1).astype(np.int64)
    picked = [
        start + found
        for start, end in pairwise(starts)
        for found in (int(values[start:end].argmin()), int(values[start:end].argmax()))
    ]
    return np.unique(np.asarray(picked, dtype=np.int64))
