"""Tasks, algorithms and their parameters, as clients see them."""
