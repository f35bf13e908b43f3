"""The addresses that are for operators and their machines, and those that are secrets."""

from __future__ import annotations

from app.observe.redaction import HIDDEN
from domain.evaluations.pictures.links import PICTURE_PATH
from domain.transfers import DOWNLOAD_PATH, UPLOAD_PATH

OPERATOR_PATHS = frozenset({"/health", "/ready", "/metrics"})


def shown(path: str) -> str:
    """The path as a log may have it: whoever knows the rest of these could use it."""
    for prefix in (UPLOAD_PATH, DOWNLOAD_PATH, PICTURE_PATH):
        if path.startswith(prefix):
            return prefix + HIDDEN
    return path
