"""uvicorn's WebSockets, with the loose ends tied. Given to uvicorn as `ws=`."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from graph.transport.waits import Gate, Inbox

_LINGER_S = 2.0


class PromptWebSockets(WebSocketsSansIOProtocol):
    """Lets go of a client that takes nothing, tells one that sends too much why it is closed, and takes less memory."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = Inbox()  # type: ignore[assignment]
        self.writable = Gate()  # type: ignore[assignment]

    def start_keepalive(self) -> None:
        """The handshake is over: its headers would be kept as long as the socket."""
        super().start_keepalive()
        self.request.headers.clear()
        self.response.headers.clear()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """Cut the line when there is still something to send: closing would wait for the client for ever."""
        super().on_task_complete(task)
        if not self.writable.is_set():
            self.transport.abort()

    def handle_parser_exception(self) -> None:
        """Close after a moment in which what still comes is thrown away: unread bytes would wipe out the close code."""
        if self.close_sent:
            return
        closed = self.conn.close_sent
        code, reason = (closed.code, closed.reason) if closed else (1002, "")
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(_LINGER_S, self.transport.close)
