"""The ASGI application: routes, what is behind them, and what runs beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp

from app import health, transfers
from app.about import VERSION
from app.embedded.endpoints import Endpoints
from app.factory import Factory, open_factory
from app.middleware.drain import Drain
from app.middleware.stack import stack
from app.observe import scrape
from app.observe.metrics import Metrics
from app.observe.redaction import Redactor
from app.observe.sampled import Samples
from app.observe.tracing import Tracing, start_tracing
from app.probes import open_jobs, pool_use, waiting_tasks
from app.settings import Settings
from domain.ended import ended
from graph.context import gate
from graph.execution import Limits
from graph.schema import build
from graph.transfers.pictures import PictureDoor
from graph.transfers.routes import picture_routes
from graph.transport.documents import TrustedDocuments
from graph.transport.events import EventStreams
from graph.transport.graphiql import GraphiQLPage, graphiql_assets
from graph.transport.http import GraphQLOverHTTP
from graph.transport.routes import graphql_routes
from graph.transport.shared import Limits as SocketLimits
from graph.transport.shared import Shared
from graph.transport.sockets import Sockets
from graph.transport.websocket import GraphQLOverWebSocket
from persistence.database import UNREACHABLE

SOCKETS_LOOKED_AT_EVERY_S = 4.0
"""How long a change of access that nobody heard of can go unnoticed on an open socket."""


@dataclass(frozen=True, slots=True)
class Served:
    """The application, and the switch that begins its graceful stop."""

    app: ASGIApp
    drain: Drain


@asynccontextmanager
async def open_app(
    settings: Settings,
    endpoints: Endpoints,
    redactor: Redactor,
    *,
    look_every_s: float = SOCKETS_LOOKED_AT_EVERY_S,
) -> AsyncIterator[Served]:
    """Everything behind the door, for as long as the block runs."""
    metrics = Metrics(VERSION)
    tracing = start_tracing(settings, redactor, version=VERSION)
    try:
        async with open_factory(settings, endpoints) as factory, _beside(factory, look_every_s):
            yield Served(app_of(factory, metrics=metrics, tracing=tracing), factory.drain)
    finally:
        tracing.close()


def app_of(factory: Factory, *, metrics: Metrics, tracing: Tracing) -> ASGIApp:
    """The application on top of a factory."""
    # A router alone: what Starlette's class puts around it, the stack does in its own way.
    inner = Router(routes=_routes(factory, metrics))
    return stack(inner, factory.settings, metrics=metrics, drain=factory.drain, tracing=tracing)


@asynccontextmanager
async def _beside(factory: Factory, look_every_s: float) -> AsyncIterator[None]:
    """What goes on all the time beside the requests."""
    tasks = [asyncio.create_task(factory.bell.listen()), asyncio.create_task(_look_at_sockets(factory, look_every_s))]
    try:
        async with factory.live.running():
            yield
    finally:
        await ended(*tasks)


async def _look_at_sockets(factory: Factory, every_s: float) -> None:
    """While the bell is silent, changes of access go unheard: so look."""
    while True:
        await asyncio.sleep(every_s)
        if not factory.bell.hears:
            factory.sessions.check_all()


def _routes(factory: Factory, metrics: Metrics) -> list[BaseRoute]:
    return [
        Route("/", _front_page, methods=["GET"]),
        *health.routes(factory.readiness, version=VERSION),
        *scrape.routes(metrics, _samples(factory, metrics)),
        *transfers.routes(factory.transfers, factory.use.datasets.uploads),
        *picture_routes(PictureDoor(pictures=factory.use.evaluations.pictures, clock=factory.clock)),
        *_graphql(factory, metrics),
    ]


def _graphql(factory: Factory, metrics: Metrics) -> list[BaseRoute]:
    settings = factory.settings
    schema = build(limits(settings), unavailable=UNREACHABLE, on_error=metrics.resolver_error, gate=gate)
    documents = TrustedDocuments(store=factory.documents, trusted_only=settings.trusted_documents_only)
    shows_page = settings.graphiql if settings.graphiql is not None else settings.embedded
    sockets = Sockets(max_sockets=settings.max_sockets, max_per_user=settings.max_sockets_per_user)
    metrics.sockets.set_function(lambda: len(sockets))
    metrics.subscriptions.set_function(lambda: sockets.operations)
    page = GraphiQLPage() if shows_page else None
    shared = Shared(
        schema=schema,
        sessions=factory.sessions,
        documents=documents,
        sockets=sockets,
        limits=SocketLimits(max_message_bytes=settings.max_body_bytes),
        clock=lambda: factory.clock().timestamp(),
    )
    http = GraphQLOverHTTP(
        schema=schema,
        sessions=factory.sessions,
        documents=documents,
        page=page,
        forms=factory.transfers.forms,
        streams=EventStreams(shared),
    )
    assets = graphiql_assets() if shows_page else None
    return graphql_routes(http=http, websocket=GraphQLOverWebSocket(shared), assets=assets)


def limits(settings: Settings) -> Limits:
    """What one operation may ask for."""
    return Limits(
        max_depth=settings.max_depth,
        max_aliases=settings.max_aliases,
        max_root_fields=settings.max_root_fields,
        max_tokens=settings.max_tokens,
        max_cost=settings.max_cost,
        introspection=settings.introspection if settings.introspection is not None else settings.embedded,
    )


def _samples(factory: Factory, metrics: Metrics) -> Samples:
    samples = Samples(metrics)
    samples.database(lambda: pool_use(factory.engine, factory.reader))
    samples.queues(lambda: waiting_tasks(factory.reader))
    samples.jobs(lambda: open_jobs(factory.reader))
    return samples


async def _front_page(_: Request) -> RedirectResponse:
    return RedirectResponse("/graphql")
