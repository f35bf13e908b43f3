"""The fake as a server: `python -m tests.support.trademaster.program PORT`, or within a test."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from tests.support.trademaster.fake import FakeTradeMaster


@asynccontextmanager
async def served(fake: FakeTradeMaster) -> AsyncIterator[str]:
    """Its address, on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(fake.app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1))
    # Not `serve`, which would take the signals of the tests.
    serving = asyncio.create_task(server._serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


if __name__ == "__main__":
    uvicorn.run(FakeTradeMaster().app, port=int(sys.argv[1]))
