"""The ASGI endpoint for WebSockets: the handshake, and a Socket for whoever passes it."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from graph.transport.answers import encode
from graph.transport.faults import Fault, FaultCode, request_id
from graph.transport.messages import PROTOCOL
from graph.transport.negotiation import Media
from graph.transport.shared import Shared
from graph.transport.socket import Socket


class GraphQLOverWebSocket:
    """Serves graphql-transport-ws and refuses every other sub-protocol before the socket opens."""

    def __init__(self, shared: Shared) -> None:
        self._sockets = shared.sockets
        self._shared = shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        if fault := self._refusal(scope):
            await _deny(scope, send, fault)
            return
        socket = Socket(shared=self._shared, scope=scope, receive=receive, send=send)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101
        self._sockets.add(socket, task)
        try:
            await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
            await socket.run()
        except OSError:
            # The client left in the middle of the handshake.
            return
        finally:
            self._sockets.remove(socket, socket.user_key)

    def _refusal(self, scope: Scope) -> Fault | None:
        if PROTOCOL not in scope["subprotocols"]:
            return Fault.bad_input(f"The only sub-protocol is {PROTOCOL}.")
        if not self._sockets.has_room():
            message = "There are too many sockets just now. Try again in a moment."
            return Fault(FaultCode.RATE_LIMITED, message, status=503, headers={"retry-after": "5"})
        return None


async def _deny(scope: Scope, send: Send, fault: Fault) -> None:
    """Answer the handshake with a plain HTTP response where the server can, else with its 403."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close"})
        return
    body = encode({"errors": [fault.formatted(request_id(scope))]})
    headers = [(b"content-type", Media.JSON.value), (b"content-length", b"%d" % len(body))]
    headers += [(name.encode(), value.encode()) for name, value in fault.headers.items()]
    await send({"type": "websocket.http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
