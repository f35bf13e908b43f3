"""The whole API behind a real port, with real sockets and real clocks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import httpx

from app.asgi import open_app
from app.embedded.endpoints import Endpoints
from app.middleware import serving
from app.observe.redaction import Redactor
from app.settings import Settings
from tests.graph.transport.wire import Talker, until
from tests.support.api import Api
from tests.support.people import Person


class Server(serving.Server):
    """Leaves signals to the test runner."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    @property
    def port(self) -> int:
        return int(self.servers[0].sockets[0].getsockname()[1])


class Town:
    """A running server and the ways to it."""

    def __init__(self, port: int, client: httpx.AsyncClient) -> None:
        self.port = port
        self.api = Api(client)

    def socket(self, who: Person) -> AbstractAsyncContextManager[Talker]:
        init = {"authorization": f"Bearer {who.token}"}
        return Talker.connect(f"ws://127.0.0.1:{self.port}/graphql", init=init)


@asynccontextmanager
async def a_town(settings: Settings, endpoints: Endpoints, **options: Any) -> AsyncIterator[Town]:
    async with open_app(settings, endpoints, Redactor(), **options) as served:
        server = Server(serving.server_config(served.app, settings, lifespan="off", port=0), served.drain)
        running = asyncio.create_task(server.serve())
        await until(lambda: server.started)
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=10) as client:
                yield Town(server.port, client)
        finally:
            server.should_exit = True
            await running
