"""Whose request it is, on each line of its log."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from structlog.typing import EventDict, WrappedLogger

_NOTHING: Mapping[str, Any] = {}
current_state: ContextVar[Mapping[str, Any]] = ContextVar("current_state", default=_NOTHING)
"""The state of the scope of this request. The app inside puts `user_id` there once it knows."""


def add_user(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A processor."""
    user_id = current_state.get().get("user_id")
    if user_id is not None:
        event.setdefault("user_id", str(user_id))
    return event
