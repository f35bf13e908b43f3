from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.transport.documents import TrustedDocuments
from graph.transport.events import EventStreams
from graph.transport.graphiql import GraphiQLPage, graphiql_assets
from graph.transport.http import GraphQLOverHTTP
from graph.transport.routes import graphql_routes
from graph.transport.shared import Limits, Shared
from graph.transport.sockets import Sockets
from graph.transport.websocket import GraphQLOverWebSocket
from tests.graph.transport.toy import Bench, ToyDocuments, ToySessions, schema
from tests.graph.transport.wire import Stage, Talker, serving


class NamedRequests:
    """Stands in for the middleware that gives requests their ids."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["request_id"] = "req-1"
        await self.app(scope, receive, send)


class World:
    """An app around the toy schema, with everything that a test wants to change or look at."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.sessions = ToySessions(self.bench)
        self.store = ToyDocuments()
        self.sockets = Sockets()
        self.limits = Limits()
        self.trusted_only = False
        self.graphiql = True
        self.now = 1_000_000.0

    def app(self) -> Starlette:
        documents = TrustedDocuments(store=self.store, trusted_only=self.trusted_only, cached=2)
        page = GraphiQLPage() if self.graphiql else None
        shared = Shared(
            schema=schema,
            sessions=self.sessions,
            documents=documents,
            sockets=self.sockets,
            limits=self.limits,
            clock=lambda: self.now,
        )
        http = GraphQLOverHTTP(
            schema=schema,
            sessions=self.sessions,
            documents=documents,
            page=page,
            streams=EventStreams(shared),
        )
        websocket = GraphQLOverWebSocket(shared)
        assets = graphiql_assets() if self.graphiql else None
        routes = graphql_routes(http=http, websocket=websocket, assets=assets)
        return Starlette(routes=routes, middleware=[Middleware(NamedRequests)])


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(world.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers={"accept": "*/*"}) as client:
        yield client


Connect = Callable[..., AbstractAsyncContextManager[Talker]]


@pytest.fixture(scope="session")
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    async with serving(stage) as stage.server:
        yield stage


@pytest.fixture
def connect(world: World, stage: Stage) -> Connect:
    """Open sockets to a real server; the app is made at the first: `async with connect() as talker`."""
    stage.app = None

    def opened(**options: Any) -> AbstractAsyncContextManager[Talker]:
        stage.app = stage.app or world.app()
        return Talker.connect(stage.server.url, **options)

    return opened
