"""The process of the API."""

from __future__ import annotations

import gc
from urllib.parse import unquote, urlsplit

import uvloop

from app.asgi import open_app
from app.embedded.endpoints import Endpoints
from app.middleware.serving import Server, server_config
from app.observe.logging import configure_logging
from app.observe.redaction import Redactor
from app.settings import Settings


def run(settings: Settings, endpoints: Endpoints) -> None:
    """Until SIGTERM or SIGINT. Neither Postgres nor Redis need answer yet."""
    redactor = configure_logging(settings)
    for url in (endpoints.database_url, endpoints.read_database_url or "", endpoints.redis_url):
        redactor.hide(unquote(urlsplit(url).password or ""))
    uvloop.run(_serve(settings, endpoints, redactor))


async def _serve(settings: Settings, endpoints: Endpoints, redactor: Redactor) -> None:
    async with open_app(settings, endpoints, redactor) as served:
        server = Server(server_config(served.app, settings, lifespan="off"), served.drain)
        _calm_the_collector()
        await server.serve()


def _calm_the_collector() -> None:
    """What was loaded so far lives as long as the process: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 50)
