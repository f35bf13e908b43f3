"""Evaluations, as clients see them."""
