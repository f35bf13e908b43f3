"""Reads a file that a person uploaded, says what is in it and what is wrong, and writes it in canonical form."""

from __future__ import annotations

from workers.data.inspection.inspecting import CANONICAL, REPORT, OnProgress, inspect
from workers.data.inspection.limits import Limits

__all__ = ["CANONICAL", "REPORT", "Limits", "OnProgress", "inspect"]
