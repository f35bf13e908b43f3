"""Preprocessing: what a recipe says, done to data."""

from __future__ import annotations

from workers.data.preprocessing.engine import ENGINE, OnProgress, apply

__all__ = ["ENGINE", "OnProgress", "apply"]
