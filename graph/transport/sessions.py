"""What the transport needs to know about who is calling; the app provides it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from starlette.requests import HTTPConnection

ContextT_co = TypeVar("ContextT_co", covariant=True)


class Revocation:
    """That the token behind a socket is good no more. Whoever holds the socket asks to be told."""

    __slots__ = ("_act", "_words", "is_set")

    def __init__(self) -> None:
        self.is_set = False
        self._act: Callable[..., None] | None = None
        self._words: tuple[Any, ...] = ()

    def set(self) -> None:
        self.is_set = True
        if self._act is not None:
            self._act(*self._words)

    def tell(self, act: Callable[..., None], *words: Any) -> None:
        """Call this then; at once if it has been revoked before."""
        self._act, self._words = act, words
        if self.is_set:
            act(*words)


class SocketSession(Protocol[ContextT_co]):
    """The person behind one open socket, for as long as it is open."""

    @property
    def user_key(self) -> str:
        """Sockets with the same key share one cap."""

    @property
    def expires_at(self) -> float | None:
        """Unix time at which the token ends; None: never."""

    @property
    def revoked(self) -> Revocation: ...

    async def context(self) -> ContextT_co:
        """A fresh context, for one operation."""

    async def close(self) -> None: ...


class Sessions(Protocol[ContextT_co]):
    """Turns tokens into contexts. A missing token is nobody; a bad one raises domain.errors.Unauthenticated."""

    async def open_http(self, connection: HTTPConnection) -> ContextT_co:
        """The context of one request; the token is in the Authorization header."""

    async def open_socket(self, connection: HTTPConnection, token: str | None) -> SocketSession[ContextT_co]:
        """The session of one socket; the token is what connection_init brought, without `Bearer`."""
