"""Datasets, saved recipes, and what data can be made of, as clients see them."""
