"""The routes of the GraphQL address."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp

from graph.transport.http import GraphQLOverHTTP
from graph.transport.websocket import GraphQLOverWebSocket


def graphql_routes(
    *, http: GraphQLOverHTTP, websocket: GraphQLOverWebSocket, assets: ASGIApp | None, path: str = "/graphql"
) -> list[BaseRoute]:
    """HTTP and sockets at one path, and below it the files of GraphiQL where it is switched on."""
    routes: list[BaseRoute] = [Route(path, http), WebSocketRoute(path, websocket)]
    if assets is not None:
        routes.append(Mount(f"{path}/assets", assets))
    return routes
