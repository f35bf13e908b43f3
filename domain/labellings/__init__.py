"""Market dynamics: a series is cut into regimes, and a trained agent tested in one of them."""
