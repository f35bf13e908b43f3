"""The addresses that are for operators and their machines, not for clients."""

from __future__ import annotations

OPERATOR_PATHS = frozenset({"/health", "/ready", "/metrics"})
