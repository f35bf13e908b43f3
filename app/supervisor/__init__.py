"""Keeps the parts of the platform running side by side, and ends them in order."""
