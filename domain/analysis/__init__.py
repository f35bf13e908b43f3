"""Measures of a series of returns: one definition each, with its formula.

A return is simple, r = p1/p0 - 1, one for each period; NaN is a period of which nothing is known, and is left out. A
measure that has no meaning, such as the Sharpe ratio of returns that never differ, is None; never NaN, never infinite.
`per_year` is how many periods a year has: 252, 365, or counted (`calendar`).
"""
