"""uvicorn's WebSockets, with the two ends tied that it leaves loose. Given to uvicorn as `ws=`."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_LINGER_S = 2.0


class PromptWebSockets(WebSocketsSansIOProtocol):
    """Lets go of a client that takes nothing, and tells one that sends too much why it is closed."""

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
