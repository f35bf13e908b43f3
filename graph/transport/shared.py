"""What all sockets of a process share, and what one of them may take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from strawberry import Schema

from graph.transport.documents import TrustedDocuments
from graph.transport.sessions import Sessions
from graph.transport.sockets import Sockets


@dataclass(frozen=True, slots=True)
class Limits:
    """What one socket may take, in seconds and bytes."""

    init_timeout: float = 5.0
    max_operations: int = 100
    max_message_bytes: int = 1_000_000
    ping_every: float = 20.0
    pong_within: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What all sockets of a process share."""

    schema: Schema
    sessions: Sessions[Any]
    documents: TrustedDocuments
    sockets: Sockets
    limits: Limits
    clock: Callable[[], float]
