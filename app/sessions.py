"""From a request or a socket to the context its operations run in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any
from weakref import WeakSet

from starlette.requests import HTTPConnection

from app.middleware.proxies import canonical
from app.viewers import Known, Viewers, same_person
from domain.errors import Unauthenticated, Unavailable
from domain.viewer import Origin, Viewer
from domain.work import AccessChanged
from graph.context import Context
from graph.transport.sessions import Revocation

ContextMaker = Callable[[Viewer, MutableMapping[str, Any]], Context]


class AppSessions:
    """Implements graph.transport.sessions.Sessions."""

    def __init__(self, *, viewers: Viewers, make_context: ContextMaker) -> None:
        self._viewers = viewers
        self._make_context = make_context
        self._open: WeakSet[AppSocketSession] = WeakSet()
        self._checks: set[asyncio.Task[None]] = set()

    async def open_http(self, connection: HTTPConnection) -> Context:
        origin = origin_of(connection)
        known = await self._viewers.behind(bearer(connection.headers.get("authorization")), origin)
        facts = connection.scope["state"]
        facts["user_id"] = known.viewer.user_id
        return self._make_context(known.viewer, facts)

    async def open_socket(self, connection: HTTPConnection, token: str | None) -> AppSocketSession:
        known = await self._viewers.behind(token, origin_of(connection))
        connection.scope["state"]["user_id"] = known.viewer.user_id
        session = AppSocketSession(known, token, self._make_context)
        self._open.add(session)
        return session

    def changed(self, change: AccessChanged) -> None:
        """Look again at the sockets of somebody whose access changed."""
        for session in list(self._open):
            if session.viewer.user_id == change.user_id:
                self._check_soon(session)

    def check_all(self) -> None:
        """Look again at every socket: changes may have gone unheard."""
        for session in list(self._open):
            if session.viewer.user_id is not None:
                self._check_soon(session)

    def _check_soon(self, session: AppSocketSession) -> None:
        task = asyncio.create_task(self._check(session))
        for waiting in (self._checks, session.checks):
            waiting.add(task)
            task.add_done_callback(waiting.discard)

    async def _check(self, session: AppSocketSession) -> None:
        try:
            known = await self._viewers.behind(session.token, session.viewer.origin)
        except Unauthenticated:
            session.revoked.set()
            return
        except Unavailable:
            # Nothing is known just now; the next look will tell.
            return
        if not same_person(known.viewer, session.viewer):
            session.viewer = known.viewer


class AppSocketSession:
    """Implements graph.transport.sessions.SocketSession."""

    __slots__ = ("__weakref__", "_make_context", "checks", "expires_at", "revoked", "token", "viewer")

    def __init__(self, known: Known, token: str | None, make_context: ContextMaker) -> None:
        self.viewer = known.viewer
        self.token = token
        self.expires_at = known.expires_at
        self.revoked = Revocation()
        self.checks: set[asyncio.Task[None]] = set()
        self._make_context = make_context

    @property
    def user_key(self) -> str:
        return str(self.viewer.user_id or self.viewer.origin.address)

    async def context(self) -> Context:
        """With the rights of now: a change that was heard of before is looked at first."""
        if self.checks:
            await asyncio.wait(self.checks)
        if self.revoked.is_set:
            raise Unauthenticated
        return self._make_context(self.viewer, {})

    async def close(self) -> None:
        return


def origin_of(connection: HTTPConnection) -> Origin:
    state = connection.scope.setdefault("state", {})
    agent = connection.headers.get("user-agent", "")[:200]
    return Origin(canonical(state.get("client_address", "")), agent, state.get("request_id", ""))


def bearer(header: str | None) -> str | None:
    """The token of an Authorization header. Another scheme is a client's mistake, not nobody."""
    if not header:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send the token as: Authorization: Bearer TOKEN")
    return token.strip()
