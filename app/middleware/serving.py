"""How uvicorn is run, so that the middleware finds what it expects."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from app.middleware.drain import Drain
from app.settings import Settings
from graph.transport.server import PromptWebSockets


def server_config(app: ASGIApp, settings: Settings, **more: Any) -> uvicorn.Config:
    """Logs, proxies and request ids are ours, so uvicorn's own are off."""
    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "http": "httptools",
        "loop": "uvloop",
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "ws": PromptWebSockets,
        # Our own pings know whether a client reads; uvicorn's would close slow readers for good.
        "ws_ping_interval": None,
        "ws_max_size": settings.max_body_bytes,
        "ws_per_message_deflate": False,
        # Longer than nginx keeps an idle connection to us, so that never both ends act at once.
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": settings.shutdown_grace_s,
    }
    return uvicorn.Config(app, **(options | more))


class Server(uvicorn.Server):
    """uvicorn closes sockets with 1012 and waits for what runs; here it also ends event streams and says 503."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._drain.begin()
        await super().shutdown(sockets)
