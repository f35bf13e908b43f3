"""Trained agents: what they are, what made them, how far they have come."""
