"""What goes on, over a socket (graphql-transport-ws), resuming after whatever breaks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from app.client.api import Api, Refusal, data_of, refusal_of

PROTOCOL = Subprotocol("graphql-transport-ws")
WAITS_S = (0.2, 0.5, 1.0, 2.0, 5.0)
# What a client did wrong; trying again would not help. All other ends are bad luck, also having slept (4408, 4499).
FINAL = frozenset({4400, 4401, 4403, 4409, 4429})
# What the platform says of itself, not of the client.
PASSING = frozenset({"RATE_LIMITED", "UNAVAILABLE"})
_ID = "1"

Pause = Callable[[float], Awaitable[None]]


class Lost(Exception):
    """The socket broke; what was missed is asked for again."""


async def follow(
    api: Api,
    document: str,
    *,
    after: int = 0,
    pause: Pause = asyncio.sleep,
    on_break: Callable[[], None] = lambda: None,
    **variables: Any,
) -> AsyncIterator[dict[str, Any]]:
    """Each item of the document's only subscription, once and in order, until it completes.

    The document takes `$after`, and its items have a `seq` where they have one to go on from. Where it says that
    what comes next is not kept any more, it goes on with what is. `on_break` is called once for each break.
    """
    failures = 0
    while True:
        gone = False
        try:
            async for item in _once(api, document, {**variables, "after": after}):
                failures = 0
                gone = item.get("__typename") == "JobHistoryGone"
                after = item["oldestSeq"] - 1 if gone else max(after, item.get("seq") or 0)
                yield item
        except Lost:
            if not failures:
                on_break()
            await pause(WAITS_S[min(failures, len(WAITS_S) - 1)])
            failures += 1
        else:
            if not gone:
                return


async def _once(api: Api, document: str, variables: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    url = f"{api.url.replace('http', 'ws', 1)}/graphql"
    try:
        async with connect(url, subprotocols=[PROTOCOL], max_size=None) as socket:
            await _say(socket, type="connection_init", payload={"authorization": f"Bearer {api.token}"})
            await _say(socket, id=_ID, type="subscribe", payload={"query": document, "variables": variables})
            async for item in _items(socket):
                yield item
    except ConnectionClosed as closed:
        if closed.rcvd and closed.rcvd.code in FINAL:
            raise Refusal(closed.rcvd.reason, str(closed.rcvd.code)) from closed
        raise Lost from closed
    except InvalidStatus as refused:
        if refused.response.status_code < 500:
            raise Refusal(f"{url} does not speak {PROTOCOL}.", str(refused.response.status_code)) from refused
        raise Lost from refused
    except (OSError, InvalidHandshake, TimeoutError) as broken:
        raise Lost from broken


async def _items(socket: ClientConnection) -> AsyncIterator[dict[str, Any]]:
    """Until the operation completes; that the socket ends before is Lost."""
    async for message in socket:
        told = json.loads(message)
        match told["type"]:
            case "next":
                (item,) = data_of(told["payload"]).values()
                yield item
            case "error":
                refusal = refusal_of(told["payload"][0])
                raise Lost if refusal.code in PASSING else refusal
            case "complete":
                return
            case "ping":
                await _say(socket, type="pong")
    raise Lost


async def _say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))
