"""Strategies: what to trade and how, in versions that never change."""
