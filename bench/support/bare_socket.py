"""The physical limit for sockets: Starlette forwards what Redis says, as it is, to whoever is connected.

It knows no viewer, no cursor and no log; one pub/sub connection for all, and a queue for each socket.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

PREFIX = "bare:"
queues: defaultdict[str, set[asyncio.Queue[str]]] = defaultdict(set)


async def forward(redis: Redis) -> None:
    async with redis.pubsub() as channel:
        await channel.psubscribe(f"{PREFIX}*")
        async for message in channel.listen():
            if message["type"] == "pmessage":
                # Several messages may come in one, a line each, as the events of a batch do.
                texts = message["data"].decode().split("\n")
                for queue in queues[message["channel"].decode().removeprefix(PREFIX)]:
                    for text in texts:
                        queue.put_nowait(text)


async def sockets(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol="graphql-transport-ws")
    subject = websocket.path_params["subject"]
    queue: asyncio.Queue[str] = asyncio.Queue()
    queues[subject].add(queue)
    try:
        while True:
            await websocket.send_text(await queue.get())
    except WebSocketDisconnect:
        queues[subject].discard(queue)


async def ready(_: Request) -> Response:
    return Response()


def app(url: str) -> Starlette:
    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(forward(Redis.from_url(url)))
        yield
        task.cancel()

    return Starlette(routes=[Route("/", ready), WebSocketRoute("/{subject}", sockets)], lifespan=life)


if __name__ == "__main__":
    uvicorn.run(
        app(os.environ["BENCH_REDIS_URL"]),
        port=int(os.environ["BENCH_PORT"]),
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        access_log=False,
        log_level="warning",
        # Nobody tells a handler that waits for Redis that its client has gone.
        timeout_graceful_shutdown=1,
    )
