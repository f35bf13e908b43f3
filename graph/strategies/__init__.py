"""Strategies, their versions and templates, as clients see them."""
