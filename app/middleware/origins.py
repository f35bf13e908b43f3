"""Lets browser front ends on other origins call the API."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from app.errors import CannotStart

_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?|\*")
_READABLE = ("X-Request-Id", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy")
_READABLE_TOO = ("RateLimit", "Retry-After", "Server-Timing")
_OF_FILES = ("Upload-Offset", "Upload-Complete", "Upload-Limit", "Content-Range", "Content-Disposition", "ETag")
_TWO_HOURS = 7200


def cross_origin(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Without credentials: we know people by their bearer token, never by a cookie."""
    return CORSMiddleware(
        app,
        allow_origins=[_checked(origin) for origin in origins],
        allow_methods=("GET", "HEAD", "PATCH", "POST", "PUT"),
        allow_headers=("*",),
        expose_headers=_READABLE + _READABLE_TOO + _OF_FILES,
        max_age=_TWO_HOURS,
    )


def _checked(text: str) -> str:
    origin = text.rstrip("/").lower()
    if not _ORIGIN.fullmatch(origin):
        raise CannotStart(
            f"TMW_CORS_ORIGINS holds {text!r}, which is no origin.",
            "Write scheme, host and port only, such as https://app.example.org or http://localhost:3000.",
        )
    return origin
