"""How a call to the service can go wrong."""

from __future__ import annotations


class Unreachable(Exception):
    """No usable answer: it is away, broken, too slow, or not a TradeMaster service. Asking later may help."""

    def __init__(self, message: str, *, heard: bool = True) -> None:
        super().__init__(message)
        self.message = message
        self.heard = heard
        """Whether the service may have got the call, and may be doing what it asks for."""


class Declined(Exception):
    """The service understood and said no. Asking again would not help."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SessionLost(Exception):
    """The service does not know this session."""
