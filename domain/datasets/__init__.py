"""Datasets: what market data looks like here, what may be done with it, and where it comes from."""
