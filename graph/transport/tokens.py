"""The token in an Authorization header, or in what takes its place on a socket."""

from __future__ import annotations

from domain.errors import Unauthenticated


def bearer(value: object) -> str | None:
    """The token without `Bearer`; None when nothing was sent. Another scheme is a client's mistake, not nobody."""
    if value is None:
        return None
    scheme, _, token = value.partition(" ") if isinstance(value, str) else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()
